"""The facts that a bill is made of, for many meters in one question: the bill before, readings, an exchange."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.billing.months import next_month
from domain.door import Visit
from domain.readings.judging import USUAL_SPAN

# How far from the turn of a month a reading may be and still be the one of it.
BEFORE: Final = timedelta(days=10)
AFTER: Final = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Frame:
    """A business's rules for bills, and the period (the first day of its month) that is billed."""

    business_id: UUID
    period: date
    timezone: str
    currency: str
    vat_rate: Decimal
    due_days: int
    low_percent: int
    high_percent: int
    most_estimates: int

    @property
    def until(self) -> date:
        """The first day that is not billed any more."""
        return next_month(self.period)

    def instant(self, day: date) -> datetime:
        """Return when a day begins at the business."""
        return datetime.combine(day, time(), ZoneInfo(self.timezone))


@dataclass(frozen=True, slots=True)
class Read:
    """A reading: the day it is of, and what the meter had counted, in Wh. `trusted`: staff has looked at it."""

    reading_id: UUID | None
    day: date
    wh: int
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Previous:
    """The bill before: where it ended, and what its estimates, if it was one, have charged since the last reading."""

    until: date
    end_wh: int
    end_reading_id: UUID | None
    estimates: int
    since_on: date
    since_wh: int
    unsettled_wh: int
    unsettled_minor: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """That the meter took another's place on a day, and what either had counted then."""

    day: date
    last_wh: int
    first_wh: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a meter. `oldest` is the first of the readings that tell what its home usually uses.

    `billed_later`: a bill for a later period has what was used in this one. `closed_on` is the day, within the period,
    from which on the meter is in use no more; `end` is then the reading of that day.
    """

    meter_id: UUID
    meter_no: str
    customer_id: UUID
    tariff: str | None
    register_digits: int | None
    previous: Previous | None
    exchange: Exchange | None
    start: Read | None
    end: Read | None
    oldest: Read | None
    billed_later: bool
    closed_on: date | None = None


_FRAME: Final = """
    SELECT id, %(period)s::date, timezone, currency, vat_rate, due_days, low_use_percent, high_use_percent,
           most_estimates
    FROM business WHERE id = %(business_id)s
"""
_IS_USED: Final = """
    reading.business_id = %(business_id)s AND source = 'actual' AND state = 'accepted'
