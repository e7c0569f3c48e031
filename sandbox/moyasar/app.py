"""The Flask application: API, control, payment page and bank."""

from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.moyasar import api, bank, control, overview, paying
from sandbox.moyasar.errors import ApiError, ControlError
from sandbox.moyasar.words import words_of
from sandbox.moyasar.world import World

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(world: World) -> Flask:
    app = Flask(__name__, static_folder="pages/files", static_url_path="/files", template_folder="pages")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for part in (api, control, overview, paying, bank):
        part.register(app, world)
    app.context_processor(words_of)
    app.before_request(_keep_strangers_out)
    app.register_error_handler(ControlError, _refuse_control)
    app.register_error_handler(HTTPException, _refuse_unknown)
    app.after_request(_harden)
    return app


def _keep_strangers_out() -> Response | None:
    """No web page from elsewhere may drive the sandbox through a browser on this machine."""
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin")
    if host not in _LOOPBACK or (origin and urlsplit(origin).netloc != request.host):
        return Response("only from this machine\n", 403)
    return None


def _refuse_control(error: ControlError) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


def _refuse_unknown(error: HTTPException) -> tuple[Response, int]:
    code = error.code or 500
    if request.path.startswith("/v1/"):
        return jsonify(ApiError(code, "api_error", error.description or "").document()), code
    return Response(f"{error.description}\n", content_type="text/plain; charset=utf-8"), code


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = _POLICY
    return response
