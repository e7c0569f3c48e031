"""A report becomes a ticket; said again within a day, it adds to the one that there is."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.clock import now
from domain.door import Desk, Visit
from domain.ids import new_id
from domain.tickets import THE_CUSTOMER, UNSETTLED, add_remark

_SAME_WITHIN: Final = timedelta(hours=24)
_FIRST_NUMBER: Final = 1001
_ABOUT_100_METRES: Final = 3  # decimals of a degree


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports: `kind` is one of domain.tickets.TICKET_KINDS; `location` is latitude and longitude."""

    kind: str
    contact_id: UUID
    conversation_id: UUID
    customer_id: UUID | None = None
    meter_id: UUID | None = None
    reporter: str | None = None
    place: str | None = None
    location: tuple[float, float] | None = None
    note: str | None = None
    media: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sameness(self) -> str:
        """What is equal where two reports are of the same fault: who says it, what, and at which meter or place."""
        return "|".join((str(self.customer_id or self.contact_id), self.kind, str(self.meter_id or self._where)))

    @property
    def _where(self) -> str:
        if self.place:
            return " ".join(self.place.casefold().split())
        return " ".join(f"{degrees:.{_ABOUT_100_METRES}f}" for degrees in self.location or ())


@dataclass(frozen=True, slots=True)
class Filed:
    """The number of the ticket that a report became, or that it was added to."""

    number: int
    is_new: bool


# Two reports of the same, at the same instant over two channels, come one after the other from here to the commit.
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended('ticket ' || %(sameness)s, 0))"
_KNOWN = """
    SELECT id, number FROM ticket
    WHERE sameness = %(sameness)s AND business_id = %(business_id)s AND status = ANY(%(unsettled)s)
      AND created_at > %(since)s
    ORDER BY created_at DESC LIMIT 1
"""
# What the first report left out, and the second tells.
_COMPLETE = """
    UPDATE ticket SET latitude = %(latitude)s, longitude = %(longitude)s, place = COALESCE(place, %(place)s)
    WHERE id = %(id)s AND latitude IS NULL AND %(latitude)s::double precision IS NOT NULL
"""
_FILE = """
    WITH counted AS (
        INSERT INTO ticket_counter AS counter (business_id, last) VALUES (%(business_id)s, %(first)s)
        ON CONFLICT (business_id) DO UPDATE SET last = counter.last + 1
        RETURNING last
    ), filed AS (
        INSERT INTO ticket
            (id, created_at, business_id, number, kind, status, changed_at, customer_id, contact_id,
             conversation_id, meter_id, reporter, place, latitude, longitude, note, media, sameness)
        SELECT %(id)s, %(now)s, %(business_id)s, counted.last, %(kind)s, 'open', %(now)s, %(customer_id)s,
               %(contact_id)s, %(conversation_id)s, %(meter_id)s, %(reporter)s, %(place)s, %(latitude)s,
               %(longitude)s, %(note)s, %(media)s, %(sameness)s
        FROM counted
        RETURNING id, number
    ), noted AS (
        INSERT INTO ticket_event
            (id, created_at, business_id, ticket_id, action, actor, to_status, text, media)
        SELECT %(event_id)s, %(now)s, %(business_id)s, id, 'reported', 'customer', 'open', NULL, '[]' FROM filed
    )
    SELECT number FROM filed
"""


def file_report(visit: Visit, desk: Desk, report: Report) -> Filed:
    """Make a ticket of `report`, or add it to the unsettled one that the same customer made of the same today."""
    values = {"business_id": desk.business_id, "sameness": report.sameness}
    visit.ask(_TAKE_TURNS, values)
    unsettled = {"unsettled": list(UNSETTLED), "since": now() - _SAME_WITHIN}
    for ticket_id, number in visit.ask(_KNOWN, values | unsettled):
        add_remark(visit, ticket_id, THE_CUSTOMER, report.note, report.media, repeated=True)
        visit.ask(_COMPLETE, _values(report) | {"id": ticket_id})
        return Filed(number, is_new=False)
    ((number,),) = visit.ask(_FILE, values | _values(report))
    return Filed(number, is_new=True)


def _values(report: Report) -> dict[str, Any]:
    latitude, longitude = report.location or (None, None)
    return {
        "id": new_id(),
        "event_id": new_id(),
        "now": now(),
        "first": _FIRST_NUMBER,
        "kind": report.kind,
        "customer_id": report.customer_id,
        "contact_id": report.contact_id,
        "conversation_id": report.conversation_id,
        "meter_id": report.meter_id,
        "reporter": report.reporter,
        "place": report.place,
        "latitude": latitude,
        "longitude": longitude,
        "note": report.note,
        "media": Jsonb(report.media),
    }
