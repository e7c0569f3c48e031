"""The versions of tariffs, as bills are charged by them."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final
from uuid import UUID

from domain.billing.charging import Version
from domain.billing.facts import Frame
from domain.clock import now
from domain.door import Visit
from domain.rating import Block, blocks_of

Versions = dict[str, tuple[Version, ...]]

_VERSIONS: Final = """
    SELECT code, id, valid_from, mode, blocks, fixed_fee_minor, minimum_charge_minor, minimum_covers
    FROM tariff WHERE business_id = %(business_id)s AND code = ANY(%(codes)s) AND currency = %(currency)s
    ORDER BY code, valid_from
"""
_USE: Final = "UPDATE tariff SET used_at = %(now)s WHERE id = ANY(%(ids)s) AND used_at IS NULL"
_ON_DAYS: Final = """
    SELECT DISTINCT ON (meter_id, day) meter_id, day, wh
    FROM unnest(%(days)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]) AS cut (day, begins, ends)
    JOIN reading ON read_at >= begins AND read_at < ends
    WHERE reading.business_id = %(business_id)s AND meter_id = ANY(%(meters)s) AND source = 'actual'
      AND state = 'accepted'
    ORDER BY meter_id, day, read_at
"""


def versions_of(visit: Visit, frame: Frame, codes: Iterable[str]) -> Versions:
    """Return the versions of tariffs by their code, the oldest first."""
    values = {"business_id": frame.business_id, "codes": sorted(set(codes)), "currency": frame.currency}
    found: dict[str, list[Version]] = {}
    for code, tariff_id, since, mode, blocks, *amounts in visit.ask(_VERSIONS, values):
        version = Version(tariff_id, since, mode, _blocks(tuple(map(tuple, blocks))), *amounts)
        found.setdefault(code, []).append(version)
    return {code: tuple(versions) for code, versions in found.items()}


@lru_cache(maxsize=256)
def _blocks(rows: tuple[tuple[int, ...], ...]) -> tuple[Block, ...]:
    return blocks_of(rows)


def mark_used(visit: Visit, tariffs: Iterable[UUID]) -> None:
    """Note that tariffs were billed by: from now on the database refuses to change them."""
    visit.ask(_USE, {"ids": list(tariffs), "now": now()})


def changes_within(versions: Iterable[Sequence[Version]], first: date, until: date) -> list[date]:
    """Return the days on which one of these tariffs changes within a span of days."""
    return sorted({one.valid_from for each in versions for one in each if first < one.valid_from < until})


def readings_on(
    visit: Visit, frame: Frame, meters: Sequence[UUID], days: Sequence[date]
) -> dict[tuple[UUID, date], int]:
    """Return what meters had counted on days: the first reading of each."""
    if not days:
        return {}
    following = [date.fromordinal(day.toordinal() + 1) for day in days]
    values = {
        "business_id": frame.business_id,
        "meters": list(meters),
        "days": list(days),
        "begins": [frame.instant(day) for day in days],
        "ends": [frame.instant(day) for day in following],
    }
    return {(meter_id, day): wh for meter_id, day, wh in visit.ask(_ON_DAYS, values)}
