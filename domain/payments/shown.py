"""A customer's payments, as they are shown to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.money import Money


@dataclass(frozen=True, slots=True)
class ShownPayment:
    """One payment: when, how much, how, and how far it is."""

    at: datetime
    method: str
    status: str
    amount: Money


_LATEST: Final = """
    SELECT created_at, method, status, COALESCE(received_minor, amount_minor), COALESCE(received_currency, currency)
    FROM payment WHERE customer_id = %(customer_id)s ORDER BY id DESC LIMIT %(most)s
"""


def payments_of(visit: Visit, customer_id: UUID, most: int) -> list[ShownPayment]:
    """Return the newest payments of a customer, up to `most`, the newest first."""
    rows = visit.ask(_LATEST, {"customer_id": customer_id, "most": most})
    return [ShownPayment(at, method, status, Money(minor, currency)) for at, method, status, minor, currency in rows]
