"""The network as a part of another program: under `/acrel`, on the same port."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from sandbox.acrel.app import create_app
from sandbox.acrel.config import load
from sandbox.acrel.pushing import begin
from sandbox.acrel.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PREFIX = "/acrel"


def with_network(
    app: "WSGIApplication", config: Path, state: Path | None
) -> tuple["WSGIApplication", Callable[[], None]]:
    """Return `app` with the network beside it, and what stops it. Raises ConfigError, OSError and sqlite3.Error."""
    world = World(load(config), state)
    return DispatcherMiddleware(app, {PREFIX: create_app(world)}), begin(world)
