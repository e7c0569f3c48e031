"""The Flask application: API, control and page."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from sandbox.acrel import api, pages
from sandbox.acrel.world import World

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def create_app(world: World) -> Flask:
    """Return the network's application."""
    app = Flask(__name__, static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(_keep_strangers_out)
    app.after_request(_guard)
    api.register(app, world)
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
