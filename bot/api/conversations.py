"""Conversations: what contacts and senders say to each other."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.contacts import Channel
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from bot.problems import Problem
from domain.clock import now
from domain.contacts import Contact
from domain.conversations import Conversation
from domain.customers import ContactCustomer
from domain.handovers import Handover
from domain.outbox import WINDOW
from domain.senders import WHATSAPP, Sender
from domain.staff import VIEWER

conversations = Resource("conversations", "Conversations: what a contact and a sender say to each other.")

_ORDER = Order((Conversation.id,), ("id",))
_HEARD = Order((Conversation.last_inbound_at, Conversation.id), ("last_inbound_at", "id"))


class ConversationShown(Shape):
    """A conversation, and where in which flow it is.

    `person_wanted_at` is set while the customer waits for a person; `assigned_to` is whom of staff it was given to.
    `taken_by` is who of staff answers, since `taken_at`; the bot is silent then. Until `window_closes_at` WhatsApp lets
    us write freely; it is null on other channels, and while it is closed.
    """

    id: UUID
    created_at: datetime
    channel: Channel
    sender_id: UUID
    sender: str
    contact_id: UUID
    contact: str
    language: str | None
    customer_id: UUID | None
    flow: str | None
    state: str | None
    turns: int
    last_inbound_at: datetime | None
    turned_at: datetime | None
    opted_out_at: datetime | None
    person_wanted_at: datetime | None
    assigned_to: UUID | None
    taken_by: UUID | None
    taken_by_name: str | None
    taken_at: datetime | None
    window_closes_at: datetime | None


class ConversationQuery(PageQuery):
    """Which conversations: all that is given must hold."""

    contact_id: UUID | None = None
    customer_id: UUID | None = None
    person_wanted: bool | None = None
    taken: bool | None = Field(None, description="Whether somebody of staff answers in it.")
    assigned_to: UUID | None = Field(None, description="Those given to, or taken by, somebody of staff.")
    order: Literal["began", "heard"] = Field(
        "began", description="Those that began last first; or those of who wrote to us, who wrote last first."
    )


@conversations.get("/conversations", role=VIEWER, query=ConversationQuery, answer=Page[ConversationShown])
def list_conversations(call: Call, query: ConversationQuery) -> Page[ConversationShown]:
    """List conversations, the newest first."""
    statement = _all(call)
    if query.contact_id is not None:
        statement = statement.where(Conversation.contact_id == query.contact_id)
    if query.customer_id is not None:
        spoken_for = select(ContactCustomer.contact_id).where(ContactCustomer.customer_id == query.customer_id)
        statement = statement.where(Conversation.contact_id.in_(spoken_for))
    if query.person_wanted is not None:
        wanted = Conversation.person_wanted_at
        statement = statement.where(wanted.is_not(None) if query.person_wanted else wanted.is_(None))
    if query.taken is not None:
        has = Conversation.handover_id
        statement = statement.where(has.is_not(None) if query.taken else has.is_(None))
    if query.assigned_to is not None:
        statement = statement.where(Conversation.assigned_to == query.assigned_to)
    if query.order == "heard":
        return page(call, statement.where(Conversation.last_inbound_at.is_not(None)), _HEARD, query, _shown)
    return page(call, statement, _ORDER, query, _shown)


@conversations.get("/conversations/<uuid:conversation_id>", role=VIEWER, answer=ConversationShown)
def show_conversation(call: Call, conversation_id: UUID) -> ConversationShown:
    """Show a conversation."""
    row = call.session.execute(_all(call).where(Conversation.id == conversation_id)).one_or_none()
    if row is None:
        raise Problem(404, "not_found", "there is no conversation with this id")
    return _shown(row)


def _all(call: Call) -> Any:
    return (
        select(Conversation, Sender.address, Sender.channel, Contact.address, Contact.language, Handover)
        .join(Sender, Sender.id == Conversation.sender_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(Handover, Handover.id == Conversation.handover_id)
        .where(Conversation.business_id == call.business_id)
    )


def _shown(row: Any) -> ConversationShown:
    conversation, sender, channel, contact, language, handover = row
    own = {name: getattr(conversation, name) for name in ConversationShown.model_fields if hasattr(conversation, name)}
    others = {"sender": sender, "channel": channel, "contact": contact, "language": language}
    taken = {
        "taken_by": handover.taken_by if handover else None,
        "taken_by_name": handover.taken_by_name if handover else None,
        "taken_at": handover.created_at if handover else None,
        "window_closes_at": _closing(conversation, channel),
    }
    return ConversationShown.model_validate(own | others | taken)


def _closing(conversation: Conversation, channel: str) -> datetime | None:
    last = conversation.last_inbound_at
    closes = last + WINDOW if channel == WHATSAPP and last else None
    return closes if closes and closes > now() else None
