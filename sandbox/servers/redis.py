"""A private Redis. It keeps nothing: it only wakes people up."""

import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from sandbox.servers.binaries import Found, find_redis
from sandbox.servers.cluster import last_complaint
from sandbox.servers.processes import ServerError, end, end_leftovers, free_port, kill_all, spawn, wait_until

_START_SECONDS = 10.0
_STOP_SECONDS = 5.0
_PORTS_TO_TRY = 3


class EmbeddedRedis:
    """A Redis of our own in `data_dir`."""

    def __init__(self, data_dir: Path, found: Found | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir = self.data_dir.resolve()
        self.log = self.data_dir / "redis.log"
        self._program = (
            (found or find_redis()).program("redis-server").resolve()
        )  # on Debian the name is but a link to another
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, on the port that it had before if it was started before. Raises ServerError."""
        end_leftovers(self.data_dir, self._program.name, signal.SIGTERM)
        fixed = self.port
        for _ in range(_PORTS_TO_TRY):  # somebody may take a free port before it does
            self.port = fixed or free_port()
            if self._start_once():
                return
        raise ServerError(f"Redis does not start: {last_complaint(self.log)}")

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            end(self._process, signal.SIGTERM, _STOP_SECONDS)
            self._process = None

    def kill(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        kill_all(self.data_dir, self._program.name)

    def is_running(self) -> bool:
        """Tell whether it was started and has neither been stopped nor died since."""
        return self._process is not None and self._process.poll() is None

    def _start_once(self) -> bool:
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        command = [str(self._program), *arguments]
        self._process = spawn(command, self.log, end_signal=signal.SIGTERM, cwd=self.data_dir)
        if wait_until(self._answers, self._process, _START_SECONDS):
            return True
        self.stop()
        return False

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False
