"""The control interface: faults, people's messages, the books, the settings."""

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.twilio.addresses import bare
from sandbox.twilio.clock import parse_instant
from sandbox.twilio.content.documents import with_approval
from sandbox.twilio.content.model import APPROVED, STATUSES
from sandbox.twilio.errors import BadRequestError
from sandbox.twilio.model import RANK, Message
from sandbox.twilio.tally import count_messages
from sandbox.twilio.views import booked
from sandbox.twilio.world import World

_MAX_ROWS = 10_000


def register(app: Flask, world: World) -> None:
    control = _Control(world)
    blueprint = Blueprint("control", __name__, url_prefix="/control")
    for method, path, view in (
        ("GET", "/faults", control.list_faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.remove_faults),
        ("DELETE", "/faults/<int:fault_id>", control.remove_fault),
        ("POST", "/inbound", control.receive),
        ("POST", "/tap", control.tap),
        ("GET", "/contents", control.list_contents),
        ("POST", "/approvals", control.decide),
        ("GET", "/messages", control.list_messages),
        ("GET", "/stats", control.stats),
        ("POST", "/reset", control.reset),
        ("GET", "/settings", control.show_settings),
        ("POST", "/settings", control.change_settings),
        ("POST", "/callbacks", control.call_back),
        ("POST", "/window", control.set_window),
        ("POST", "/optout", control.set_optout),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_blueprint(blueprint)


def json_object() -> dict[str, Any]:
    data = request.get_json(silent=True, force=True) if request.get_data() else {}
    if not isinstance(data, dict):
        raise BadRequestError("the body is a JSON object")
    return data


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_faults(self) -> Response:
        return jsonify(items=self._world.faults.documents())

    def add_fault(self) -> Response:
        response = jsonify(self._world.faults.add(json_object()))
        response.status_code = 201
        self._tell_faults()
        return response

    def remove_faults(self) -> Response:
        removed = self._world.faults.remove()
        self._tell_faults()
        return jsonify(removed=removed)

    def remove_fault(self, fault_id: int) -> Response:
        removed = self._world.faults.remove(fault_id)
        self._tell_faults()
        return jsonify(removed=removed)

    def receive(self) -> Response:
        return jsonify(self._world.inbound.receive(json_object()))

    def tap(self) -> Response:
        """{sid, id}: the person taps that button or list row of that message."""
        return jsonify(self._world.tapping.tap(json_object()))

    def list_contents(self) -> Response:
        """What was registered, newest first, with its approval."""
        return jsonify(items=[with_approval(content) for content in self._world.shelf.all()])

    def decide(self) -> Response:
        """{status, sid, reason}: WhatsApp decides now, on that template, or without sid on all that wait."""
        data = json_object()
        status, shelf = data.get("status", APPROVED), self._world.shelf
        if status not in STATUSES:
            raise BadRequestError(f"status is one of {', '.join(STATUSES)}")
        wanted = [one for one in shelf.all() if one.sid == data["sid"]] if "sid" in data else shelf.undecided()
        if "sid" in data and not wanted:
            raise BadRequestError("sid names a registered content")
        for content in wanted:
            self._world.approvals.decide(content, str(status), str(data.get("reason") or ""))
        return jsonify(decided=[content.sid for content in wanted])

    def list_messages(self) -> Response:
        """Oldest first. `since` is a sequence number (the last one seen) or an ISO instant."""
        query = request.args
        since = query.get("since", "")
        after = int(since) if since.isascii() and since.isdigit() else 0
        messages = [m for m in self._world.books.after(after) if _wanted(m, query.to_dict(), since)]
        limit = min(query.get("limit", _MAX_ROWS, type=int), _MAX_ROWS)
        rows = messages[:limit]
        return jsonify(items=[booked(m) for m in rows], next_since=rows[-1].seq if rows else after)

    def stats(self) -> Response:
        world = self._world
        return jsonify(
            **world.tally.document(),
            **count_messages(world.books.newest_first()),
            callbacks={name: world.callbacks.counts[name] for name in ("sent", "failed", "dropped", "duplicated")},
            inbound={name: world.inbound.counts[name] for name in ("delivered", "failed", "dropped")},
            waiting=world.schedule.waiting(),
        )

    def reset(self) -> Response:
        """{keep_contents}"""
        self._world.reset(keep_contents=bool(json_object().get("keep_contents", False)))
        return jsonify(ok=True)

    def show_settings(self) -> Response:
        return jsonify(self._world.settings.document())

    def change_settings(self) -> Response:
        before = set(self._world.settings.values.offline)
        self._world.settings.change(json_object())
        for person in before - set(self._world.settings.values.offline):
            self._world.timeline.handset_is_on(person)
        if self._world.settings.values.approvals != "hold":
            self._world.approvals.resume()
        self._world.hub.publish("settings", self._world.settings.document())
        return jsonify(self._world.settings.document())

    def call_back(self) -> Response:
        """{sid, status}: one more status callback for a message, whether it fits or not."""
        data = json_object()
        message = self._world.books.get(str(data.get("sid")))
        if message is None or not message.status_callback or data.get("status") not in RANK:
            raise BadRequestError("sid names a message with a status callback, status is one of Twilio's")
        outcome = self._world.callbacks.send_again(message, data["status"])
        return jsonify(status=outcome.status, error=outcome.error)

    def set_window(self) -> Response:
        """{company, person, open}: the 24-hour window as if the person had just written, or long ago."""
        company, person, data = self._pair("whatsapp")
        if data.get("open", False):
            self._world.books.open_window(company, person)
        else:
            self._world.books.close_window(company, person)
        return jsonify(open=bool(data.get("open", False)))

    def set_optout(self) -> Response:
        """{company, person, channel, blocked}: as if the person had sent STOP, or START."""
        company, person, data = self._pair("sms")
        if data.get("blocked", True):
            self._world.books.block(company, person)
        else:
            self._world.books.unblock(company, person)
        return jsonify(blocked=bool(data.get("blocked", True)))

    def _pair(self, channel: str) -> tuple[str, str, dict[str, Any]]:
        data = json_object()
        if not (data.get("company") and data.get("person")):
            raise BadRequestError("company and person are needed")
        prefix = "whatsapp:" if data.get("channel", channel) == "whatsapp" else ""
        return prefix + bare(str(data["company"])), prefix + bare(str(data["person"])), data

    def _tell_faults(self) -> None:
        self._world.hub.publish("faults", {"items": self._world.faults.documents()})


def _wanted(message: Message, query: dict[str, str], since: str) -> bool:
    """Addresses match with or without their channel prefix."""
    if "to" in query and bare(message.to) != bare(query["to"].replace(" ", "+")):
        return False
    if "from" in query and bare(message.sender or "") != bare(query["from"].replace(" ", "+")):
        return False
    if "direction" in query and not message.direction.startswith(query["direction"]):
        return False
    if "channel" in query and message.channel != query["channel"]:
        return False
    return not since or since.isdigit() or message.created >= _instant(since)


def _instant(text: str) -> float:
    try:
        return parse_instant(text.replace(" ", "+"))
    except ValueError as exc:
        raise BadRequestError(f"since is a number or an ISO instant, not {text!r}") from exc
