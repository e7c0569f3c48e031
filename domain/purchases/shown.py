"""Purchases as customers see them: the latest ones of a customer, with their tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domain.door import Visit
from domain.money import Money
from domain.purchases.states import ISSUED
from domain.vendors.results import IssuedToken, TokenKind


@dataclass(frozen=True, slots=True)
class ShownPurchase:
    """A purchase: `paid` is what was taken for it, `units` tenths of a kWh, `tokens` as they are entered."""

    purchase_id: UUID
    state: str
    meter_no: str
    nickname: str | None
    paid: Money
    units: int
    bought_on: date | None
    tokens: tuple[IssuedToken, ...]

    @property
    def kwh(self) -> Decimal:
        """How much electricity it is."""
        return Decimal(self.units).scaleb(-1)


_COLUMNS: Final = """
    SELECT purchase.id, purchase.state, meter_no, nickname, purchase.currency,
           arrears_minor + total_minor, purchase.units, bought_on,
           (SELECT COALESCE(jsonb_agg(jsonb_build_array(kind, digits, token.units) ORDER BY part), '[]')
            FROM token WHERE token.purchase_id = purchase.id)
    FROM purchase JOIN meter ON meter.id = purchase.meter_id
"""
_ONE: Final = f"{_COLUMNS} WHERE purchase.id = %(purchase_id)s"
_LATEST: Final = f"""{_COLUMNS}
    WHERE purchase.customer_id = %(customer_id)s AND state = %(issued)s
    ORDER BY purchase.id DESC LIMIT %(most)s
"""
_OF_DIGITS: Final = f"""{_COLUMNS}
    WHERE purchase.customer_id = %(customer_id)s
      AND purchase.id IN (SELECT purchase_id FROM token WHERE token.digits = %(digits)s)
    ORDER BY purchase.id DESC LIMIT 1
"""  # noqa: S608


def purchase_of(visit: Visit, purchase_id: UUID) -> ShownPurchase:
    """Return a purchase that there is."""
    (row,) = visit.ask(_ONE, {"purchase_id": purchase_id})
    return _shown(row)


def latest_of(visit: Visit, customer_id: UUID, most: int) -> list[ShownPurchase]:
    """Return up to `most` purchases of a customer whose tokens were issued, the newest first."""
    return [_shown(row) for row in visit.ask(_LATEST, {"customer_id": customer_id, "most": most, "issued": ISSUED})]


def purchase_with(visit: Visit, customer_id: UUID, digits: str) -> ShownPurchase | None:
    """Return the customer's own purchase that a token was issued for; None when there is none."""
    rows = visit.ask(_OF_DIGITS, {"customer_id": customer_id, "digits": digits})
    return _shown(rows[0]) if rows else None


def _shown(row: Sequence[Any]) -> ShownPurchase:
    purchase_id, state, meter_no, nickname, currency, minor, units, bought_on, tokens = row
    issued = tuple(IssuedToken(TokenKind(kind), digits, of) for kind, digits, of in tokens)
    return ShownPurchase(purchase_id, state, meter_no, nickname, Money(minor, currency), units, bought_on, issued)
