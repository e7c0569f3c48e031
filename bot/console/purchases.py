"""Purchases of electricity, and their tokens."""

from typing import Any, Final
from uuid import UUID

from bot.api.customers import show_customer
from bot.api.purchases import list_purchases, refund_purchase, show_purchase
from bot.api.tokens import list_tokens
from bot.console.readers import Reader
from bot.console.sections import MONEY, Section
from bot.problems import Problem
from domain.purchases.states import PURCHASE_STATES
from domain.staff import ADMIN, AGENT

purchases = Section()

_ONE: Final = "/purchases/<uuid:purchase_id>"
# From where its money may be asked back.
_RETURNABLE: Final = frozenset({"paid", "vending", "in_doubt"})


@purchases.page("/purchases", title="console.purchases", template="purchases.html", menu=MONEY)
def purchase_list(reader: Reader) -> dict[str, Any]:
    """List purchases, the newest first."""
    return {"found": reader.listing(list_purchases), "states": PURCHASE_STATES}


@purchases.page(_ONE, title="console.purchase", template="purchase.html")
def purchase_page(reader: Reader, purchase_id: UUID) -> dict[str, Any]:
    """Show a purchase, and for who may see them its tokens."""
    shown = reader.ask(show_purchase, purchase_id=purchase_id)
    tokens = reader.listing(list_tokens, {"purchase_id": purchase_id}).items if reader.may(list_tokens) else []
    return {
        "shown": shown,
        "tokens": tokens,
        "customer": reader.ask(show_customer, customer_id=shown.customer_id),
        "may_refund": shown.state in _RETURNABLE and not shown.refund_asked_at and reader.may(refund_purchase),
    }


@purchases.page(f"{_ONE}/refund", title="console.refund_purchase", template="purchase_refund.html", role=ADMIN)
def refund_purchase_page(reader: Reader, purchase_id: UUID) -> dict[str, Any]:
    """Ask why the money goes back."""
    shown = reader.ask(show_purchase, purchase_id=purchase_id)
    if shown.state not in _RETURNABLE and reader.form is None:
        raise Problem(409, "illegal_transition", f"a purchase that is {shown.state} can't be given back")
    return {"shown": shown}


@purchases.page("/tokens", title="console.tokens", template="tokens.html", menu=MONEY, role=AGENT)
def token_list(reader: Reader) -> dict[str, Any]:
    """List tokens, the newest first, or find one by its digits."""
    return {"found": reader.listing(list_tokens)}


purchases.form(f"{_ONE}/refund", does=refund_purchase, on=refund_purchase_page, done="saved", then=purchase_page)
