"""The Flask application: API, control and pages, with what they share."""

from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.vendor import api, control, pages
from sandbox.vendor.errors import ApiError
from sandbox.vendor.world import World

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def create_app(world: World) -> Flask:
    """Return the vendor's application."""
    app = Flask(__name__, static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(_keep_strangers_out)
    app.after_request(_guard)
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(HTTPException, _refuse_unknown)
    api.register(app, world)
    control.register(app, world)
    pages.register(app, world)
    return app


def _keep_strangers_out() -> Response | None:
    """No web page from elsewhere may drive the sandbox through a browser on this machine."""
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin")
    if host not in _LOOPBACK or (origin and urlsplit(origin).netloc != request.host):
        return Response("only from this machine\n", 403)
    return None


def _guard(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def _refuse(error: ApiError) -> tuple[Response, int]:
    return jsonify(error={"code": error.code, "detail": error.detail}), error.status


def _refuse_unknown(error: HTTPException) -> tuple[Response, int]:
    code = {404: "unknown_path", 405: "unknown_path"}.get(error.code or 500, "internal")
    return jsonify(error={"code": code, "detail": error.description}), error.code or 500
