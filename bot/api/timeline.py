"""A customer's timeline: what was said, reported and decided, in the order of time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import literal, select, union_all

from bot.api.calls import Call
from bot.api.customers import found_customer
from bot.api.messages import NEWEST_FIRST, MessageShown, of_customer, read_messages
from bot.api.pages import Order, as_page, beyond, read_cursor
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from bot.api.tickets import TicketEventShown
from domain.contacts import Consent
from domain.customers import ContactCustomer
from domain.messages import Message
from domain.staff import VIEWER
from domain.tickets import Ticket, TicketEvent

timeline = Resource("timeline", "A customer's timeline: what was said, reported and decided.")


class ConsentShown(Shape):
    """A decision of a person: what about, and whether it was a yes."""

    id: UUID
    topic: str
    granted: bool
    source: str
    contact_id: UUID


class Moment(Shape):
    """Something that happened. Of the last three the one that `kind` names is there."""

    created_at: datetime
    id: UUID
    kind: Literal["message", "ticket", "consent"]
    message: MessageShown | None = None
    ticket: TicketEventShown | None = None
    consent: ConsentShown | None = None


@timeline.get("/customers/<uuid:customer_id>/timeline", role=VIEWER, query=PageQuery, answer=Page[Moment])
def show_timeline(call: Call, customer_id: UUID, query: PageQuery) -> Page[Moment]:
    """Show what was said to and by a customer, their tickets and their decisions, the newest first."""
    customer = found_customer(call, customer_id)
    after = read_cursor(call, query.cursor, NEWEST_FIRST)
    found = [tuple(row) for row in call.session.execute(moments(call.business_id, customer.id, query.limit, after))]
    return as_page(call, NEWEST_FIRST, query, _told(call, found))


def moments(business_id: UUID, customer_id: UUID, limit: int, after: Sequence[Any] | None) -> Any:
    """Return the statement that finds the newest moments of a customer, one more than `limit`."""
    tickets = select(Ticket.id).where(Ticket.business_id == business_id, Ticket.customer_id == customer_id)
    linked = select(ContactCustomer.contact_id).where(ContactCustomer.customer_id == customer_id)
    conditions = [Message.business_id == business_id]
    if after is not None:
        conditions.append(beyond(NEWEST_FIRST, after))
    said = of_customer(business_id, customer_id, conditions, limit).subquery()
    found = [
        select(literal("message").label("kind"), said.c.created_at, said.c.id),
        _newest("ticket", TicketEvent, TicketEvent.ticket_id.in_(tickets), limit, after),
        _newest("consent", Consent, Consent.contact_id.in_(linked), limit, after),
    ]
    together = union_all(*(one.subquery().select() for one in found)).subquery()
    return select(together).order_by(together.c.created_at.desc(), together.c.id.desc()).limit(limit + 1)


def _newest(kind: str, table: Any, condition: Any, limit: int, after: Sequence[Any] | None) -> Any:
    statement = select(literal(kind).label("kind"), table.created_at, table.id).where(condition)
    if after is not None:
        statement = statement.where(beyond(_order(table.created_at, table.id), after))
    return statement.order_by(table.created_at.desc(), table.id.desc()).limit(limit + 1)


def _order(at: Any, row_id: Any) -> Order:
    return Order((at, row_id), ("created_at", "id"))


def _told(call: Call, found: Sequence[tuple[Any, ...]]) -> list[Moment]:
    """Return the moments with what happened in each."""
    ids: dict[str, list[UUID]] = {"message": [], "ticket": [], "consent": []}
    for kind, _, row_id in found:
        ids[kind].append(row_id)
    told: dict[UUID, Shape] = {one.id: one for one in read_messages(call, ids["message"])}
    events = call.session.scalars(select(TicketEvent).where(TicketEvent.id.in_(ids["ticket"])))
    told |= {event.id: TicketEventShown.model_validate(event) for event in events}
    consents = call.session.scalars(select(Consent).where(Consent.id.in_(ids["consent"])))
    told |= {consent.id: ConsentShown.model_validate(consent) for consent in consents}
    return [
        Moment.model_validate({"created_at": at, "id": row_id, "kind": kind, kind: told[row_id]})
        for kind, at, row_id in found
    ]
