"""Which meters a token vendor is asked for what they have counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.readings.tables import MOST_WH, VENDOR
from domain.vendors.counted import pass_on
from domain.vendors.reports import Noted
from domain.vendors.requests import MeterAt
from domain.vendors.results import Reading

# Those that are billed by readings, and have none of the vendor's of what is today where they are. A number that two
# businesses have is nobody's: a vendor's answer names no business.
_METERS: Final = """
    SELECT meter.business_id, meter.id, meter_no, heard.at
    FROM meter JOIN business ON business.id = meter.business_id
    CROSS JOIN LATERAL (SELECT max(read_at) AS at FROM reading
                        WHERE reading.business_id = meter.business_id AND reading.meter_id = meter.id
                          AND origin = 'vendor') AS heard
    WHERE meter.network = 'sts' AND meter.kind = 'postpaid' AND meter.active AND meter.id > %(after)s
      AND (heard.at IS NULL
           OR (heard.at AT TIME ZONE timezone)::date < (%(now)s::timestamptz AT TIME ZONE timezone)::date)
      AND NOT EXISTS (SELECT FROM meter AS other WHERE other.meter_no = meter.meter_no AND other.network = 'sts'
                      AND other.id <> meter.id)
    ORDER BY meter.id LIMIT %(most)s
"""


def meters_unread(visit: Visit, after: UUID, most: int) -> list[tuple[MeterAt, datetime | None]]:
    """Return up to `most` meters, by their ids from beyond `after` on, and when each was last read by the vendor."""
    rows = visit.ask(_METERS, {"after": after, "most": most, "now": now()})
    return [(MeterAt(business_id, meter_id, number), heard_at) for business_id, meter_id, number, heard_at in rows]


def take_pulled(visit: Visit, meters: Sequence[MeterAt], found: Sequence[Reading]) -> int:
    """Take what a vendor answered about `meters` into the readings, one a day, and return how many it were.

    What nobody asked about, can't have been counted, or is still to come is left out.
    """
    asked = {meter.meter_no: meter for meter in meters}
    noted = [
        Noted(asked[one.meter_no].business_id, asked[one.meter_no].meter_id, one.read_at, one.watt_hours)
        for one in found
        if one.meter_no in asked and 0 <= one.watt_hours <= MOST_WH and one.read_at <= now()
    ]
    return pass_on(visit, noted, VENDOR)
