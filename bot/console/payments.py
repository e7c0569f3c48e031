"""Payments: money that came, or was to come, and what was given back of it."""

from typing import Any
from uuid import UUID

from bot.api import payments as api
from bot.api.customers import show_customer
from bot.console.readers import Reader
from bot.console.sections import MONEY, Section
from bot.problems import Problem
from domain.payments.states import PAYMENT_STATUSES
from domain.payments.tables import CASH, LINK, METHODS, SADAD, TRANSFER
from domain.staff import ADMIN

payments = Section()

PAYMENT = _ONE = "/payments/<uuid:payment_id>"


@payments.page("/payments", title="console.payments", template="payments.html", menu=MONEY)
def payment_list(reader: Reader) -> dict[str, Any]:
    """List payments, the newest first."""
    return {"found": reader.listing(api.list_payments), "statuses": PAYMENT_STATUSES, "methods": METHODS}


@payments.page(_ONE, title="console.payment", template="payment.html")
def payment_page(reader: Reader, payment_id: UUID) -> dict[str, Any]:
    """Show a payment, what it paid, and what was given back."""
    shown = reader.ask(api.show_payment, payment_id=payment_id)
    by_hand = shown.method in {CASH, TRANSFER}
    return {
        "shown": shown,
        "customer": reader.ask(show_customer, customer_id=shown.customer_id),
        "may_confirm": by_hand and shown.status == "pending" and reader.may(api.confirm_payment),
        "may_refund": shown.status == "settled" and reader.may(api.refund_payment),
    }


@payments.page(f"{_ONE}/confirm", title="console.confirm_payment", template="payment_asks.html", role=ADMIN)
def confirm_payment_page(reader: Reader, payment_id: UUID) -> dict[str, Any]:
    """Ask why staff is sure that the money is there."""
    return {**_asked(reader, payment_id, "pending"), "action": "confirm", "ways": ()}


@payments.page(f"{_ONE}/refund", title="console.refund_payment", template="payment_asks.html", role=ADMIN)
def refund_payment_page(reader: Reader, payment_id: UUID) -> dict[str, Any]:
    """Ask how much is given back, which way, and why."""
    asked = _asked(reader, payment_id, "settled")
    ways = ("wallet", "gateway") if asked["shown"].method in {LINK, SADAD} else ("wallet",)
    return {**asked, "action": "refund", "ways": ways}


def _asked(reader: Reader, payment_id: UUID, status: str) -> dict[str, Any]:
    shown = reader.ask(api.show_payment, payment_id=payment_id)
    if shown.status != status and reader.form is None:
        raise Problem(409, "illegal_transition", f"a payment that is {shown.status} can't do that")
    return {"shown": shown, "customer": reader.ask(show_customer, customer_id=shown.customer_id)}


payments.form(f"{_ONE}/confirm", does=api.confirm_payment, on=confirm_payment_page, done="saved", then=payment_page)
payments.form(f"{_ONE}/refund", does=api.refund_payment, on=refund_payment_page, done="saved", then=payment_page)
