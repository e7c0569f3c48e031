"""python -m sandbox.mail --port 8003 --smtp-port 8025 [--state DIR]"""

import argparse
import logging
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from sandbox.mail.app import create_app
from sandbox.mail.books import Books
from sandbox.mail.catching import make_controller
from sandbox.mail.faults import Faults
from sandbox.twilio.server import Server

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # a client that hangs up is no news
    try:
        books, faults = Books(options.state), Faults()
        controller = make_controller(books, faults, HOST, options.smtp_port)
        server = Server(HOST, options.port, create_app(books, faults))
        controller.start()
    except sqlite3.Error as error:
        return _fail(f"cannot use the mails in {options.state}: {error}")
    except OSError as error:
        return _fail(f"cannot listen on {HOST}: {error.strerror or error}")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.run, name="server", daemon=True).start()
    print(f"sandbox: http://{HOST}:{server.server_address[1]}/", flush=True)
    stop.wait()
    server.stop()
    controller.stop()
    books.close()
    return 0


def _fail(text: str) -> int:
    print(f"sandbox: {text}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.mail", description="Catches mails and shows them.")
    parser.add_argument("--port", type=int, default=8003, help="the page's")
    parser.add_argument("--smtp-port", type=int, default=8025)
    parser.add_argument("--state", type=Path, help="a folder for the mails; in memory without it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
