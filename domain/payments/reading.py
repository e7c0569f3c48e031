"""A payment as the domain works with it, read by one statement wherever it is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.door import Visit
from domain.gateways.results import Bill
from domain.money import Money


class NoSuchPayment(LookupError):
    """There is no such payment in this business."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment: what for, how, how far. `received` is what came; None while nothing has.

    `to_wallet` is how much of it went into the wallet, `astray` why it did so against what was meant.
    """

    id: UUID
    business_id: UUID
    customer_id: UUID
    conversation_id: UUID | None
    method: str
    purpose: str
    purchase_id: UUID | None
    subscription_id: UUID | None
    status: str
    astray: str | None
    is_live: bool | None
    page_id: str | None
    page_url: str | None
    gateway_payment_id: str | None
    expires_at: datetime | None
    created_at: datetime
    status_at: datetime
    tried_at: datetime | None
    tries: int
    ask_at: datetime | None
    asks: int
    wants_word: bool
    twin_of: UUID | None
    amount: Money
    received: Money | None
    to_wallet: Money | None
    refunded: Money
    bill: Bill | None


COLUMNS: Final = """
    payment.id, payment.business_id, customer_id, conversation_id, method, purpose, purchase_id, subscription_id,
    payment.status, astray, is_live, page_id, page_url, gateway_payment_id, expires_at, payment.created_at,
    payment.status_at, payment.tried_at, tries, payment.ask_at, payment.asks, wants_word, twin_of,
    payment.amount_minor, payment.currency, received_minor, received_currency, to_wallet_minor, refunded_minor,
    biller_name, biller_code, bill_number, last_day
"""
_ONE: Final = f"SELECT {COLUMNS} FROM payment WHERE id = %(payment_id)s"  # noqa: S608  columns of our own


def payment_of(visit: Visit, payment_id: UUID) -> Payment:
    """Return a payment. Raises NoSuchPayment."""
    return _one(visit, _ONE, payment_id)


def hold_payment(visit: Visit, payment_id: UUID) -> Payment:
    """Return a payment, and let nobody else change it before this transaction ends. Raises NoSuchPayment."""
    return _one(visit, f"{_ONE} FOR NO KEY UPDATE", payment_id)


def read_row(row: tuple[Any, ...]) -> Payment:
    """Return the payment that a row with COLUMNS is."""
    *facts, minor, currency, received, received_in, to_wallet, refunded, biller_name, biller_code, number, last_day = (
        row
    )
    came_in = received_in or currency
    amounts = (
        Money(minor, currency),
        None if received is None else Money(received, came_in),
        None if to_wallet is None else Money(to_wallet, came_in),
        Money(refunded, came_in),
    )
    bill = Bill(biller_name or "", biller_code, number, last_day) if number else None
    values: list[Any] = [*facts, *amounts, bill]
    return Payment(*values)


def _one(visit: Visit, statement: str, payment_id: UUID) -> Payment:
    rows = visit.ask(statement, {"payment_id": payment_id})
    if not rows:
        raise NoSuchPayment(f"there is no payment {payment_id}")
    return read_row(rows[0])
