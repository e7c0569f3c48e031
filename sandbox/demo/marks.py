"""Every process of the demo carries a mark in its environment, its children and theirs too: so none is forgotten.

The mark is the log that it writes to.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

MARK = "RASEED_DEMO_PART"


def marked(mark: str) -> list[int]:
    """Return the processes whose mark begins with `mark`; none where there is no /proc."""
    wanted = f"{MARK}={mark}".encode()
    return [pid for pid in _pids() if any(entry.startswith(wanted) for entry in _environment(pid))]


def end_marked(mark: str, seconds: float, hurry: Callable[[], bool] = lambda: False) -> None:
    """Wait until all with this mark have ended; kill those that are still there after `seconds`, or in a hurry."""
    until = monotonic() + seconds
    while marked(mark) and monotonic() < until and not hurry():
        sleep(0.05)
    for pid in marked(mark):
        send(pid, signal.SIGKILL)


def end_leftovers(mark: str, seconds: float = 5.0) -> None:
    """End what an earlier run that was killed may have left."""
    for pid in marked(mark):
        send(pid, signal.SIGTERM)
    end_marked(mark, seconds)


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _pids() -> Iterator[int]:
    with suppress(OSError):
        yield from (int(entry) for entry in os.listdir("/proc") if entry.isdigit())  # noqa: PTH208  hot


def _environment(pid: int) -> list[bytes]:
    with suppress(OSError):  # it ended, or it is none of ours
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []
