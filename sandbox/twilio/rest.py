"""Twilio's REST interface for messages."""

import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, request

from sandbox.twilio.auth import in_path, signed_in
from sandbox.twilio.errors import ApiError
from sandbox.twilio.faults import Fault
from sandbox.twilio.fields import Fields
from sandbox.twilio.listing import filters_of, media_document, message_document, page_document
from sandbox.twilio.model import FINAL, Media, Message
from sandbox.twilio.server import HANG_UP
from sandbox.twilio.world import World

_BASE = "/2010-04-01/Accounts/<account_sid>"
_UNFINISHED = frozenset({"queued", "accepted", "sending", "sent"})


def register(app: Flask, world: World) -> None:
    rest = _Rest(world)
    blueprint = Blueprint("rest", __name__)
    for method, path, view in (
        ("GET", f"{_BASE}.json", rest.account),
        ("GET", f"{_BASE}/Balance.json", rest.balance),
        ("POST", f"{_BASE}/Messages.json", rest.create),
        ("GET", f"{_BASE}/Messages.json", rest.list_messages),
        ("GET", f"{_BASE}/Messages/<sid>.json", rest.fetch),
        ("POST", f"{_BASE}/Messages/<sid>.json", rest.update),
        ("DELETE", f"{_BASE}/Messages/<sid>.json", rest.delete),
        ("GET", f"{_BASE}/Messages/<sid>/Media.json", rest.list_media),
        ("GET", f"{_BASE}/Messages/<sid>/Media/<media_sid>.json", rest.fetch_media),
        ("GET", f"{_BASE}/Messages/<sid>/Media/<media_sid>", rest.media_content),
    ):
        blueprint.add_url_rule(path, view.__name__, in_path(world, view), methods=[method])
    for version in ("v2", "v3"):
        blueprint.add_url_rule(
            f"/{version}/Indicators/Typing.json", f"typing_{version}", signed_in(world, rest.typing), methods=["POST"]
        )
    app.register_blueprint(blueprint)


