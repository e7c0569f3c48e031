"""One demo per folder: held by an open file, so that even a killed demo lets go of it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import IO

_WAIT_SECONDS = 30.0
_STOPPING = "stopping"


class Held(Exception):
    """Another demo runs in this folder."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"the demo already runs in this folder (process {pid}): stop it first")


class Lock:
    """The open file. It says who runs and in which state, for the one who finds it held."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._write("running")

    def say_stopping(self) -> None:
        """Tell those who come now that it is worth waiting."""
        self._write(_STOPPING)

    def _write(self, state: str) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(f"{os.getpid()} {state}")
        self._file.flush()


@contextmanager
def held(path: Path) -> Iterator[Lock]:
    """Hold the lock. Waits for a demo that is stopping; raises Held while another runs."""
    with path.open("a+", encoding="utf-8") as file:
        until = monotonic() + _WAIT_SECONDS
        while not _taken(file):
            pid, state = [*path.read_text(encoding="utf-8").split(), "", ""][:2]
            if state != _STOPPING or monotonic() > until:
                raise Held(pid)
            sleep(0.1)
        yield Lock(file)


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
