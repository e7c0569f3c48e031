"""Customers: found by account, telephone number or name; and all that there is about one."""

from typing import Any, Final
from uuid import UUID

from bot.api.conversations import list_conversations
from bot.api.customers import list_customers, show_customer
from bot.api.payments import record_payment
from bot.api.subscriptions import list_subscriptions
from bot.api.tickets import list_tickets
from bot.api.timeline import show_timeline
from bot.console.invoices import invoices_of
from bot.console.readers import Listing, Reader, argument, arguments
from bot.console.sections import PEOPLE, Section
from domain.shown_meters import meters_of

customers = Section()

_SOME: Final = 10
_MOMENTS: Final = 20


@customers.page("/customers", title="console.customers", template="customers.html", menu=PEOPLE)
def customer_list(reader: Reader) -> dict[str, Any]:
    """List customers: by the number of their account, their telephone number, or how their name begins."""
    asked = argument("search")
    return {"found": _search(reader, asked) if asked else reader.listing(list_customers)}


def _search(reader: Reader, asked: str) -> Listing[Any]:
    """Return who is meant: an account first, then a telephone number, then a name."""
    found: Listing[Any] = Listing(())
    for name in ("account_no", "phone", "name"):
        if name == "phone" and not any(map(str.isdigit, asked)):
            continue
        found = reader.listing(list_customers, {**arguments(list_customers), name: asked})
        if found.items:
            break
    reader.status = 422 if found.errors else 200
    return found


@customers.page("/customers/<uuid:customer_id>", title="console.customer", template="customer.html")
def customer_page(reader: Reader, customer_id: UUID) -> dict[str, Any]:
    """Show a customer: who they are, what they have, and what happened."""
    customer = reader.ask(show_customer, customer_id=customer_id)
    theirs = {"limit": _SOME, "customer_id": customer_id}
    return {
        "customer": customer,
        "may_take": reader.may(record_payment),
        "meters": meters_of(reader.call.visit(), customer_id, _SOME),
        "invoices": invoices_of(reader, customer_id, _SOME),
        "subscriptions": reader.listing(list_subscriptions, theirs).items,
        "tickets": reader.listing(list_tickets, theirs).items,
        "conversations": reader.listing(list_conversations, theirs).items,
        "moments": reader.listing(
            show_timeline, {"limit": _MOMENTS, "cursor": argument("cursor")}, customer_id=customer_id
        ),
    }
