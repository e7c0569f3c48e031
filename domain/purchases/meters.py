"""Which meters somebody may buy for: their own, and, where the business allows it, any by its number."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.door import Visit


@dataclass(frozen=True, slots=True)
class Vendable:
    """A meter that tokens can be bought for. `owner` is the name of whose it is, when that is somebody else."""

    meter_id: UUID
    meter_no: str
    nickname: str | None
    owner: str | None = None


_OWN: Final = """
    SELECT id, meter_no, nickname FROM meter
    WHERE customer_id = %(customer_id)s AND kind = 'prepaid' AND network = 'sts' AND active
    ORDER BY meter_no LIMIT %(most)s
"""
_ANY: Final = """
    SELECT meter.id, meter_no, NULL, customer.name FROM meter
    JOIN business ON business.id = meter.business_id AND buy_for_others
    JOIN customer ON customer.id = customer_id
    WHERE meter_no = %(meter_no)s AND kind = 'prepaid' AND network = 'sts' AND active
"""


def own_meters(visit: Visit, customer_id: UUID, most: int) -> list[Vendable]:
    """Return up to `most` meters of a customer that tokens can be bought for, by number."""
    return [Vendable(*row) for row in visit.ask(_OWN, {"customer_id": customer_id, "most": most})]


def anybodys_meter(visit: Visit, meter_no: str) -> Vendable | None:
    """Return any meter by its number, where the business lets everybody buy for it; else None, whosever it is."""
    rows = visit.ask(_ANY, {"meter_no": meter_no})
    return Vendable(*rows[0]) if rows else None


def masked(name: str) -> str:
    """Return a name that only who knows it recognises: the first letter of each word."""
    return " ".join(f"{word[0]}..." for word in name.split())
