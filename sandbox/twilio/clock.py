"""The sandbox's own time: the machine's, or what a clock file says, so that it agrees with the service's."""

import datetime as dt
import time
from pathlib import Path


class Clock:
    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def now(self) -> float:
        """Seconds since the epoch."""
        if self._file is None:
            return time.time()
        return self._read(self._file)

    @staticmethod
    def _read(file: Path) -> float:
        """A file that is away or half written gives the machine's time: nothing may stop over it."""
        try:
            instant = dt.datetime.fromisoformat(file.read_text(encoding="utf-8").strip())
        except (OSError, ValueError):
            return time.time()
        return (instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)).timestamp()


def rfc2822(epoch: float | None) -> str | None:
    if epoch is None:
        return None
    return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


def iso(epoch: float) -> str:
    return dt.datetime.fromtimestamp(epoch, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_seconds(epoch: float) -> str:
    return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> float:
    """An ISO instant or a bare date (its first moment, UTC); raises ValueError."""
    instant = dt.datetime.fromisoformat(text.strip())
    return (instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)).timestamp()
