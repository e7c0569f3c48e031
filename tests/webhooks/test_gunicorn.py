"""The service as production runs it: several processes behind one port."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from sqlalchemy import func, select

from domain.door import Door
from domain.messages import Message
from sandbox.servers.processes import free_port
from tests.noor import WHATSAPP, Noor
from tests.twilio import inbound, sign

PROJECT = Path(__file__).parents[2]
FORM = "application/x-www-form-urlencoded"
PATH = "/webhooks/twilio/messages"


@pytest.fixture
def url(environment: dict[str, str], noor: Noor, tmp_path: Path) -> Iterator[str]:
    """Gunicorn with three processes."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "3", "wsgi:app"]
    values = {**environment, "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **values}, stdout=log, stderr=log)
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def _wait_for(port: int) -> None:
    until = monotonic() + 15
    while monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            sleep(0.05)
        else:
            return
    raise AssertionError("gunicorn does not listen")


def _deliver(url: str, target: str, form: dict[str, str], signed: str | None = None) -> int:
    """Post `form` to exactly `target`: other clients tidy addresses up. Returns the status."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {"X-Twilio-Signature": sign(url + (signed or target), form), "Content-Type": FORM}
    connection.request("POST", target, urlencode(form), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_metrics_are_whole_whichever_process_is_asked(url: str, door: Door) -> None:
    forms = [inbound("whatsapp", f"+9665000002{number:02d}", WHATSAPP, "hi") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda form: _deliver(url, PATH, form), forms)) == {200}
    for _ in range(6):
        page = requests.get(f"{url}/metrics", timeout=10).text
        assert re.findall(r'raseed_turns_total\{channel="whatsapp"\} ([\d.]+)', page) == ["40.0"]
    with door.for_every_business() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 80


@pytest.mark.parametrize("query", ["", "?a=%D8%B9%2F%27%7e&b=c", "?x=1&x=2", "?q=%20+%2B"])
def test_the_target_is_byte_for_byte_what_was_signed(url: str, query: str) -> None:
    assert _deliver(url, PATH + query, inbound("whatsapp", "+966500000001", WHATSAPP, "hi")) == 200
    form = inbound("whatsapp", "+966500000001", WHATSAPP, "hi")
    assert _deliver(url, PATH + query, form, signed=f"{PATH}?other=1") == 403
