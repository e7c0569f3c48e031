"""A customer's meters, as they are shown to them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.door import Visit


@dataclass(frozen=True, slots=True)
class ShownMeter:
    """A meter by its number, by what its owner calls it, and by its kind: prepaid or postpaid.

    `reminds`: its owner wants to be told when little credit is left.
    """

    meter_id: UUID
    meter_no: str
    nickname: str | None
    kind: str
    network: str
    reminds: bool


_SHOWN: Final = """
    SELECT id, meter_no, nickname, kind, network, remind_low FROM meter WHERE customer_id = %(customer_id)s AND active
    ORDER BY meter_no LIMIT %(limit)s
"""
_REMIND: Final = "UPDATE meter SET remind_low = %(wanted)s, low_told_at = NULL WHERE id = %(meter_id)s"


def meters_of(visit: Visit, customer_id: UUID, limit: int) -> list[ShownMeter]:
    """Return up to `limit` meters of a customer that are in use, by their numbers."""
    return [ShownMeter(*row) for row in visit.ask(_SHOWN, {"customer_id": customer_id, "limit": limit})]


def let_remind(visit: Visit, meter_id: UUID, *, wanted: bool) -> None:
    """Note whether the owner of a meter wants to be told when little credit is left on it."""
    visit.ask(_REMIND, {"meter_id": meter_id, "wanted": wanted})
