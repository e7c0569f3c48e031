"""The whole way: a service that listens, a sandbox that is Twilio, and the workers' jobs in between."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from bot.app import create_app
from bot.jobs.events import fold_all
from bot.jobs.outbox import send_all
from bot.jobs.worker_services import WorkerServices, client_of, make_worker_services
from bot.settings import read_settings
from domain.messages import Message
from sandbox.servers.processes import free_port
from sandbox.twilio.app import create_app as create_sandbox
from sandbox.twilio.config import parse
from sandbox.twilio.server import Server
from sandbox.twilio.world import World
from tests.jobs.saying import Says
from tests.noor import SARA, SMS, WHATSAPP, Noor
from tests.world import ACCOUNT_SID, AUTH_TOKEN

QUICK = {"queued": 5, "sent": 10, "delivered": 10, "read": 10}


@dataclass
class Phone:
    """What the sandbox knows: everything that reached a phone, and how it went."""

    url: str
    http: requests.Session

    def writes(self, body: str, sender: str = SARA, channel: str = "whatsapp") -> None:
        """Send a message to the company."""
        to = WHATSAPP if channel == "whatsapp" else SMS
        answer = self._post("inbound", {"from": sender, "to": to, "channel": channel, "body": body})
        assert answer["status"] == 200, answer

    def taps(self, message: dict[str, Any], title: str) -> None:
        """Tap the button or list row of a received message that says `title`."""
        entry = next(one for one in message["extra"]["interactive"]["entries"] if one["title"] == title)
        answer = self._post("tap", {"sid": message["sid"], "id": entry["id"]})
        assert answer["status"] == 200, answer

    def set(self, **settings: Any) -> None:
        """Make Twilio behave one way or another, where that is nowhere confirmed."""
        self._post("settings", settings)

    def fault(self, scope: str, kind: str, **more: Any) -> None:
        """Make Twilio misbehave."""
        self._post("faults", {"scope": scope, "kind": kind, **more})

    def received(self) -> list[dict[str, Any]]:
        """Return what the company sent, oldest first."""
        items = self.http.get(f"{self.url}/control/messages", timeout=10).json()["items"]
        return [item for item in items if item["direction"] != "inbound"]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(f"{self.url}/control/{path}", json=body, timeout=20)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture
def environment(environment: dict[str, str], ports: tuple[int, int]) -> dict[str, str]:
    service, sandbox = (f"http://127.0.0.1:{port}" for port in ports)
    return {**environment, "PUBLIC_BASE_URL": service, "TWILIO_API_BASE_URL": sandbox}


@pytest.fixture
def served(environment: dict[str, str], ports: tuple[int, int], noor: Noor) -> Iterator[Flask]:
    """The service, listening."""
    app = create_app(read_settings(environment))
    server = make_server("127.0.0.1", ports[0], app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
    services = app.extensions["raseed"]
    services.bell.close()
    services.redis.flushdb()
    services.close()


@pytest.fixture
def phone(served: Flask, ports: tuple[int, int], environment: dict[str, str]) -> Iterator[Phone]:
    """A sandbox that is Twilio, and somebody's phone in it."""
    config = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "webhook_base_url": environment["PUBLIC_BASE_URL"],
        "senders": [
            {"address": WHATSAPP, "channel": "whatsapp", "label": "Noor"},
            {"address": SMS, "channel": "sms", "label": "Noor"},
        ],
        "people": [{"name": "Sara", "name_ar": "سارة", "phone": SARA, "bsuid": None, "note": ""}],
        "settings": {"callback_delays_ms": QUICK, "seed": 1},
    }
    world = World(parse(config))
    server = Server("127.0.0.1", ports[1], create_sandbox(world))
    thread = threading.Thread(target=server.run)
    thread.start()
    with requests.Session() as http:
        yield Phone(f"http://127.0.0.1:{ports[1]}", http)
    server.stop()
    thread.join()
    world.stop()
    sleep(0.02)


@pytest.fixture
def workers(environment: dict[str, str], phone: Phone) -> Iterator[WorkerServices]:
    """What a worker process works with."""
    services = make_worker_services(read_settings(environment))
    yield services
    services.close()
    client_of.cache_clear()


@pytest.fixture
def send(workers: WorkerServices) -> Callable[[], None]:
    """Send all that is due."""

    def do() -> None:
        assert send_all(workers, 20)

    return do


@pytest.fixture
def fold(workers: WorkerServices) -> Callable[[], None]:
    """Fold all callbacks that came."""

    def do() -> None:
        assert fold_all(workers, 20)

    return do


@pytest.fixture
def outbox(workers: WorkerServices) -> Callable[[], list[Message]]:
    """Everything that the company said, as the database has it."""

    def read() -> list[Message]:
        with workers.door.for_every_business() as session:
            said = select(Message).where(Message.direction == "outbound").order_by(Message.seq)
            return list(session.scalars(said))

    return read


@pytest.fixture
def says(workers: WorkerServices) -> Says:
    """The company, saying something of its own accord."""
    return Says(workers)


def wait_for(condition: Callable[[], Any], seconds: float = 5) -> None:
    """Wait until `condition` holds."""
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until, "it did not happen in time"
        sleep(0.02)
