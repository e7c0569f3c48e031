"""The parts of the demo: servers and programs, all started, watched and stopped in the same way."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol

from sandbox.demo.marks import MARK, end_marked
from sandbox.servers import EmbeddedPostgres, EmbeddedRedis, GivenPostgres, GivenRedis
from sandbox.servers.processes import spawn

Hurry = Callable[[], bool]


class Part(Protocol):
    """What the supervisor looks after."""

    name: str

    @property
    def log(self) -> Path | None:
        """Where it says what is wrong."""

    def start(self) -> None:
        """Start it, after ending what may be left of an earlier one."""

    def ended(self) -> str | None:
        """Say how it ended; None while it lives."""

    def is_ready(self) -> bool:
        """Tell whether it does its work."""

    def stop(self, seconds: float, hurry: Hurry) -> None:
        """End it with all its children: killed when it takes longer than that, or when we are in a hurry."""


@dataclass(slots=True)
class Server:
    """PostgreSQL or Redis. Once started, it is ready."""

    name: str
    server: EmbeddedPostgres | GivenPostgres | EmbeddedRedis | GivenRedis

    @property
    def log(self) -> Path | None:
        return getattr(self.server, "log", None)

    def start(self) -> None:
        self.server.start()

    def ended(self) -> str | None:
        return None if self.server.is_running() else "ended"

    def is_ready(self) -> bool:
        return self.server.is_running()

    def stop(self, seconds: float, hurry: Hurry) -> None:  # noqa: ARG002  a server knows its own time
        if hurry() and isinstance(self.server, EmbeddedPostgres | EmbeddedRedis):
            self.server.kill()
        else:
            self.server.stop()


@dataclass(slots=True)
class Program:
    """A program to keep running in `folder`. Its output goes to `log`. At `url` it answers 200 when it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path
    url: tuple[int, str] | None = None  # port and path, on loopback
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        end_marked(str(self.log), 0)
        environment = {**os.environ, **self.environment, MARK: str(self.log)}
        self.process = spawn(
            self.command, self.log, end_signal=signal.SIGTERM, cwd=self.folder, environment=environment
        )

    def ended(self) -> str | None:
        code = self.process.poll() if self.process else None
        return None if code is None else f"ended (exit code {code})"

    def is_ready(self) -> bool:
        return self.ended() is None and (self.url is None or answers(*self.url))

    def stop(self, seconds: float, hurry: Hurry) -> None:
        if self.process is not None:
            _end(self.process, seconds, hurry)
            end_marked(str(self.log), 0)


def _end(process: subprocess.Popen[bytes], seconds: float, hurry: Hurry) -> None:
    """End a process, and with it its group when it does not listen."""
    until = monotonic() + seconds
    if process.poll() is None:
        process.terminate()
    while process.poll() is None and monotonic() < until and not hurry():
        sleep(0.02)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int, path: str) -> bool:
    """Tell whether GET `path` on this port of loopback answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
