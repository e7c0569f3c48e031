"""Keeps the parts of the demo running: starts them in order, restarts what dies, stops them in the reverse order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from sandbox.demo.parts import Hurry, Part, Program
from sandbox.servers import ServerError

__all__ = ["GivenUp", "Program", "Supervisor"]

_SOON = 30.0
_MOST_DEATHS = 3
_BACK_OFF = 0.5
_LAST_LINES = 15


class GivenUp(RuntimeError):
    """A part dies as often as it is started, or never answers. The message names it, with the end of its log."""


@dataclass(slots=True)
class _Kept:
    part: Part
    started_at: float
    start_at: float | None = None  # it has died, and is to be started again then
    deaths: int = 0  # in a row, each soon after a start


class Supervisor:
    """Keeps parts running until it is told to stop. `tell` tells people what happens."""

    def __init__(self, tell: Callable[[str], None], stop_within: float = 10.0) -> None:
        self._tell = tell
        self._stop_within = stop_within
        self._kept: list[_Kept] = []

    def start(self, part: Part) -> None:
        """Start a part and keep it running from now on."""
        self._kept.append(_Kept(part, monotonic()))
        part.start()

    def wait_until_ready(self, parts: Sequence[Part], seconds: float) -> None:
        """Wait until all of `parts` do their work. Raises GivenUp."""
        until = monotonic() + seconds
        while waiting := [part for part in parts if not part.is_ready()]:
            self.look_after_all()
            if monotonic() > until:
                raise GivenUp(f"{waiting[0].name} does not answer{_last_lines(waiting[0].log)}")
            sleep(0.05)

    def watch(self, stopped: Callable[[], bool], tick: float = 0.2) -> None:
        """Watch until `stopped`. What dies is started again; raises GivenUp when that doesn't help."""
        while not stopped():
            self.look_after_all()
            sleep(tick)

    def look_after_all(self) -> None:
        """Start again what has died. Raises GivenUp when that doesn't help."""
        for kept in self._kept:
            if kept.start_at is not None:
                if monotonic() >= kept.start_at:
                    self._start_again(kept)
            elif how := kept.part.ended():
                self._note_death(kept, how)

    def stop(self, hurry: Hurry = lambda: False) -> None:
        """Stop everything, the last started first; what can't be stopped doesn't keep the others."""
        while self._kept:
            part = self._kept.pop().part
            try:
                part.stop(self._stop_within, hurry)
            except (OSError, ServerError) as error:
                self._tell(f"{part.name} could not be stopped: {error}")

    def _note_death(self, kept: _Kept, how: str) -> None:
        soon = monotonic() - kept.started_at < _SOON
        kept.deaths = kept.deaths + 1 if soon else 1
        if kept.deaths >= _MOST_DEATHS:
            raise GivenUp(f"{kept.part.name} {how} {_MOST_DEATHS} times{_last_lines(kept.part.log)}")
        self._tell(f"{kept.part.name} {how}; starting it again")
        kept.start_at = monotonic() + _BACK_OFF * 2 ** (kept.deaths - 1)

    def _start_again(self, kept: _Kept) -> None:
        kept.start_at = None
        kept.started_at = monotonic()
        try:
            kept.part.start()
        except (OSError, ServerError) as error:
            self._note_death(kept, f"did not start: {error}")


def _last_lines(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
    return "\n".join([f"; the end of {log}:", *(f"    {line}" for line in lines)])
