"""The Flask application: REST, control and phone page, with what they share."""

import json
import time
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.twilio import control, phone, rest, senders
from sandbox.twilio.content import api as content
from sandbox.twilio.errors import ApiError, BadRequestError
from sandbox.twilio.server import HANG_UP
from sandbox.twilio.traffic import Exchange, masked
from sandbox.twilio.world import World

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(world: World) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    rest.register(app, world)
    content.register(app, world)
    senders.register(app, world)
    control.register(app, world)
    phone.register(app, world)
    app.before_request(_begin)
    app.before_request(_keep_strangers_out)
    _register_errors(app, world)
    _register_traffic(app, world)
    return app


def _begin() -> None:
    g.started = time.perf_counter()
    g.kind = g.note = ""


def _is_ours() -> bool:
    return request.path.startswith(("/control", "/phone")) or request.path == "/"


def _keep_strangers_out() -> Response | None:
    """No web page from elsewhere may drive the sandbox through a browser on this machine."""
    if not _is_ours():
        return None
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin")
    if host not in _LOOPBACK or (origin and urlsplit(origin).netloc != request.host):
        return Response("only from this machine\n", 403)
    return None


def _register_errors(app: Flask, world: World) -> None:
    @app.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        if g.kind == "create":
            world.tally.rejected(error.code)
        response = jsonify(error.document())
        response.status_code = error.http_status
        if error.http_status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        if g.get("retry_after") is not None:
            response.headers["Retry-After"] = str(g.retry_after)
        return response

    @app.errorhandler(BadRequestError)
    def refuse_control(error: BadRequestError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    @app.errorhandler(HTTPException)
    def refuse_unknown(error: HTTPException) -> Response | tuple[Response, int]:
        if _is_ours():
            return jsonify(error=error.description), error.code or 500
        code = {404: 20404, 405: 20004}.get(error.code or 0, 20500)
        return refuse(ApiError(code, http_status=error.code))


def _fields() -> list[tuple[str, str]]:
    """What was sent, whether as a form or as JSON."""
    data = request.get_json(silent=True) if request.is_json else None
    if not isinstance(data, dict):
        return list(request.form.items(multi=True))
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in data.items()
    ]


def _register_traffic(app: Flask, world: World) -> None:
    @app.after_request
    def show(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        if _is_ours():
            response.headers.setdefault("Content-Security-Policy", _POLICY)
            return response
        response.headers["Twilio-Concurrent-Requests"] = "1"
        hung_up = bool(request.environ.get(HANG_UP))
        binary = not response.is_json
        world.traffic.add(
            Exchange(
                direction="in",
                kind=g.kind or "unknown",
                method=request.method,
                path=request.environ.get("RAW_URI", request.path),
                status=None if hung_up else response.status_code,
                ms=round((time.perf_counter() - g.started) * 1000, 1),
                at=world.clock.now(),
                request_headers=masked(request.headers.items()),
                form=_fields(),
                response_headers=masked(response.headers.items()),
                response_body=f"({response.content_length} bytes)" if binary else response.get_data(as_text=True),
                note=g.note,
            )
        )
        return response
