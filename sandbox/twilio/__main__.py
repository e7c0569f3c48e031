"""python -m sandbox.twilio --port 8001 --config sandbox.json [--state DIR] [--vendor FILE] [--acrel FILE]"""

import argparse
import logging
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.acrel.config import ConfigError as NetworkConfigError
from sandbox.acrel.mount import with_network
from sandbox.twilio.app import create_app
from sandbox.twilio.config import ConfigError, load
from sandbox.twilio.errors import BadRequestError
from sandbox.twilio.server import Server
from sandbox.twilio.world import World
from sandbox.vendor.config import ConfigError as VendorConfigError
from sandbox.vendor.mount import with_vendor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        config = load(options.config)
        server = Server(HOST, options.port, _not_ready)
        world = World(config, options.state)
    except (ConfigError, BadRequestError) as exc:
        return _fail(str(exc))
    except sqlite3.Error as exc:
        return _fail(f"cannot use the books in {options.state}: {exc}")
    except OSError as exc:
        return _fail(f"cannot listen on {HOST}:{options.port}: {exc.strerror or exc}")
    try:
        server.app, stop = _with_neighbours(create_app(world), options)
    except (VendorConfigError, NetworkConfigError, OSError, sqlite3.Error) as exc:
        return _fail(str(exc))
    _run(server, world)
    stop()
    return 0


def _with_neighbours(
    app: "WSGIApplication", options: argparse.Namespace
) -> tuple["WSGIApplication", Callable[[], None]]:
    """Return `app` with a vendor and a network beside it, where they are asked for, and what stops those."""
    if options.vendor:
        app = with_vendor(app, options.vendor, options.state)
    return with_network(app, options.acrel, options.state) if options.acrel else (app, lambda: None)


def _run(server: Server, world: World) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    print(f"sandbox: http://{HOST}:{server.server_address[1]}/", flush=True)
    stop.wait()
    server.stop()
    world.stop()


def _not_ready(environ: object, start_response: object) -> list[bytes]:  # noqa: ARG001 - WSGI's
    """Stands in until the parts are there: the port is taken first, so that a second sandbox touches no books."""
    raise RuntimeError("the sandbox has not started")


def _fail(text: str) -> int:
    print(f"sandbox: {text}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.twilio", description="Emulates Twilio, with a phone page.")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--config", required=True, help='a JSON file, or "-" for standard input')
    parser.add_argument("--state", type=Path, help="a folder for the books; in memory without it")
    parser.add_argument("--vendor", type=Path, help="a JSON file: a token vendor stands under /vendor")
    parser.add_argument("--acrel", type=Path, help="a JSON file: a network of meters stands under /acrel")
    return parser


if __name__ == "__main__":
    sys.exit(main())
