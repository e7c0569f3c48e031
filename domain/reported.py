"""What somebody reported: their tickets, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.door import Visit

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Reported:
    """A ticket, as the one who reported it sees it. `meter` is what its owner calls it."""

    ticket_id: UUID
    number: int
    kind: str
    status: str
    created_at: datetime
    changed_at: datetime
    place: str | None
    meter_no: str | None
    nickname: str | None
    note: str | None


# What a contact reported since it is in these hands, and what was reported, by whomever, for the customers that it
# speaks for.
_REPORTED = f"""
    SELECT ticket.id, number, ticket.kind, status, ticket.created_at, changed_at, place, meter_no, nickname, note
    FROM ticket LEFT JOIN meter ON meter.id = meter_id
    WHERE (ticket.contact_id = %(contact_id)s AND ticket.customer_id IS NULL AND NOT EXISTS (
               SELECT FROM contact WHERE id = ticket.contact_id AND changed_hands_at > ticket.created_at)
           OR ticket.customer_id IN (SELECT customer_id FROM speaks_for WHERE contact_id = %(contact_id)s))
      AND COALESCE(number = %(number)s, true)
    ORDER BY number DESC LIMIT {_MOST}
"""  # noqa: S608  a number of our own


def reported_by(visit: Visit, contact_id: UUID) -> tuple[Reported, ...]:
    """Return the newest tickets that concern the contact."""
    return _reported(visit, contact_id, None)


def reported_as(visit: Visit, contact_id: UUID, number: int) -> Reported | None:
    """Return the ticket of that number; None where there is none that concerns the contact."""
    return next(iter(_reported(visit, contact_id, number)), None)


def _reported(visit: Visit, contact_id: UUID, number: int | None) -> tuple[Reported, ...]:
    rows = visit.ask(_REPORTED, {"contact_id": contact_id, "number": number})
    return tuple(Reported(*row) for row in rows)
