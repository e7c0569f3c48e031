"""A program of the house: started as an operator would, killed with -9, started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sandbox.demo.parts import answers
from sandbox.servers.processes import end, spawn, wait_until

PROJECT = Path(__file__).parents[2]


class Part:
    """One program with all of its children. It must be started from the thread that lives longest."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        url: tuple[int, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = [sys.executable, *command]
        self._environment = {**os.environ, **environment}
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None
        self._groups: list[int] = []

    @property
    def is_running(self) -> bool:
        """Tell whether it is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.is_running:
            return
        self._process = spawn(
            self._command, self.log, end_signal=signal.SIGKILL, cwd=PROJECT, environment=self._environment
        )
        self._groups.append(self._process.pid)

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until it answers."""
        assert self._process is not None
        if self._url and not wait_until(lambda: answers(*(self._url or (0, ""))), self._process, seconds):
            raise AssertionError(f"{self.name} does not answer (log: {self.log})")

    def kill(self) -> None:
        """Kill it with all of its children."""
        if self._process is not None:
            _kill_group(self._process.pid)
            self._process.wait()
            self._groups.remove(self._process.pid)
            self._process = None

    def kill_parent(self) -> None:
        """Kill it, and let its children find out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def child(self, chance: float) -> int | None:
        """Return one of its children; none when it has none just now."""
        children = self._children()
        return children[int(chance * len(children))] if children else None

    def stop(self) -> None:
        """End it in good order; and kill whatever may be left of all that it ever was."""
        if self._process is not None:
            end(self._process, signal.SIGTERM, 20)
        for group in self._groups:
            _kill_group(group)

    def _children(self) -> list[int]:
        if self._process is None:
            return []
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        with suppress(OSError):
            return sorted(int(pid) for pid in listed.read_text().split() if _runs_our_code(int(pid)))
        return []


def strike(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _runs_our_code(pid: int) -> bool:
    """multiprocessing has a helper of its own, which does no work."""
    with suppress(OSError):
        return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
