"""Starts programs, keeps them running, and leaves none behind."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_SOON = 30.0
_MOST_DEATHS = 3
_BACK_OFF = 1.0
_LAST_LINES = 15


class GivenUp(RuntimeError):
    """A program dies as often as it is started. The message names it, with the end of its log."""


@dataclass(slots=True)
class Program:
    """A program to keep running in `folder`. Its output goes to `log`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    start_at: float = 0.0

    def start(self) -> None:
        """Start it, in a process group of its own. Should we be killed, it is told to end."""
        parent = os.getpid()

        def end_with_parent() -> None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)

        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509  nothing but system calls
            )

    def last_lines(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LAST_LINES:])


class Supervisor:
    """Keeps programs running until it is told to stop."""

    def __init__(self, tell: Callable[[str], None], stop_within: float = 35.0) -> None:
        self._tell = tell
        self._stop_within = stop_within
        self._programs: list[Program] = []

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        program.start()
        self._programs.append(program)

    def watch(self, stopped: Callable[[], bool], tick: float = 0.25) -> None:
        """Watch until `stopped`. What dies is started again; raises GivenUp when that doesn't help."""
        while not stopped():
            self.look_after_all()
            sleep(tick)

    def look_after_all(self) -> None:
        """Start again what has died. Raises GivenUp when that doesn't help."""
        for program in self._programs:
            self._look_after(program)

    def stop(self) -> None:
        """Stop everything, the last started first; by SIGKILL what doesn't end in time."""
        for program in reversed(self._programs):
            if program.process is not None:
                _end_group(program.process, self._stop_within)
        self._programs.clear()

    def _look_after(self, program: Program) -> None:
        if program.process is None:
            if monotonic() >= program.start_at:
                program.start()
            return
        code = program.process.poll()
        if code is None:
            return
        _kill_group(program.process.pid)
        program.process = None
        now = monotonic()
        program.deaths = [*(at for at in program.deaths if now - at < _SOON), now]
        if len(program.deaths) >= _MOST_DEATHS:
            raise GivenUp(f"{program.name} ended {_MOST_DEATHS} times (exit code {code}):\n{program.last_lines()}")
        self._tell(f"{program.name} ended (exit code {code}); starting it again")
        program.start_at = now + _BACK_OFF


def _end_group(process: subprocess.Popen[bytes], seconds: float) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    _kill_group(process.pid)
    process.wait()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