"""


def _nearest(meter: str, to: str, begin: str, end: str) -> str:
    """Return the statement for the reading that is nearest to an instant, from beyond `begin` until `end`: two looks
    into the index.
    """
    return f"""
        SELECT id, read_at, wh, decided_at FROM (
            (SELECT id, read_at, wh, decided_at FROM reading
             WHERE {_IS_USED} AND reading.meter_id = {meter} AND read_at <= {to} AND read_at > {begin}
             ORDER BY read_at DESC LIMIT 1)
            UNION ALL
            (SELECT id, read_at, wh, decided_at FROM reading
             WHERE {_IS_USED} AND reading.meter_id = {meter} AND read_at > {to} AND read_at <= {end}
             ORDER BY read_at LIMIT 1)) AS near
        ORDER BY abs(extract(epoch FROM read_at - {to})) LIMIT 1
        """  # noqa: S608  expressions of our own


_FIRST_METER: Final = "origin.meter_id"
_AT_FIRST: Final = _nearest(
    _FIRST_METER,
    "%(period_at)s::timestamptz",
    "%(period_at)s::timestamptz - %(before)s",
    "%(period_at)s::timestamptz + %(after)s",
)
_AT_LAST: Final = _nearest("meter.id", "turn.at", "turn.from_at", "turn.until_at")
# Only a meter's first bill begins with a reading: the one of the turn of the month, else the first after it, else the
# last before it. The last bill of a meter that is in use no more ends with that day. Of a meter that took another's
# place the bill before is the other's. What is reckoned from other columns is reckoned aside (OFFSET 0): under
# row-level security no index is asked for an expression.
_FACTS: Final = f"""
    SELECT meter.id, meter.meter_no, meter.customer_id, meter.tariff, meter.register_digits,
           previous.until, previous.end_wh, previous.end_reading_id, previous.estimates, previous.since_on,
           previous.since_wh, previous.unsettled_wh, previous.unsettled_minor,
           (changed.exchanged_at AT TIME ZONE %(zone)s)::date, changed.last_wh, changed.first_wh,
           start.id, (start.read_at AT TIME ZONE %(zone)s)::date, start.wh,
           ending.id, (ending.read_at AT TIME ZONE %(zone)s)::date, ending.wh, ending.decided_at IS NOT NULL,
           (oldest.read_at AT TIME ZONE %(zone)s)::date, oldest.wh,
           EXISTS (SELECT FROM billing_item AS item WHERE item.meter_id = meter.id AND state = 'billed'
                   AND item.period > %(period)s),
           closed.day
    FROM unnest(%(meters)s::uuid[]) WITH ORDINALITY AS wanted (meter_id, n)
    JOIN meter ON meter.id = wanted.meter_id
    LEFT JOIN LATERAL (
        SELECT * FROM billing_item AS item
        WHERE item.meter_id = meter.id AND state = 'billed' AND item.period < %(period)s
        ORDER BY item.period DESC LIMIT 1) AS own ON true
    LEFT JOIN meter_exchange AS changed ON changed.business_id = %(business_id)s AND changed.meter_id = meter.id
        AND own.id IS NULL AND changed.exchanged_at < %(until_at)s
    CROSS JOIN LATERAL (SELECT COALESCE(changed.old_meter_id, meter.id) AS meter_id OFFSET 0) AS origin
    LEFT JOIN LATERAL (
        SELECT * FROM billing_item AS item
        WHERE item.meter_id = origin.meter_id
          AND state = 'billed' AND item.period < %(period)s
        ORDER BY item.period DESC LIMIT 1) AS previous ON true
    LEFT JOIN LATERAL (
        SELECT * FROM (
            (SELECT 1 AS rank, near.* FROM ({_AT_FIRST}) AS near)
            UNION ALL
            (SELECT 2, id, read_at, wh, decided_at FROM reading
             WHERE {_IS_USED} AND reading.meter_id = {_FIRST_METER}
               AND read_at > %(period_at)s AND read_at < %(until_at)s
             ORDER BY read_at LIMIT 1)
            UNION ALL
            (SELECT 3, id, read_at, wh, decided_at FROM reading
             WHERE {_IS_USED} AND reading.meter_id = {_FIRST_METER}
               AND read_at <= %(period_at)s
             ORDER BY read_at DESC LIMIT 1)) AS first
        WHERE previous.id IS NULL ORDER BY rank LIMIT 1) AS start ON true
    CROSS JOIN LATERAL (SELECT CASE WHEN NOT meter.active AND closed_on < %(until)s THEN closed_on END AS day
                        OFFSET 0) AS closed
    CROSS JOIN LATERAL (
        SELECT at, at - %(before)s AS from_at, at + %(after)s AS until_at
        FROM (SELECT COALESCE((closed.day + 1)::timestamp AT TIME ZONE %(zone)s, %(until_at)s) AS at) AS one
        OFFSET 0) AS turn
    LEFT JOIN LATERAL ({_AT_LAST}) AS ending ON true
    CROSS JOIN LATERAL (
        SELECT since.at, since.at - %(span)s AS from_at
        FROM (SELECT COALESCE(previous.since_on::timestamptz, start.read_at) AS at) AS since OFFSET 0) AS past
    LEFT JOIN LATERAL (
        SELECT read_at, wh FROM reading
        WHERE {_IS_USED} AND reading.meter_id = {_FIRST_METER} AND read_at >= past.from_at AND read_at < past.at
        ORDER BY read_at LIMIT 1) AS oldest ON true
    ORDER BY wanted.n
"""  # noqa: S608  expressions of our own


class NoSuchBusiness(LookupError):
    """There is no such business."""


def frame_of(visit: Visit, business_id: UUID, period: date) -> Frame:
    """Return the rules of a business for the bills of a month. Raises NoSuchBusiness."""
    rows = visit.ask(_FRAME, {"business_id": business_id, "period": period})
    if not rows:
        raise NoSuchBusiness(str(business_id))
    return Frame(*rows[0])


def facts_of(visit: Visit, frame: Frame, meters: Sequence[UUID]) -> list[Facts]:
    """Return what is known of meters, in their order: one question, however many there are."""
    values: dict[str, Any] = {
        "business_id": frame.business_id,
        "meters": list(meters),
        "period": frame.period,
        "zone": frame.timezone,
        "period_at": frame.instant(frame.period),
        "until_at": frame.instant(frame.until),
        "until": frame.until,
        "before": BEFORE,
        "after": AFTER,
        "span": USUAL_SPAN,
    }
    return [_facts(row) for row in visit.ask(_FACTS, values)]


def _facts(row: tuple[Any, ...]) -> Facts:
    meter_id, meter_no, customer_id, tariff, register_digits, *more = row
    start_id, start_on, start_wh, end_id, end_on, end_wh, trusted, oldest_on, oldest_wh, later, closed_on = more[11:]
    return Facts(
        meter_id,
        meter_no,
        customer_id,
        tariff,
        register_digits,
        Previous(*more[:8]) if more[0] else None,
        Exchange(*more[8:11]) if more[8] else None,
        Read(start_id, start_on, start_wh) if start_id else None,
        Read(end_id, end_on, end_wh, trusted) if end_id else None,
        Read(None, oldest_on, oldest_wh) if oldest_on else None,
        later,
        closed_on,
    )
