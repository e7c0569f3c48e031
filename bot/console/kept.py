"""What takes long to count is counted once a minute, by each process."""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Final, Generic, TypeVar

Counted = TypeVar("Counted")

# How long what was counted is shown again, in seconds.
FRESH: Final = 60.0
_MOST_KEPT: Final = 500


class Kept(Generic[Counted]):
    """Keeps what was counted for a while, by what it was counted of."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[float, Counted]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, count: Callable[[], Counted]) -> Counted:
        """Return what was counted lately, or count it."""
        with self._lock:
            found = self._kept.get(key)
        if found is not None and monotonic() - found[0] < FRESH:
            return found[1]
        counted = count()
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (monotonic(), counted)
        return counted
