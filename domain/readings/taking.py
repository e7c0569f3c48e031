"""Taking readings in, from whoever has them: one way for all.

A reading is judged by what the meter had counted before, and by what its home usually uses. What is odd is held until
staff has looked at it. The same reading again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.readings.judging import USUAL_SPAN, Judged, Usual, judge
from domain.readings.tables import ACCEPTED, ACTUAL, CUSTOMER, HELD

# Anybody can forge from which number an SMS comes.
BY_SMS: Final = "by_sms"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a meter had counted at an instant, in Wh, and who says so (`origin`).

    With `doubt`, a reason of the one who takes it, it is held whatever it says.
    """

    meter_id: UUID
    read_at: datetime
    wh: int
    origin: str
    photo: str | None = None
    doubt: str | None = None
    trusted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a reading: its id and state, why it is held, and what was used since the one before (Wh)."""

    reading_id: UUID
    meter_id: UUID
    state: str
    reason: str | None
    used_wh: int | None
    days: int | None
    is_new: bool


# The reading before, and the oldest of the days that tell what is usual. Rejected and held ones tell nothing.
_BEFORE: Final = """
    SELECT wanted.n, before.wh, before.read_at, oldest.wh, oldest.read_at, meter.register_digits,
           business.low_use_percent, business.high_use_percent
    FROM ROWS FROM (jsonb_to_recordset(%(wanted)s) AS (meter_id uuid, read_at timestamptz))
             WITH ORDINALITY AS wanted (meter_id, read_at, n)
    JOIN meter ON meter.id = wanted.meter_id JOIN business ON business.id = meter.business_id
    LEFT JOIN LATERAL (
        SELECT wh, read_at FROM reading
        WHERE reading.business_id = meter.business_id AND reading.meter_id = meter.id AND source = 'actual'
          AND state = 'accepted' AND reading.read_at < wanted.read_at
        ORDER BY reading.read_at DESC LIMIT 1) AS before ON true
    CROSS JOIN LATERAL (SELECT before.read_at - %(span)s AS from_at OFFSET 0) AS past
    LEFT JOIN LATERAL (
        SELECT wh, read_at FROM reading
        WHERE reading.business_id = meter.business_id AND reading.meter_id = meter.id AND source = 'actual'
          AND state = 'accepted' AND reading.read_at >= past.from_at AND reading.read_at < before.read_at
        ORDER BY reading.read_at LIMIT 1) AS oldest ON true
    ORDER BY wanted.n
"""
_KEEP: Final = """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(%(rows)s) AS one (
            id uuid, meter_id uuid, read_at timestamptz, wh bigint, origin text, state text, reason text, photo text,
            decided_by text)
    ), fresh AS (
        INSERT INTO reading (id, created_at, business_id, meter_id, read_at, source, wh, origin, state, reason, photo,
                             decided_at, decided_by)
        SELECT id, %(now)s, %(business_id)s, meter_id, read_at, %(source)s, wh, origin, state, reason, photo,
               CASE WHEN decided_by IS NOT NULL THEN %(now)s END, decided_by
        FROM given
        ON CONFLICT (business_id, meter_id, read_at, source) DO NOTHING
        RETURNING id
    )
    SELECT given.id, COALESCE(known.id, given.id), COALESCE(known.state, given.state),
           CASE WHEN known.id IS NULL THEN given.reason ELSE known.reason END, fresh.id IS NOT NULL
    FROM given LEFT JOIN fresh USING (id)
    LEFT JOIN reading AS known ON known.business_id = %(business_id)s AND known.meter_id = given.meter_id
        AND known.read_at = given.read_at AND known.source = %(source)s
"""


def take_readings(visit: Visit, business_id: UUID, taken: Sequence[Taken]) -> list[Kept]:
    """Take readings of meters of a business in, and return what became of them, in their order.

    Two questions, however many there are. Readings of unknown meters are left out.
    """
    if not taken:
        return []
    judged = judge_readings(visit, taken)
    rows = [_row(one, verdict) for one, verdict in judged]
    values = {"rows": Jsonb(rows), "now": now(), "business_id": business_id, "source": ACTUAL}
    found = {str(row[0]): row[1:] for row in visit.ask(_KEEP, values)}
    return [
        Kept(*_said(found[row["id"]], one), verdict.judged.wh, verdict.days, is_new=found[row["id"]][3])
        for row, (one, verdict) in zip(rows, judged, strict=True)
    ]


def _said(found: tuple[Any, ...], one: Taken) -> tuple[UUID, UUID, str, str | None]:
    return found[0], one.meter_id, found[1], found[2]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is thought of a reading: what was used since the one before, in how many days; None for the first."""

    judged: Judged
    days: int | None


def judge_readings(visit: Visit, taken: Sequence[Taken]) -> list[tuple[Taken, Verdict]]:
    """Return what is thought of each reading, before it is taken in. Unknown meters are left out."""
    wanted = [{"meter_id": str(one.meter_id), "read_at": one.read_at.isoformat()} for one in taken]
    rows = visit.ask(_BEFORE, {"wanted": Jsonb(wanted), "span": USUAL_SPAN})
    return [(taken[n - 1], _verdict(taken[n - 1], *facts)) for n, *facts in rows]


def _verdict(  # the columns of the question above
    one: Taken,
    before: int | None,
    before_at: datetime | None,
    oldest: int | None,
    oldest_at: datetime | None,
    register_digits: int | None,
    *percents: int,
) -> Verdict:
    if before is None or before_at is None:
        return Verdict(Judged(None, one.doubt), None)
    usual = Usual(0, 0, *percents)
    if oldest is not None and oldest_at is not None:
        usual = replace(usual, wh=before - oldest, days=(before_at - oldest_at).days)
    days = max((one.read_at - before_at).days, 1)
    judged = judge(before, one.wh, days, usual, register_digits, trusted=one.trusted_by is not None)
    return Verdict(judged if judged.odd else replace(judged, odd=one.doubt), days)


def _row(one: Taken, verdict: Verdict) -> dict[str, Any]:
    odd = verdict.judged.odd
    return {
        "id": str(new_id()),
        "meter_id": str(one.meter_id),
        "read_at": one.read_at.isoformat(),
        "wh": one.wh,
        "origin": one.origin,
        "state": HELD if odd else ACCEPTED,
        "reason": odd,
        "photo": one.photo,
        "decided_by": None if odd else one.trusted_by,
    }


def from_customer(meter_id: UUID, wh: int, photo: str | None, doubt: str | None) -> Taken:
    """Return what a customer says of a meter, now."""
    return Taken(meter_id, now(), wh, CUSTOMER, photo, doubt)
