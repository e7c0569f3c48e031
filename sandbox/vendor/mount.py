"""The vendor as a part of another program: under `/vendor`, on the same port."""

from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from sandbox.vendor.app import create_app
from sandbox.vendor.config import load
from sandbox.vendor.store import Store
from sandbox.vendor.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PREFIX = "/vendor"


def with_vendor(app: "WSGIApplication", config: Path, state: Path | None) -> "WSGIApplication":
    """Return `app` with the vendor beside it. Raises ConfigError, and OSError or sqlite3.Error for its books."""
    vendor = create_app(World(load(config), Store(state)))
    return DispatcherMiddleware(app, {PREFIX: vendor})
