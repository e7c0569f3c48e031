"""Messages: everything sent or received, on every channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, func, lateral, select, true

from bot.api.calls import Call
from bot.api.contacts import Channel
from bot.api.pages import Order, as_page, beyond, read_cursor
from bot.api.routes import Resource
from bot.api.shapes import Instant, Page, PageQuery, Shape
from bot.channels.twilio_errors import text_of
from bot.problems import Problem
from domain.contacts import Contact
from domain.customers import ContactCustomer
from domain.hiding import shown
from domain.messages import STATUSES, Message
from domain.senders import CHANNELS, Sender
from domain.staff import VIEWER
from locales.catalogue import LANGUAGES
from locales.speech import Speech

messages = Resource("messages", "Messages: everything sent or received, on every channel.")

Status = Literal[
    "received",
    "queued",
    "sending",
    "in_doubt",
    "accepted",
    "sent",
    "delivered",
    "read",
    "undelivered",
    "failed",
    "skipped",
]
_FOUND: Any = select(Message.id, Message.created_at)
NEWEST_FIRST = Order((Message.created_at, Message.id), ("created_at", "id"))


class InWords(Shape):
    """The same in both languages."""

    ar: str
    en: str


class MessageShown(Shape):
    """A message. A one-time code is never shown; `reason` says why a bad end is bad, `reason_text` in words.

    `replaced_by` is the message that was sent in its place, after another try or over another channel.
    """

    id: UUID
    created_at: datetime
    direction: Literal["inbound", "outbound"]
    channel: Channel
    kind: str
    status: Status
    reason: str | None
    reason_text: InWords | None
    replaced_by: UUID | None
    provider_sid: str | None
    sender: str
    contact: str
    to: str
    text: str
    media: list[dict[str, Any]]
    customer_id: UUID | None
    contact_id: UUID
    conversation_id: UUID
    segments: int | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


class MessageQuery(PageQuery):
    """Which messages: all that is given must hold."""

    customer_id: UUID | None = None
    channel: Channel | None = None
    status: Status | None = None
    since: Instant | None = None
    until: Instant | None = None


@messages.get("/messages", role=VIEWER, query=MessageQuery, answer=Page[MessageShown])
def list_messages(call: Call, query: MessageQuery) -> Page[MessageShown]:
    """List messages, the newest first."""
    after = read_cursor(call, query.cursor, NEWEST_FIRST)
    ids = call.session.scalars(listing(call.business_id, query, after)).all()
    return as_page(call, NEWEST_FIRST, query, read_messages(call, ids))


@messages.get("/messages/<uuid:message_id>", role=VIEWER, answer=MessageShown)
def show_message(call: Call, message_id: UUID) -> MessageShown:
    """Show one message."""
    found = read_messages(call, [message_id])
    if not found:
        raise Problem(404, "not_found", "there is no message with this id")
    return found[0]


def listing(business_id: UUID, query: MessageQuery, after: Sequence[Any] | None) -> Any:
    """Return the statement that finds the ids of a page, one more than it has, newest first."""
    conditions = [Message.business_id == business_id]
    if query.since is not None:
        conditions.append(Message.created_at >= query.since)
    if query.until is not None:
        conditions.append(Message.created_at < query.until)
    if after is not None:
        conditions.append(beyond(NEWEST_FIRST, after))
    channels = [query.channel] if query.channel else list(CHANNELS)
    statuses = [query.status] if query.status else list(STATUSES)
    if query.customer_id is None:
        return _of_each(channels, statuses, conditions, query.limit)
    conditions += [Message.channel.in_(channels), Message.status.in_(statuses)]
    found = of_customer(business_id, query.customer_id, conditions, query.limit).subquery()
    return select(found.c.id).order_by(found.c.created_at.desc(), found.c.id.desc()).limit(query.limit + 1)


def of_customer(business_id: UUID, customer_id: UUID, conditions: list[Any], limit: int) -> Any:
    """Return the statement that finds the newest messages of a customer: twice the page at most, in no order.

    They are those that were about this customer, and those about none, to and from where this customer is reached.
    """
    about = _newest(_FOUND.where(*conditions, Message.customer_id == customer_id), limit).subquery()
    linked = (
        select(ContactCustomer.contact_id)
        .where(ContactCustomer.business_id == business_id, ContactCustomer.customer_id == customer_id)
        .subquery()
    )
    each = lateral(
        _newest(
            _FOUND.where(*conditions, Message.contact_id == linked.c.contact_id, Message.customer_id.is_(None)),
            limit,
        ),
        name="each",
    )
    about_none = select(each.c.id, each.c.created_at).select_from(linked.join(each, true()))
    return select(about.c.id, about.c.created_at).union_all(about_none)


def read_messages(call: Call, ids: Sequence[UUID]) -> list[MessageShown]:
    """Return the messages with these ids, of this business, newest first."""
    statement = (
        select(Message, Sender.address.label("sender"), Contact.address.label("contact"))
        .join(Sender, Sender.id == Message.sender_id)
        .join(Contact, Contact.id == Message.contact_id)
        .where(Message.business_id == call.business_id, Message.id.in_(ids))
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    rows: Any = call.session.execute(statement).all()
    return [_shown(*row) for row in rows]


def _newest(statement: Any, limit: int) -> Any:
    return statement.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit + 1)


def _of_each(channels: list[Any], statuses: list[Any], conditions: list[Any], limit: int) -> Any:
    """Return the newest of all those in these channels and statuses.

    The index has the messages of each channel and status by time; so a page is the newest of the newest of each, and
    none takes longer to find because there are few, or none.
    """
    pairs = [(channel, status) for channel in channels for status in statuses]
    lists = (cast([pair[0] for pair in pairs], ARRAY(Text)), cast([pair[1] for pair in pairs], ARRAY(Text)))
    wanted = func.unnest(*lists).table_valued("channel", "status", name="wanted").render_derived()
    each = lateral(
        _newest(
            _FOUND.where(*conditions, Message.channel == wanted.c.channel, Message.status == wanted.c.status),
            limit,
        ),
        name="each",
    )
    return (
        select(each.c.id)
        .select_from(wanted.join(each, true()))
        .order_by(each.c.created_at.desc(), each.c.id.desc())
        .limit(limit + 1)
    )


def _shown(message: Message, sender: str, contact: str) -> MessageShown:
    own = {name: getattr(message, name) for name in MessageShown.model_fields if hasattr(message, name)}
    own["text"] = shown(message.kind, message.text)
    to = contact if message.direction == "outbound" else sender
    words = _in_words(message.reason) if message.reason else None
    return MessageShown.model_validate({**own, "sender": sender, "contact": contact, "to": to, "reason_text": words})


def _in_words(reason: str) -> InWords:
    said = text_of(reason)
    return InWords(**{language: Speech(language, sms=False).say(said) for language in LANGUAGES})
