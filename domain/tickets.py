"""A ticket: a fault or request that a customer reported, its states, and everything that happened to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import CheckConstraint, Double, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

FAULTS = ("no_power", "voltage", "meter_fault", "danger", "other")
REQUEST: Final = "request"
TICKET_KINDS = (*FAULTS, REQUEST)
OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED = TICKET_STATUSES = (
    "open",
    "in_progress",
    "waiting_customer",
    "resolved",
    "closed",
)
CUSTOMER, STAFF, SYSTEM = ACTORS = ("customer", "staff", "system")
REPORTED, REPEATED, REMARK, MOVED = ACTIONS = ("reported", "repeated", "remark", "moved")

# Where somebody still works on it, and a second report of the same adds to it.
UNSETTLED: Final = (OPEN, IN_PROGRESS, WAITING)
# For each state, those that it may be reached from.
STEPS_TO: Final[dict[str, tuple[str, ...]]] = {
    OPEN: (RESOLVED,),
    IN_PROGRESS: (OPEN, WAITING, RESOLVED),
    WAITING: (OPEN, IN_PROGRESS),
    RESOLVED: (OPEN, IN_PROGRESS, WAITING),
    CLOSED: (OPEN, IN_PROGRESS, WAITING, RESOLVED),
}


class TicketCounter(Base):
    """The last number that a business gave to a ticket."""

    __tablename__ = "ticket_counter"

    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), primary_key=True)
    last: Mapped[int]


class Ticket(Owned, Base):
    """What was reported, where, and how far it is. `number` is the customer's number of it, as in T-1024.

    `sameness` is equal where two reports are one and the same: see domain/reports.py. A ticket of somebody who is no
    customer has a contact and `reporter`, a name, only. News go to `conversation_id`, where it was reported.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("business_id", "number"),
        referable(),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"]),
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        CheckConstraint(one_of("kind", TICKET_KINDS), "kind"),
        CheckConstraint(one_of("status", TICKET_STATUSES), "status"),
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", "location"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", "whole_location"),
        Index("ix_ticket_sameness", "sameness", "created_at"),
        Index("ix_ticket_status", "business_id", "status", "number"),
    )

    number: Mapped[int]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default=OPEN)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    customer_id: Mapped[UUID | None] = mapped_column(index=True)
    contact_id: Mapped[UUID] = mapped_column(index=True)
    conversation_id: Mapped[UUID]
    meter_id: Mapped[UUID | None]
    reporter: Mapped[str | None]
    place: Mapped[str | None]
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    note: Mapped[str | None]
    media: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    sameness: Mapped[str]


class TicketEvent(Owned, Base):
    """Something that happened to a ticket, kept for ever: rows are only ever added.

    `actor` is who did it; `actor_name` says it of staff. The states are set where the ticket moved.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "ticket_id"], ["ticket.business_id", "ticket.id"]),
        CheckConstraint(one_of("action", ACTIONS), "action"),
        CheckConstraint(one_of("actor", ACTORS), "actor"),
        CheckConstraint("(action = 'moved') = (from_status IS NOT NULL)", "from_status"),
        CheckConstraint("(action IN ('moved', 'reported')) = (to_status IS NOT NULL)", "to_status"),
    )

    ticket_id: Mapped[UUID] = mapped_column(index=True)
    action: Mapped[str]
    actor: Mapped[str]
    actor_name: Mapped[str | None]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    text: Mapped[str | None]
    media: Mapped[list[dict[str, Any]]] = mapped_column(default=list)


class NoSuchTicket(LookupError):
    """The business has no such ticket."""


class IllegalStep(ValueError):
    """A ticket may not go from the state that it is in to the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something to a ticket: the customer, somebody of staff by name, or the system."""

    kind: str
    name: str | None = None


THE_CUSTOMER: Final = Actor(CUSTOMER)
THE_SYSTEM: Final = Actor(SYSTEM)


@dataclass(frozen=True, slots=True)
class Move:
    """A ticket that went from one state to another, and the conversation that is to hear of it."""

    ticket_id: UUID
    number: int
    kind: str
    before: str
    after: str
    conversation_id: UUID


_MOVE = """
    WITH before AS (
        SELECT id, status FROM ticket WHERE id = %(ticket_id)s FOR UPDATE
    ), moved AS (
        UPDATE ticket SET status = %(to)s, changed_at = %(now)s
        FROM before WHERE ticket.id = before.id AND before.status = ANY(%(from)s)
        RETURNING ticket.id, business_id, number, kind, before.status AS before, ticket.status AS after,
                  conversation_id
    ), noted AS (
        INSERT INTO ticket_event
            (id, created_at, business_id, ticket_id, action, actor, actor_name, from_status, to_status, text, media)
        SELECT %(event_id)s, %(now)s, business_id, id, 'moved', %(actor)s, %(actor_name)s, before, after, %(text)s,
               '[]'
        FROM moved
    )
    SELECT id, number, kind, before, after, conversation_id FROM moved
"""
_STATUS = "SELECT status FROM ticket WHERE id = %(ticket_id)s"
_REMARK = """
    INSERT INTO ticket_event (id, created_at, business_id, ticket_id, action, actor, actor_name, text, media)
    SELECT %(event_id)s, %(now)s, business_id, id, %(action)s, %(actor)s, %(actor_name)s, %(text)s, %(media)s
    FROM ticket WHERE id = %(ticket_id)s
    RETURNING ticket_id
"""


def move(visit: Visit, ticket_id: UUID, to: str, actor: Actor, text: str | None = None) -> Move:
    """Let a ticket go to the state `to`, and write down who did it, with `text`. The customer is not told here.

    Raises NoSuchTicket, and IllegalStep where STEPS_TO does not allow it.
    """
    values = _event(ticket_id, actor, text) | {"to": to, "from": list(STEPS_TO[to])}
    moved = visit.ask(_MOVE, values)
    if moved:
        return Move(*moved[0])
    known = visit.ask(_STATUS, values)
    if not known:
        raise NoSuchTicket(str(ticket_id))
    raise IllegalStep(f"a ticket that is {known[0][0]} can't become {to}")


def add_remark(
    visit: Visit,
    ticket_id: UUID,
    actor: Actor,
    text: str | None,
    media: list[dict[str, Any]] | None = None,
    *,
    repeated: bool = False,
) -> None:
    """Add to a ticket what somebody says of it; `repeated`: that it was reported again. Raises NoSuchTicket."""
    values = _event(ticket_id, actor, text) | {"media": Jsonb(media or []), "action": REPEATED if repeated else REMARK}
    if not visit.ask(_REMARK, values):
        raise NoSuchTicket(str(ticket_id))


def _event(ticket_id: UUID, actor: Actor, text: str | None) -> dict[str, Any]:
    return {
        "event_id": new_id(),
        "ticket_id": ticket_id,
        "now": now(),
        "actor": actor.kind,
        "actor_name": actor.name,
        "text": text,
    }
