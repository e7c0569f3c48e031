"""A Moyasar sandbox in this process, and a service that takes its notices."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.moyasar.app import create_app
from sandbox.moyasar.config import parse
from sandbox.moyasar.world import World
from sandbox.twilio.server import Server

KEY = "sk_test_of_the_tests"
TOKEN = "the-shared-secret"


@dataclass
class Service:
    """What listens where the service would: notes each notice, answers as told."""

    url: str = ""
    notices: list[dict[str, Any]] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = False  # closing waits for them, so that no socket is left open


@pytest.fixture
def service() -> Iterator[Service]:
    kept = Service()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            (kept.callbacks if self.path == "/callback" else kept.notices).append(body)
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


class Sandbox:
    """The sandbox over HTTP: as the merchant's server, as a browser, and through the control interface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False

    def call(self, method: str, path: str, data: Any = None, *, key: str = KEY) -> requests.Response:
        return self.http.request(method, f"{self.url}/v1{path}", json=data, auth=(key, ""), timeout=5)

    def invoice(self, **more: Any) -> dict[str, Any]:
        data = {"amount": 11_500, "currency": "SAR", "description": "Invoice 7", **more}
        made = self.call("POST", "/invoices", data)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    def bill(self, **more: Any) -> dict[str, Any]:
        data = {"amount": 11_500, "currency": "SAR", "source": {"type": "sadadbill"}, **more}
        made = self.call("POST", "/payments", data)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    def control(self, path: str, data: Any = None) -> Any:
        if data is None:
            return self.http.get(f"{self.url}/control{path}", timeout=5).json()
        answer = self.http.post(f"{self.url}/control{path}", json=data, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, scope: str, kind: str, **more: Any) -> None:
        self.control("/faults", {"scope": scope, "kind": kind, "count": 1, **more})

    def browse(self, path: str, form: dict[str, str] | None = None) -> requests.Response:
        method = "GET" if form is None else "POST"
        return self.http.request(method, f"{self.url}{path}", data=form, timeout=5)

    def pay(self, invoice: dict[str, Any], number: str = "4201320111111010", answer: str = "confirm") -> str:
        """As a person on the payment page does; returns what the page says in the end."""
        page = self.browse(f"/invoices/{invoice['id']}/card?lang=en", {"number": number})
        if "/3ds/" in page.url:
            payment = page.url.split("/3ds/")[1].split("?")[0]
            page = self.browse(f"/3ds/{payment}/answer?lang=en", {"answer": answer})
        return page.text


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    file = tmp_path / "clock"
    file.write_text("2026-11-20T09:00:00+00:00")
    return file


@pytest.fixture
def sandbox(service: Service, clock_file: Path) -> Iterator[Sandbox]:
    config = {
        "secret_key": KEY,
        "webhook_secret": TOKEN,
        "webhook_url": f"{service.url}/webhooks/moyasar",
        "merchant": "Noor Electricity",
        "merchant_ar": "كهرباء النور",
        "clock_file": str(clock_file),
    }
    world = World(parse(config))
    server = Server("127.0.0.1", 0, create_app(world))
    world.desk.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.run)
    thread.start()
    running = Sandbox(world.desk.base)
    yield running
    running.http.close()
    server.stop()
    thread.join()
    world.stop()


def wait_for(found: Callable[[], Any], seconds: float = 5) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := found():
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")
