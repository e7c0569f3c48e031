"""A tap on a button or a list row of a message, turned into what the person sends by it."""

from typing import Any

from sandbox.twilio.books import Books
from sandbox.twilio.clock import Clock
from sandbox.twilio.content.types import LIST_PICKER, QUICK_REPLY
from sandbox.twilio.errors import BadRequestError
from sandbox.twilio.inbound import Inbound
from sandbox.twilio.model import Message
from sandbox.twilio.settings import LiveSettings

# A tap on an older message no longer says which message it was on.
_REMEMBERED_SECONDS = 7 * 24 * 3600
_DELIVERY = ("duplicate", "at_once", "wait")


class Tapping:
    def __init__(self, books: Books, inbound: Inbound, settings: LiveSettings, clock: Clock) -> None:
        self._books = books
        self._inbound = inbound
        self._settings = settings
        self._clock = clock

    def tap(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """{sid, id} and how to deliver it, as for any inbound message; answers as that does."""
        message = self._books.get(str(wanted.get("sid")))
        if message is None or not message.extra.get("interactive"):
            raise BadRequestError("sid names a message with buttons or a list")
        if message.status not in {"delivered", "read"}:
            raise BadRequestError(f"the message is {message.status}, so it can't be tapped")
        form = {
            "from": message.person,
            "to": message.company,
            "channel": message.channel,
            **{name: wanted[name] for name in _DELIVERY if name in wanted},
            **self._selection(message, _entry(message, str(wanted.get("id")))),
        }
        if self._clock.now() - message.created <= _REMEMBERED_SECONDS:
            form["reply_to"] = message.sid
        return self._inbound.receive(form)

    def _selection(self, message: Message, entry: dict[str, Any]) -> dict[str, Any]:
        title = entry["title"]
        if message.extra["interactive"]["type"] == LIST_PICKER:
            if self._settings.values.list_selection == "list":
                item = {"id": entry["id"], "title": title, "description": entry.get("description") or ""}
                return {"list": item}
            if self._settings.values.list_selection == "body":
                return {"body": title, "kind": "list"}
        return {"button": {"text": title, "payload": entry["id"]}}


def _entry(message: Message, wanted: str) -> dict[str, Any]:
    interactive = message.extra["interactive"]
    if interactive["type"] not in {QUICK_REPLY, LIST_PICKER}:
        raise BadRequestError("its buttons open an address or a call; nothing is sent")
    entries: list[dict[str, Any]] = interactive["entries"]
    for entry in entries:
        if entry["id"] == wanted:
            return entry
    raise BadRequestError(f"id is one of {', '.join(entry['id'] for entry in entries)}")
