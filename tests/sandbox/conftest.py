"""A sandbox in this process, a service that takes its calls, and Twilio's own client pointed at it."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from sandbox.twilio.app import create_app
from sandbox.twilio.config import parse
from sandbox.twilio.server import Server
from sandbox.twilio.world import World

ACCOUNT = "AC" + "1" * 32
SECRET = "a-secret-token"
WHATSAPP = "whatsapp:+966112000000"
SMS = "+15005550100"
NAME = "NOOR"
SARA = "+966501234567"
MONA = "SA.9Z8Y7X"

FAST = {"queued": 5, "sent": 20, "delivered": 20, "read": 20}


@dataclass
class Hit:
    path: str
    form: dict[str, str]
    headers: dict[str, str]
    at: float


@dataclass
class Service:
    """What listens where the service would: notes each call, answers as told."""

    url: str = ""
    hits: list[Hit] = field(default_factory=list)
    status: int = 200
    delay: float = 0.0

    def callbacks(self, sid: str) -> list[str]:
        return [
            hit.form["MessageStatus"]
            for hit in list(self.hits)
            if "MessageStatus" in hit.form and hit.form["MessageSid"] == sid
        ]

    def signed_rightly(self, hit: Hit, secret: str = SECRET) -> bool:
        validator = RequestValidator(secret)
        return bool(validator.validate(self.url + hit.path, hit.form, hit.headers["X-Twilio-Signature"]))


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = False  # closing waits for them, so that no socket is left open
    request_queue_size = 128


@pytest.fixture
def service() -> Iterator[Service]:
    kept = Service()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
            kept.hits.append(Hit(self.path, form, dict(self.headers.items()), time.monotonic()))
            time.sleep(kept.delay)
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Silent."""

    server = QuietServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


def config_for(webhook_base_url: str) -> dict[str, Any]:
    return {
        "account_sid": ACCOUNT,
        "auth_token": SECRET,
        "accounts": [{"account_sid": "AC" + "2" * 32, "auth_token": "other"}],
        "webhook_base_url": webhook_base_url,
        "senders": [
            {"address": "+966112000000", "channel": "whatsapp", "label": "Noor"},
            {"address": SMS, "channel": "sms", "label": "Noor"},
            {"address": NAME, "channel": "sms", "label": "Noor"},
        ],
        "people": [
            {"name": "Sara", "name_ar": "سارة", "phone": SARA, "bsuid": "SA.1A2B", "note": "three meters"},
            {"name": "Mona", "name_ar": "منى", "phone": None, "bsuid": MONA, "note": "no phone"},
        ],
        "messaging_services": [{"sid": "MG" + "1" * 32, "senders": [SMS]}],
        "settings": {"callback_delays_ms": FAST, "seed": 7},
    }


class RoutedClient(TwilioHttpClient):
    """Sends what is meant for Twilio's hosts to the sandbox."""

    def __init__(self, base: str, timeout: float = 5) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        parts = urlsplit(url)
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Emulated-Host": parts.netloc}
        here = urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))
        return super().request(method, here, *args, **kwargs)

    def close(self) -> None:
        if self.session is not None:
            self.session.close()


class Sandbox:
    """The running sandbox, by its control interface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._json(self.http.post(f"{self.url}/control/{path}", json=body, timeout=20))

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._json(self.http.get(f"{self.url}/control/{path}", params=query, timeout=20))

    def delete(self, path: str) -> dict[str, Any]:
        return self._json(self.http.delete(f"{self.url}/control/{path}", timeout=20))

    def fault(self, scope: str, kind: str, **more: Any) -> dict[str, Any]:
        return self.post("faults", scope=scope, kind=kind, **more)

    def inbound(self, body: str = "hi", **more: Any) -> dict[str, Any]:
        return self.post("inbound", **{"from": SARA, "to": WHATSAPP, "channel": "whatsapp", "body": body} | more)

    def message(self, sid: str) -> dict[str, Any]:
        return next(item for item in self.get("messages")["items"] if item["sid"] == sid)

    def status(self, sid: str) -> str:
        return str(self.message(sid)["status"])

    @staticmethod
    def _json(answer: requests.Response) -> dict[str, Any]:
        assert answer.status_code < 300, answer.text
        data: dict[str, Any] = answer.json()
        return data


def wait_for(condition: Callable[[], Any], seconds: float = 2.5) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def sandbox(service: Service) -> Iterator[Sandbox]:
    world = World(parse(config_for(service.url)))
    server = Server("127.0.0.1", 0, create_app(world))
    thread = threading.Thread(target=server.run)
    thread.start()
    driver = Sandbox(f"http://127.0.0.1:{server.server_address[1]}")
    yield driver
    driver.http.close()
    server.stop()
    thread.join()
    world.stop()
    time.sleep(0.02)  # handler threads close their sockets


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    http_client = RoutedClient(sandbox.url)
    yield Client(ACCOUNT, SECRET, http_client=http_client)
    http_client.close()


@pytest.fixture
def config_file(tmp_path: Path, service: Service) -> Path:
    path = tmp_path / "sandbox.json"
    path.write_text(json.dumps(config_for(service.url)), encoding="utf-8")
    return path
