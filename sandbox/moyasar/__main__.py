"""python -m sandbox.moyasar --port 8002 --config moyasar.json [--state DIR]"""

import argparse
import logging
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from sandbox.moyasar.app import create_app
from sandbox.moyasar.config import ConfigError, load
from sandbox.moyasar.world import World
from sandbox.twilio.server import Server

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        config = load(options.config)
        server = Server(HOST, options.port, _not_ready)  # the port first, so that a second sandbox touches no books
        world = World(config, options.state)
    except ConfigError as error:
        return _fail(str(error))
    except sqlite3.Error as error:
        return _fail(f"cannot use the books in {options.state}: {error}")
    except OSError as error:
        return _fail(f"cannot listen on {HOST}:{options.port}: {error.strerror or error}")
    world.desk.base = f"http://{HOST}:{server.server_address[1]}"
    server.app = create_app(world)
    _run(server, world)
    return 0


def _run(server: Server, world: World) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.run, name="server", daemon=True).start()
    print(f"sandbox: {world.desk.base}/", flush=True)
    stop.wait()
    server.stop()
    world.stop()


def _not_ready(environ: object, start_response: object) -> list[bytes]:  # noqa: ARG001 - WSGI's
    raise RuntimeError("the sandbox has not started")


def _fail(text: str) -> int:
    print(f"sandbox: {text}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.moyasar", description="Emulates Moyasar and a bank.")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--config", type=Path, required=True, help="a JSON file")
    parser.add_argument("--state", type=Path, help="a folder for the books; in memory without it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
