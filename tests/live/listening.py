"""The process that tells events, as it is run; and who listens to it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import requests

from sandbox.servers.processes import free_port
from tests.catalogues import ROOT


@contextmanager
def telling(environment: dict[str, str], port: int | None = None) -> Iterator[str]:
    """Run `python events.py`, on this port or a free one, and return where it is."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "events.py"], cwd=ROOT, env={**os.environ, **environment, "PORT": str(port)}
    )
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _is_alive(base), 40)
        yield base
    finally:
        process.terminate()
        assert process.wait(10) == 0


def _is_alive(base: str) -> bool:
    try:
        return bool(requests.get(f"{base}/healthz", timeout=1).json()["heard"])
    except (requests.RequestException, ValueError):
        return False


def until(holds: Any, seconds: float = 10.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


@dataclass
class Ear:
    """Somebody who listens, in a thread of their own: the events that came, and when."""

    url: str
    headers: dict[str, str]
    heard: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)
    last_id: str = ""
    began: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)

    def start(self) -> "Ear":
        """Begin to listen, and wait until it is so."""
        Thread(target=self._listen, daemon=True).start()
        assert self.began.wait(10)
        return self

    def topics(self) -> list[str]:
        """Return the topics of what was heard."""
        return [name for name, _, _ in self.heard if name != "hello"]

    def _listen(self) -> None:
        with requests.get(self.url, headers=self.headers, stream=True, timeout=60) as response:
            assert response.status_code == 200, response.text
            name = ""
            try:
                for line in response.iter_lines(chunk_size=1, decode_unicode=True):
                    if line.startswith("id: "):
                        self.last_id = line[4:]
                    elif line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("data: "):
                        self.heard.append((name, json.loads(line[6:]), time.monotonic()))
                        self.began.set()
            except (requests.RequestException, AttributeError):
                pass
        self.ended.set()
