"""Meters whose owners want to be told when little credit is left, and that they were."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.vendors.requests import MeterAt


@dataclass(frozen=True, slots=True)
class Watched:
    """A meter to be asked. `below` is when its owner is told, in watt-hours; `told`: they were, since it had more."""

    meter: MeterAt
    nickname: str | None
    customer_id: UUID
    phone: str
    language: str
    timezone: str
    below: int
    told: bool

    def called(self) -> tuple[str, str | None]:
        """Return its number and its name."""
        return self.meter.meter_no, self.nickname


# In the order of their ids, so that a batch begins after the one before.
_WATCHED: Final = """
    SELECT meter.business_id, meter.id, meter_no, nickname, customer_id, customer.phone,
           COALESCE(customer.language, business.language), business.timezone, low_credit_kwh * 1000,
           low_told_at IS NOT NULL
    FROM meter JOIN customer ON customer.id = customer_id JOIN business ON business.id = meter.business_id
    JOIN vendor_health ON vendor_health.business_id = meter.business_id AND 'balance' = ANY(capabilities)
    WHERE remind_low AND active AND meter.kind = 'prepaid' AND customer.phone IS NOT NULL AND meter.id > %(after)s
    ORDER BY meter.id LIMIT %(most)s
"""
# Once for each time that it runs low.
_TOLD: Final = """
    UPDATE meter SET low_told_at = %(now)s WHERE id = %(id)s AND remind_low AND low_told_at IS NULL RETURNING id
"""
_AGAIN: Final = "UPDATE meter SET low_told_at = NULL WHERE id = %(id)s AND low_told_at IS NOT NULL"


def watched_after(visit: Visit, after: UUID, most: int) -> list[Watched]:
    """Return up to `most` meters to be asked, by their ids, from beyond `after` on."""
    return [_watched(*row) for row in visit.ask(_WATCHED, {"after": after, "most": most})]


def note_low(visit: Visit, one: Watched) -> bool:
    """Note that its owner is told now. False when they were, or don't want it any more."""
    return bool(visit.ask(_TOLD, {"id": one.meter.meter_id, "now": now()}))


def note_enough(visit: Visit, one: Watched) -> None:
    """Note that it has enough again: the next time that it runs low is another one."""
    visit.ask(_AGAIN, {"id": one.meter.meter_id})


def kwh(watt_hours: int) -> Decimal:
    """Return watt-hours as kWh with one decimal."""
    return (Decimal(watt_hours) / 1000).quantize(Decimal("0.1"))


def _watched(business_id: UUID, meter_id: UUID, meter_no: str, *rest: Any) -> Watched:
    return Watched(MeterAt(business_id, meter_id, meter_no), *rest)
