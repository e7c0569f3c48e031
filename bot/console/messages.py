"""Messages: what was sent and received, and what became of each."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy import select

from bot.api.contacts import Channel
from bot.api.messages import MessageShown, Status, list_messages, read_messages, show_message
from bot.api.reading import validated
from bot.api.shapes import Shape
from bot.console.readers import Listing, Reader, argument
from bot.console.sections import PEOPLE, Section
from bot.files import answered, file_of_message
from bot.problems import Problem
from domain.messages import STATUSES, DeliveryEvent, Message
from domain.senders import CHANNELS

messages = Section()

# Twilio tells of ten files of a message at most.
_PLACES: Final = frozenset(map(str, range(10)))


class _Filter(Shape):
    """By what messages are looked for: days are the business's own, both of them included."""

    channel: Channel | None = None
    status: Status | None = None
    customer_id: UUID | None = None
    since: date | None = None
    until: date | None = None


@messages.page("/messages", title="console.messages", template="messages.html", menu=PEOPLE, live="messages")
def message_list(reader: Reader) -> dict[str, Any]:
    """List messages, the newest first."""
    return {"found": _found(reader), "channels": CHANNELS, "statuses": STATUSES}


def _found(reader: Reader) -> Listing[MessageShown]:
    try:
        asked = validated(_Filter, {name: value for name in _Filter.model_fields if (value := argument(name))})
    except Problem as problem:
        return reader.refused(problem)
    given = asked.model_dump(exclude_none=True)
    if asked.since:
        given["since"] = _beginning(asked.since, reader)
    if asked.until and asked.until < date.max:
        given["until"] = _beginning(asked.until + timedelta(days=1), reader)
    return reader.listing(list_messages, given)


def _beginning(day: date, reader: Reader) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(reader.business.timezone))


@messages.page("/messages/<uuid:message_id>", title="console.message", template="message.html", live="messages")
def message_page(reader: Reader, message_id: UUID) -> dict[str, Any]:
    """Show a message: what was said, its way, and what became of it."""
    shown = reader.ask(show_message, message_id=message_id)
    return {"shown": shown, "events": _events(reader, message_id), "before": _before(reader, message_id)}


@messages.page("/messages/<uuid:message_id>/files/<place>", title="console.file", template="message.html")
def message_file(reader: Reader, message_id: UUID, place: str) -> Response:
    """Give a file of a message, as it was sent."""
    reader.ask(show_message, message_id=message_id)
    reader.session.close()  # Twilio may have to be asked for it
    ours, business_id = reader.call.services, reader.call.business_id
    found = file_of_message(ours, business_id, message_id, int(place)) if place in _PLACES else None
    if found is None:
        raise Problem(404, "not_found", "there is no such file, or it can't be had")
    return answered(found)


def _events(reader: Reader, message_id: UUID) -> list[Any]:
    """Return what Twilio told of a message, in the order in which it came."""
    statement = select(DeliveryEvent.received_at, DeliveryEvent.status, DeliveryEvent.error_code).where(
        DeliveryEvent.business_id == reader.call.business_id, DeliveryEvent.message_id == message_id
    )
    return list(reader.session.execute(statement.order_by(DeliveryEvent.seq).limit(50)))


def _before(reader: Reader, message_id: UUID) -> MessageShown | None:
    """Return the message in whose place this one was sent, if it was."""
    statement = select(Message.id).where(
        Message.business_id == reader.call.business_id, Message.replaced_by == message_id
    )
    found = reader.session.scalars(statement.limit(1)).one_or_none()
    return read_messages(reader.call, [found])[0] if found else None
