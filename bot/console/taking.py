"""Money that a customer brings: cash or a transfer, written down by staff, to be confirmed by an admin."""

from typing import Any, Final
from uuid import UUID

from flask import Response
from werkzeug.datastructures import MultiDict

from bot.api.customers import show_customer
from bot.api.invoices import list_invoices
from bot.api.payments import PaymentInFull, record_payment
from bot.console.links import going_to, link_to
from bot.console.payments import PAYMENT
from bot.console.readers import Reader, argument
from bot.console.sections import Section
from bot.problems import FieldProblem, Problem
from domain.money import MoneyError, parse_amount
from domain.payments.tables import CASH, TRANSFER
from domain.staff import AGENT

taking = Section()

_PAGE: Final = "/customers/<uuid:customer_id>/payment"
_MOST: Final = 50


@taking.page(_PAGE, title="console.take_payment", template="payment_taken.html", role=AGENT)
def take_payment_page(reader: Reader, customer_id: UUID) -> dict[str, Any]:
    """Ask how the money came, and for what: for invoices that are owed, or for the wallet."""
    owed = {"customer_id": customer_id, "owed": True, "limit": _MOST}
    return {
        "customer": reader.ask(show_customer, customer_id=customer_id),
        "owed": reader.listing(list_invoices, owed).items,
        "methods": (CASH, TRANSFER),
        "meant": argument("invoice") or "",
    }


def _read(reader: Reader, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return a payment as the API takes it. Raises Problem where it is for nothing, or for both."""
    given = {name: filled[name] for name in ("method", "reference") if filled.get(name, "").strip()}
    invoices, written = filled.getlist("invoice_ids"), filled.get("amount", "").strip()
    if bool(invoices) == bool(written):
        raise _wrong("one_of_two", "either invoices or an amount")
    if invoices:
        return {**given, "invoice_ids": invoices}
    try:
        return {**given, "amount_minor": parse_amount(written, reader.business.currency).minor}
    except MoneyError as error:
        raise _wrong("decimal_parsing", str(error)) from None


def _wrong(code: str, why: str) -> Problem:
    return Problem(422, "invalid", why, [FieldProblem("amount", code, why)])


def _then(_: Any, answer: PaymentInFull, __: Any) -> Response:
    """Lead to the payment, where an admin confirms it."""
    return going_to(link_to(PAYMENT, {"payment_id": answer.id}, {"done": "payment_recorded"}))


taking.form(_PAGE, does=record_payment, on=take_payment_page, finish=_then, read=_read)
