"""A customer's meters, as they are shown to them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.door import Visit


@dataclass(frozen=True, slots=True)
class ShownMeter:
    """A meter by its number, by what its owner calls it, and by its kind: prepaid or postpaid."""

    meter_no: str
    nickname: str | None
    kind: str


_SHOWN: Final = """
    SELECT meter_no, nickname, kind FROM meter WHERE customer_id = %(customer_id)s AND active
    ORDER BY meter_no LIMIT %(limit)s
"""


def meters_of(visit: Visit, customer_id: UUID, limit: int) -> list[ShownMeter]:
    """Return up to `limit` meters of a customer that are in use, by their numbers."""
    return [ShownMeter(*row) for row in visit.ask(_SHOWN, {"customer_id": customer_id, "limit": limit})]
