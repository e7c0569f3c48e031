"""`make` passes a SIGTERM on to us, but not a SIGINT that it alone got: then it waits for us for ever."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

_NAMES = ("make", "gmake")


def ended_make() -> Callable[[], bool]:
    """Return what tells whether the `make` that runs us was killed or interrupted. Without one: never."""
    parent = os.getppid()
    if _of(parent, "comm").strip() not in _NAMES or not _catches_sigint(parent):
        return lambda: False
    # make goes back to the default of a signal as soon as it has caught it.
    return lambda: os.getppid() != parent or not _catches_sigint(parent)


def _catches_sigint(pid: int) -> bool:
    status = _of(pid, "status").splitlines()
    caught = next((line for line in status if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)


def _of(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
