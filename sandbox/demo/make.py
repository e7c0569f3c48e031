"""`make` passes a SIGTERM on to us, but not a SIGINT that it alone got: then it waits for us for ever."""

import os
import signal
from collections.abc import Callable
from pathlib import Path


def ended_make() -> Callable[[], bool]:
    """Return what tells whether the `make` that runs us was killed or interrupted. Without one: never."""
    parent = os.getppid()
    if "MAKELEVEL" not in os.environ or not _catches_sigint(parent):
        return lambda: False
    # make goes back to the default of a signal as soon as it has caught it.
    return lambda: os.getppid() != parent or not _catches_sigint(parent)


def _catches_sigint(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)
