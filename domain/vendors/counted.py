"""Where what meters say of their counters goes on to, whoever asked them: into the readings, one a day for each meter.

Bills are made of days. A report every few minutes would only be judged as odd beside what is usual in a day.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.readings.tables import NETWORK
from domain.readings.taking import Taken, take_readings
from domain.vendors.reports import Noted

# Two who pass on at the same instant would both find a day without any. Asked by itself: what follows sees what was
# written meanwhile.
_ONE_BY_ONE: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended('counted ' || id, 0))
    FROM (SELECT DISTINCT id FROM unnest(%(businesses)s::uuid[]) AS one (id) ORDER BY id) AS passed_on
"""
# The first report of a local day, where none of that day was passed on before.
_OF_DAYS: Final = """
    SELECT DISTINCT ON (business.id, one.meter_id, local.day) business.id, one.meter_id, one.at, one.wh
    FROM ROWS FROM (unnest(%(businesses)s::uuid[]), unnest(%(meters)s::uuid[]), unnest(%(instants)s::timestamptz[]),
                    unnest(%(counted)s::bigint[])) AS one (business_id, meter_id, at, wh)
    JOIN business ON business.id = one.business_id
    JOIN meter ON meter.id = one.meter_id AND meter.kind = 'postpaid'
    CROSS JOIN LATERAL (SELECT (one.at AT TIME ZONE timezone)::date AS day) AS local
    WHERE NOT EXISTS (
        SELECT FROM reading WHERE reading.business_id = one.business_id AND reading.meter_id = one.meter_id
        AND origin = %(origin)s AND read_at >= local.day::timestamp AT TIME ZONE timezone
        AND read_at < (local.day + 1)::timestamp AT TIME ZONE timezone)
    ORDER BY business.id, one.meter_id, local.day, one.at
"""


def pass_on(visit: Visit, reports: Sequence[Noted], origin: str = NETWORK) -> int:
    """Hand readings on, in the transaction that noted them, and return how many it were."""
    counted = [one for one in reports if one.watt_hours is not None]
    if not counted:
        return 0
    values = {
        "businesses": [one.business_id for one in counted],
        "meters": [one.meter_id for one in counted],
        "instants": [one.at for one in counted],
        "counted": [one.watt_hours for one in counted],
        "origin": origin,
    }
    visit.ask(_ONE_BY_ONE, values)
    rows = visit.ask(_OF_DAYS, values)
    for business_id, some in groupby(rows, key=_business):
        take_readings(visit, business_id, [Taken(meter, at, wh, origin) for _, meter, at, wh in some])
    return len(rows)


def _business(row: tuple[UUID, ...]) -> UUID:
    return row[0]
