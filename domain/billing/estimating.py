"""Estimating: what is known of meters that nobody has read at the end of a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from domain.billing.facts import AFTER, BEFORE, Frame
from domain.door import Visit
from domain.readings.judging import LEAST_DAYS, USUAL_SPAN, Usual

_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known beyond the facts. `held_for`: there is a reading, and it is held for this reason.

    `given_wh` is what the company's own files estimate. `last_year` is what was used in the same month of the year
    before (Wh, days), `before_last_year` in the time before that month.
    """

    held_for: str | None
    given_wh: int | None
    last_year: tuple[int, int] | None
    before_last_year: tuple[int, int] | None

    def of_last_year(self, usual: Usual, days: int) -> int:
        """Return an estimate for so many days: the same month a year ago, in proportion to what is used lately.

        Without a year to look back on, what is used lately.
        """
        then, before = self.last_year, self.before_last_year
        if then is None or before is None or before[0] <= 0 or usual.wh <= 0:
            return usual.of(days)
        return then[0] * days * usual.wh * before[1] // (then[1] * usual.days * before[0])


def _at(instant: str) -> str:
    return f"""
        SELECT wh, read_at FROM reading
        WHERE business_id = %(business_id)s AND reading.meter_id = wanted.meter_id AND source = 'actual'
          AND state = 'accepted' AND read_at BETWEEN {instant} - %(before)s AND {instant} + %(after)s
        ORDER BY abs(extract(epoch FROM read_at - {instant})) LIMIT 1
        """  # noqa: S608  expressions of our own


_KNOWN: Final = f"""
    SELECT wanted.meter_id, held.reason, given.wh, began.wh, began.read_at::date, ended.wh, ended.read_at::date,
           oldest.wh, oldest.read_at::date
    FROM unnest(%(meters)s::uuid[]) AS wanted (meter_id)
    LEFT JOIN LATERAL (
        SELECT COALESCE(reason, 'held') AS reason FROM reading
        WHERE business_id = %(business_id)s AND reading.meter_id = wanted.meter_id AND state = 'held'
          AND read_at BETWEEN %(until_at)s::timestamptz - %(before)s AND %(until_at)s::timestamptz + %(after)s
        ORDER BY read_at DESC LIMIT 1) AS held ON true
    LEFT JOIN LATERAL (
        SELECT wh FROM reading
        WHERE business_id = %(business_id)s AND reading.meter_id = wanted.meter_id AND source = 'estimated'
          AND origin = 'file' AND state = 'accepted'
          AND read_at BETWEEN %(until_at)s::timestamptz - %(before)s AND %(until_at)s::timestamptz + %(after)s
        ORDER BY read_at DESC LIMIT 1) AS given ON true
    LEFT JOIN LATERAL ({_at("%(year_ago)s::timestamptz")}) AS began ON true
    LEFT JOIN LATERAL ({_at("%(year_ago_until)s::timestamptz")}) AS ended ON true
    CROSS JOIN LATERAL (SELECT began.read_at - %(span)s AS from_at OFFSET 0) AS past
    LEFT JOIN LATERAL (
        SELECT wh, read_at FROM reading
        WHERE business_id = %(business_id)s AND reading.meter_id = wanted.meter_id AND source = 'actual'
          AND state = 'accepted' AND read_at >= past.from_at AND read_at < began.read_at
        ORDER BY read_at LIMIT 1) AS oldest ON true
"""  # noqa: S608  expressions of our own


def estimates_for(visit: Visit, frame: Frame, meters: Sequence[UUID]) -> dict[UUID, Estimate]:
    """Return what is known of meters without a reading at the end of the frame's period."""
    if not meters:
        return {}
    values: dict[str, Any] = {
        "business_id": frame.business_id,
        "meters": list(meters),
        "until_at": frame.instant(frame.until),
        "year_ago": frame.instant(frame.period - _YEAR),
        "year_ago_until": frame.instant(frame.until - _YEAR),
        "before": BEFORE,
        "after": AFTER,
        "span": USUAL_SPAN,
    }
    return {row[0]: _estimate(*row[1:]) for row in visit.ask(_KNOWN, values)}


def _estimate(held_for: str | None, given_wh: int | None, *spans: Any) -> Estimate:
    began_wh, began_on, ended_wh, ended_on, oldest_wh, oldest_on = spans
    return Estimate(
        held_for,
        given_wh,
        _span(began_wh, began_on, ended_wh, ended_on),
        _span(oldest_wh, oldest_on, began_wh, began_on),
    )


def _span(before: int | None, first: date | None, after: int | None, until: date | None) -> tuple[int, int] | None:
    if before is None or after is None or first is None or until is None:
        return None
    days = (until - first).days
    return (after - before, days) if days >= LEAST_DAYS and after >= before else None
