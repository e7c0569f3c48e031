"""A catcher of mails that listens, as tests use it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.mail.app import create_app
from sandbox.mail.books import Books
from sandbox.mail.catching import make_controller
from sandbox.mail.faults import Faults
from sandbox.servers.processes import free_port
from sandbox.twilio.server import Server


@dataclass
class Mailbox:
    """Where its page is, and its port for mails."""

    url: str
    port: int

    def get(self, path: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(self.url + path, timeout=5)

    def control(self, path: str, data: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(f"{self.url}/control{path}", json=data, timeout=5)

    def fault(self, kind: str, **more: Any) -> None:
        """Let the server misbehave."""
        assert self.control("/faults", {"kind": kind, **more}).status_code == 201

    def mails(self) -> list[dict[str, Any]]:
        """Return what was caught, the newest first."""
        found: list[dict[str, Any]] = self.get("/control/mails").json()["items"]
        return found


@contextmanager
def caught(state: Path, port: int | None = None, **more: Any) -> Iterator[Mailbox]:
    """Catch mails while the block lasts; `more` is aiosmtpd's."""
    books, faults, port = Books(state), Faults(), port or free_port()
    controller = make_controller(books, faults, "127.0.0.1", port, **more)
    controller.start()
    server = Server("127.0.0.1", 0, create_app(books, faults))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Mailbox(f"http://127.0.0.1:{server.server_address[1]}", port)
    finally:
        server.stop()
        thread.join()
        controller.stop()
        books.close()