class _Rest:
    def __init__(self, world: World) -> None:
        self._world = world
        self._books = world.books

    def account(self, account_sid: str) -> Response:
        uri = f"/2010-04-01/Accounts/{account_sid}"
        return jsonify(
            sid=account_sid,
            owner_account_sid=account_sid,
            friendly_name="Sandbox",
            status="active",
            type="Full",
            auth_token="redacted",  # noqa: S106 - the emulator gives no secret away
            date_created="Thu, 01 Jan 2026 00:00:00 +0000",
            date_updated="Thu, 01 Jan 2026 00:00:00 +0000",
            uri=f"{uri}.json",
            subresource_uris={"messages": f"{uri}/Messages.json"},
        )

    def balance(self, account_sid: str) -> Response:
        left = f"{self._world.settings.values.balance:.4f}".rstrip("0").rstrip(".")
        return jsonify(account_sid=account_sid, balance=left, currency="USD")

    def create(self, account_sid: str) -> Response:
        form = request.form
        sender = form.get("From")
        channel = "whatsapp" if form.get("To", "").startswith("whatsapp:") else "sms"
        fault = self._world.faults.pick("create", form.get("To"), sender, channel)
        if fault is not None:
            return self._act(fault, functools.partial(self._create, account_sid, fault))
        self._pause(self._world.settings.values.response_delay_ms / 1000)
        return self._create(account_sid, None)

    def _create(self, account_sid: str, fault: Fault | None) -> Response:
        message = self._world.creating.message(account_sid, Fields(request.form))
        if fault is not None and fault.flag("silent"):
            message.extra["silent"] = True
        self._books.add(message)
        self._world.tally.created()
        document = message_document(message, created=True)
        early = fault is not None and fault.kind == "before_response"
        self._world.timeline.start(message, first_step_now=early)
        if early and fault is not None:
            self._pause(fault.seconds(0))
        return _created(document)

    def list_messages(self, account_sid: str) -> Response:
        to, sender = request.args.get("To"), request.args.get("From")
        channel = "whatsapp" if (to or sender or "").startswith("whatsapp:") else "sms"
        fault = self._world.faults.pick("list", to, sender, channel)
        view = functools.partial(self._list, account_sid)
        return self._act(fault, view) if fault else view()

    def _list(self, account_sid: str) -> Response:
        filters = filters_of(Fields(request.args))
        youngest = self._world.clock.now() - self._world.settings.values.list_lag_ms / 1000
        messages = [
            message
            for message in self._books.newest_first()
            if message.account_sid == account_sid
            and message.origin != "carrier"
            and not message.deleted
            and message.created <= youngest
            and all(passes(message) for passes in filters)
        ]
        return jsonify(page_document(request.path, request.args.to_dict(), messages, "messages"))

    def fetch(self, account_sid: str, sid: str) -> Response:
        message = self._find(account_sid, sid)
        fault = self._world.faults.pick("fetch", message.to, message.sender, message.channel)

        def view() -> Response:
            return jsonify(message_document(message))

        return self._act(fault, view) if fault else view()

    def update(self, account_sid: str, sid: str) -> Response:
        """Redacts (an empty Body) or cancels (Status=canceled)."""
        message = self._find(account_sid, sid)
        if request.form.get("Status"):
            if request.form["Status"] != "canceled":
                raise ApiError(20001, "Status can only be set to canceled")
            if message.status not in {"scheduled", "accepted"} or not self._books.advance(message, "canceled"):
                raise ApiError(30409)
        if "Body" in request.form:
            if request.form["Body"]:
                raise ApiError(20001, "Body can only be emptied")
            message.body = ""
            message.updated = self._world.clock.now()
            self._books.changed(message)
        return jsonify(message_document(message))

    def delete(self, account_sid: str, sid: str) -> Response:
        message = self._find(account_sid, sid)
        if message.status in _UNFINISHED - FINAL:
            raise ApiError(20009)
        message.deleted = True
        self._books.changed(message)
        return Response(status=204)

    def list_media(self, account_sid: str, sid: str) -> Response:
        message = self._find(account_sid, sid)
        page = page_document(request.path, request.args.to_dict(), [], "media_list")
        page["media_list"] = [media_document(message, media) for media in message.media]
        page["end"] = max(0, len(message.media) - 1)
        return jsonify(page)

    def fetch_media(self, account_sid: str, sid: str, media_sid: str) -> Response:
        message = self._find(account_sid, sid)
        return jsonify(media_document(message, self._find_media(message, media_sid)))

    def media_content(self, account_sid: str, sid: str, media_sid: str) -> Response:
        media = self._find_media(self._find(account_sid, sid), media_sid)
        content = self._books.file(media.sid)
        if content is None:
            raise ApiError(20404, f"The requested resource {request.path} was not found")
        return Response(content, content_type=media.content_type)

    def typing(self, account_sid: str) -> Response:
        """Shows that the company is typing, and marks the person's message as read."""
        data: dict[str, Any] = request.get_json(silent=True) or request.form.to_dict()
        message = self._find(account_sid, str(data.get("messageId", "")))
        if not message.inbound or message.channel != "whatsapp":
            raise ApiError(20001, "messageId must name an inbound WhatsApp message")
        message.extra["read_by_company"] = True
        self._books.changed(message)
        self._world.hub.publish("typing", {"person": message.person, "company": message.company})
        return jsonify(success=True)

    def _find(self, account_sid: str, sid: str) -> Message:
        message = self._books.get(sid)
        if message is None or message.deleted or message.account_sid != account_sid or message.origin == "carrier":
            raise ApiError(20404, f"The requested resource {request.path} was not found")
        return message

    def _find_media(self, message: Message, sid: str) -> Media:
        for media in message.media:
            if media.sid == sid:
                return media
        raise ApiError(20404, f"The requested resource {request.path} was not found")

    def _act(self, fault: Fault, view: Callable[[], Response]) -> Response:
        """Answers as the fault wants it. `params.accept` has the work done although the answer says otherwise;
        with `params.silent` no callback tells of it either."""
        g.note = f"fault: {fault.kind}"
        if fault.kind in {"status_429", "status_500", "hang"} and fault.flag("accept"):
            view()
        if fault.kind == "error_code":
            raise ApiError(int(fault.params["code"]), http_status=fault.params.get("status"))
        if fault.kind == "status_429":
            g.retry_after = fault.params.get("retry_after")
            raise ApiError(20429)
        if fault.kind == "status_500":
            raise ApiError(20500)
        if fault.kind in {"hang", "drop"}:
            self._pause(fault.seconds(30 if fault.kind == "hang" else 0))
            return _hang_up()
        if fault.kind == "delay":
            self._pause(fault.seconds(5))
        response = view()
        return _hang_up() if fault.kind == "accept_and_drop_response" else response

    def _pause(self, seconds: float) -> None:
        """Sleeps, unless the sandbox is told to stop meanwhile."""
        if seconds > 0:
            self._world.stopping.wait(seconds)


def _created(document: dict[str, Any]) -> Response:
    response = jsonify(document)
    response.status_code = 201
    return response


def _hang_up() -> Response:
    request.environ[HANG_UP] = True
    return Response(status=204)
