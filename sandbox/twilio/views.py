"""Messages as the phone page and the control interface see them."""

from typing import Any

from sandbox.twilio.books import Books
from sandbox.twilio.clock import Clock, iso
from sandbox.twilio.hub import Hub
from sandbox.twilio.model import Media, Message


def file_document(media: Media) -> dict[str, Any]:
    return {
        "sid": media.sid,
        "content_type": media.content_type,
        "url": media.url,
        "name": media.name,
        "size": media.size,
    }


def bubble(message: Message) -> dict[str, Any]:
    """What the phone shows of a message."""
    last = message.callbacks[-1] if message.callbacks else None
    return {
        "sid": message.sid,
        "seq": message.seq,
        "mine": message.inbound,
        "origin": message.origin,
        "channel": message.channel,
        "person": message.person,
        "company": message.company,
        "kind": message.kind,
        "body": message.shown,
        "status": message.status,
        "error_code": message.error_code,
        "error_text": message.channel_error,
        "at": iso(message.created),
        "segments": message.num_segments,
        "seen": message.seen,
        "read_by_company": bool(message.extra.get("read_by_company")),
        "media": [file_document(media) for media in message.media],
        "extra": message.extra,
        "http": last,
    }


def booked(message: Message) -> dict[str, Any]:
    """What the control interface tells of a message: everything."""
    return {
        "seq": message.seq,
        "sid": message.sid,
        "account_sid": message.account_sid,
        "direction": message.direction,
        "origin": message.origin,
        "channel": message.channel,
        "from": message.sender,
        "to": message.to,
        "body": message.body,
        "shown": message.shown,
        "kind": message.kind,
        "status": message.status,
        "error_code": message.error_code,
        "num_segments": message.num_segments,
        "media": [file_document(media) for media in message.media],
        "extra": message.extra,
        "status_callback": message.status_callback,
        "messaging_service_sid": message.service_sid,
        "created_at": iso(message.created),
        "deleted": message.deleted,
        "history": [{"status": status, "at": iso(at)} for status, at in message.history],
        "callbacks": [{**row, "at": iso(row["at"])} for row in message.callbacks],
    }


def publish_changes(books: Books, hub: Hub, clock: Clock) -> None:
    def tell(message: Message) -> None:
        if hub.listening:
            hub.publish("message", {**bubble(message), "now": iso(clock.now())})

    books.on_change(tell)
