"""Tickets: faults and requests that customers reported."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from bot.jobs.queues import NOTICE_QUEUE
from bot.problems import Problem
from bot.tickets import move_ticket
from domain.staff import AGENT, VIEWER
from domain.tickets import STAFF, STEPS_TO, Actor, IllegalStep, NoSuchTicket, Ticket, TicketEvent

tickets = Resource("tickets", "Tickets: faults and requests that customers reported.")

Kind = Literal["no_power", "voltage", "meter_fault", "danger", "other", "request"]
Status = Literal["open", "in_progress", "waiting_customer", "resolved", "closed"]
_ORDER = Order((Ticket.number,), ("number",))


class TicketShown(Shape):
    """A ticket. Customers know it by its number, as T-1024."""

    id: UUID
    number: int
    kind: Kind
    status: Status
    created_at: datetime
    changed_at: datetime
    customer_id: UUID | None
    contact_id: UUID
    conversation_id: UUID
    meter_id: UUID | None
    reporter: str | None
    place: str | None
    latitude: float | None
    longitude: float | None
    note: str | None
    media: list[dict[str, Any]]


class TicketEventShown(Shape):
    """Something that happened to a ticket."""

    id: UUID
    ticket_id: UUID
    created_at: datetime
    action: str
    actor: str
    actor_name: str | None
    from_status: str | None
    to_status: str | None
    text: str | None
    media: list[dict[str, Any]]


class TicketInFull(TicketShown):
    """A ticket, everything that happened to it, and the states that it may go to now."""

    may_become: list[Status]
    events: list[TicketEventShown]


class TicketQuery(PageQuery):
    """Which tickets: all that is given must hold."""

    status: Status | None = None
    kind: Kind | None = None
    customer_id: UUID | None = None
    number: int | None = Field(None, ge=1, le=2**31 - 1)


# What a customer can read: something more than spaces.
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class TicketMove(Shape):
    """The state that a ticket goes to, and words that its customer is told with it."""

    status: Status
    words: Words | None = None


@tickets.get("/tickets", role=VIEWER, query=TicketQuery, answer=Page[TicketShown])
def list_tickets(call: Call, query: TicketQuery) -> Page[TicketShown]:
    """List tickets, the newest first."""
    statement = select(Ticket).where(Ticket.business_id == call.business_id)
    for name in ("status", "kind", "customer_id", "number"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(Ticket, name) == value)
    return page(call, statement, _ORDER, query, lambda row: TicketShown.model_validate(row[0]))


@tickets.get("/tickets/<uuid:ticket_id>", role=VIEWER, answer=TicketInFull)
def show_ticket(call: Call, ticket_id: UUID) -> TicketInFull:
    """Show a ticket, and everything that happened to it."""
    ticket = _found(call, ticket_id)
    events = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.created_at)
    return TicketInFull.model_validate(
        {
            **TicketShown.model_validate(ticket).model_dump(),
            "may_become": [to for to, sources in STEPS_TO.items() if ticket.status in sources],
            "events": [
                TicketEventShown.model_validate(event)
                for event in call.session.scalars(events.order_by(TicketEvent.id))
            ],
        }
    )


@tickets.patch(
    "/tickets/<uuid:ticket_id>",
    role=AGENT,
    body=TicketMove,
    answer=TicketInFull,
    problems={409: "From where the ticket is it may not go there."},
)
def move_a_ticket(call: Call, ticket_id: UUID, body: TicketMove) -> TicketInFull:
    """Let a ticket go to another state. The customer is told."""
    _found(call, ticket_id)
    actor = Actor(STAFF, call.principal.email or call.principal.name)
    try:
        moved = move_ticket(call.visit(), call.services.accounts, ticket_id, body.status, actor, body.words)
    except NoSuchTicket:
        raise _no_such_ticket() from None
    except IllegalStep as error:
        raise Problem(409, "illegal_transition", str(error)) from None
    after = {"status": moved.after, "words": body.words}
    call.record("ticket.moved", ("ticket", ticket_id), {"status": moved.before}, after)
    call.after_commit(lambda: call.services.bell.ring(NOTICE_QUEUE))
    call.session.expire_all()
    return show_ticket(call, ticket_id)


def _found(call: Call, ticket_id: UUID) -> Ticket:
    statement = select(Ticket).where(Ticket.business_id == call.business_id, Ticket.id == ticket_id)
    found = call.session.scalars(statement).one_or_none()
    if found is None:
        raise _no_such_ticket()
    return found


def _no_such_ticket() -> Problem:
    return Problem(404, "not_found", "there is no ticket with this id")
