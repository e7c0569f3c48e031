"""A private Redis. It keeps nothing: it only wakes people up."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox.servers.binaries import redis_server
from sandbox.servers.processes import ServerError, end, end_leftover, free_port, spawn, wait_until

_START_SECONDS = 10.0
_STOP_SECONDS = 5.0


class EmbeddedRedis:
    """A Redis of our own in `data_dir`."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, on the port that it had before if it was started before. Raises ServerError."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._end_leftover()
        self.port = self.port or free_port()
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.data_dir, "save": "", "appendonly": "no"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        log = self.data_dir / "redis.log"
        self._process = spawn([str(redis_server()), *arguments], log, end_signal=signal.SIGTERM)
        if not wait_until(self._answers, self._process, _START_SECONDS):
            raise ServerError(f"Redis does not start; its log is {log}")
        self._pid_file.write_text(str(self._process.pid), encoding="ascii")

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

    @property
    def _pid_file(self) -> Path:
        return self.data_dir / "redis.pid"

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    def _end_leftover(self) -> None:
        # Its command line is rewritten by Redis itself; what it works in tells whose it is.
        with suppress(OSError, ValueError):
            pid = int(self._pid_file.read_text(encoding="ascii"))
            if Path(f"/proc/{pid}/cwd").readlink() == self.data_dir:
                os.kill(pid, signal.SIGTERM)
                end_leftover(pid, self.data_dir, signal.SIGTERM)


@contextmanager
def embedded_redis(data_dir: Path | None = None) -> Iterator[EmbeddedRedis]:
    """Run a Redis in `data_dir`; in a temporary one, removed at the end, when none is given."""
    temporary = None if data_dir else Path(tempfile.mkdtemp(prefix="raseed-redis-"))
    server = EmbeddedRedis(data_dir or temporary or Path())
    try:
        server.start()
        yield server
    finally:
        server.stop()
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
