"""The phone page: its files, its state, and its stream of events."""

import json
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request, send_from_directory

from sandbox.twilio.clock import iso
from sandbox.twilio.control import json_object
from sandbox.twilio.errors import BadRequestError
from sandbox.twilio.hub import Hub
from sandbox.twilio.media import SAMPLES
from sandbox.twilio.model import Message
from sandbox.twilio.views import bubble
from sandbox.twilio.world import World

_FILES = Path(__file__).parent / "phone"
_HEARTBEAT_SECONDS = 10.0
_BATCH = 100
_MAX_CHATS = 1000
# Types that a browser may show in place; anything else is only ever downloaded.
_SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/")


def register(app: Flask, world: World) -> None:
    phone = _Phone(world)
    blueprint = Blueprint("phone", __name__)
    for method, path, view in (
        ("GET", "/", phone.page),
        ("GET", "/phone/files/<path:name>", phone.file),
        ("GET", "/phone/state", phone.state),
        ("GET", "/phone/messages", phone.messages),
        ("GET", "/phone/media/<sid>", phone.media),
        ("GET", "/phone/traffic", phone.traffic),
        ("DELETE", "/phone/traffic", phone.clear_traffic),
        ("POST", "/phone/viewing", phone.viewing),
        ("GET", "/phone/events", phone.events),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_blueprint(blueprint)


class _Phone:
    def __init__(self, world: World) -> None:
        self._world = world

    def page(self) -> Response:
        return send_from_directory(_FILES, "index.html", max_age=0)

    def file(self, name: str) -> Response:
        return send_from_directory(_FILES, name, max_age=0)

    def state(self) -> Response:
        directory = self._world.directory
        return jsonify(
            people=[
                {
                    "name": person.name,
                    "name_ar": person.name_ar,
                    "address": person.phone or person.bsuid,
                    "phone": person.phone,
                    "bsuid": person.bsuid,
                    "note": person.note,
                    "note_ar": person.note_ar,
                }
                for person in directory.config.people
            ],
            senders=[
                {
                    "address": s.address,
                    "channel": s.channel,
                    "label": s.label,
                    "label_ar": s.label_ar,
                    "two_way": s.two_way,
                }
                for s in directory.config.senders
            ],
            chats=self._chats(),
            settings=self._world.settings.document(),
            faults=self._world.faults.documents(),
            samples=[{"name": name, "content_type": kind, "file": file} for name, (file, kind) in SAMPLES.items()],
            now=iso(self._world.clock.now()),
        )

    def messages(self) -> Response:
        wanted = {name: request.args.get(name, "") for name in ("person", "company", "channel")}
        limit = min(request.args.get("limit", 200, type=int), 1000)
        found = [m for m in self._world.books.newest_first() if _belongs(m, wanted)][:limit]
        return jsonify(items=[bubble(m) for m in reversed(found)])

    def media(self, sid: str) -> Response:
        content, kind = self._world.books.file(sid), request.args.get("type", "application/octet-stream")
        if content is None:
            return Response("not here", 404)
        shown = kind.startswith(_SHOWN)
        response = Response(content, content_type=kind if shown else "application/octet-stream")
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        if not shown:
            response.headers["Content-Disposition"] = "attachment"
        return response

    def traffic(self) -> Response:
        return jsonify(items=self._world.traffic.documents())

    def clear_traffic(self) -> Response:
        self._world.traffic.clear()
        return jsonify(ok=True)

    def viewing(self) -> Response:
        """The page tells which chat is before the person's eyes, or that none is."""
        data = json_object()
        page = str(data.get("page") or "")
        if not page:
            raise BadRequestError("page is needed")
        if not data.get("open"):
            self._world.timeline.viewing.close(page)
            return jsonify(ok=True)
        chat = str(data.get("person", "")), str(data.get("company", "")), str(data.get("channel", ""))
        self._world.timeline.viewing.open(page, *chat)
        self._world.timeline.see(*chat)
        return jsonify(ok=True)

    def events(self) -> Response:
        page = request.args.get("page", "")
        response = Response(self._stream(page), content_type="text/event-stream; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
        return response

    def _stream(self, page: str) -> Iterator[bytes]:
        """Ends when the page goes away, and takes its open chat with it."""
        hub: Hub = self._world.hub
        try:
            with hub.listen() as events:
                yield b"retry: 1000\n\nevent: hello\ndata: {}\n\n"
                while not self._world.stopping.is_set():
                    yield _next_events(events)
        finally:
            self._world.timeline.viewing.close(page)

    def _chats(self) -> list[dict[str, Any]]:
        """The liveliest chats, each with the number of unread messages."""
        found: dict[tuple[str, str, str], dict[str, Any]] = {}
        for message in self._world.books.newest_first():
            key = (message.person, message.company, message.channel)
            if key not in found:
                if len(found) >= _MAX_CHATS:
                    break
                found[key] = dict(zip(("person", "company", "channel"), key, strict=True))
                found[key] |= {"unread": 0, "seq": message.seq}
            if not message.inbound and not message.seen and message.status in {"delivered", "read"}:
                found[key]["unread"] += 1
        return list(found.values())


def _belongs(message: Message, chat: dict[str, str]) -> bool:
    return (message.person, message.company, message.channel) == (chat["person"], chat["company"], chat["channel"])


def _next_events(events: "queue.Queue[tuple[str, dict[str, Any]]]") -> bytes:
    """What has gathered, or a heartbeat, by which a page that went away is noticed."""
    try:
        batch = [events.get(timeout=_HEARTBEAT_SECONDS)]
    except queue.Empty:
        return b": still here\n\n"
    while len(batch) < _BATCH and not events.empty():
        batch.append(events.get_nowait())
    return b"".join(f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode() for name, data in batch)
