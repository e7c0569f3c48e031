"""Counts what workers do, and adds it to the sums in the database now and then. A death loses a few seconds' counts."""

from bisect import bisect_left
from collections.abc import Iterable
from threading import Lock
from time import monotonic
from typing import Final

from domain.counts import Key, add_counts
from domain.door import DATABASE_ERRORS, Door

# Upper bounds in seconds. What is longer counts as infinite.
BOUNDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)
INFINITE: Final = "+Inf"
_ADD_EVERY: Final = 10.0

_counted: dict[Key, tuple[int, float]] = {}
_lock = Lock()
_added_at = 0.0


def happened(name: str, label: str = "") -> None:
    """Count that something happened, to what."""
    _add([((name, label, ""), (1, 0.0))])


def took(name: str, label: str, *seconds: float) -> None:
    """Count how long something took, each time."""
    _add(((name, label, _bucket(one)), (1, max(one, 0.0))) for one in seconds)


def add_counted(door: Door, *, at_once: bool = False) -> None:
    """Add what was counted to the sums, if that was not done lately. What can't be added now is added later."""
    global _added_at  # noqa: PLW0603  one tally for the whole process is the point
    with _lock:
        if not _counted or (monotonic() - _added_at < _ADD_EVERY and not at_once):
            return
        _added_at = monotonic()
        counted = dict(_counted)
        _counted.clear()
    try:
        with door.for_every_business() as session:
            add_counts(session, counted)
    except DATABASE_ERRORS:
        _add(counted.items())


def _add(items: Iterable[tuple[Key, tuple[int, float]]]) -> None:
    with _lock:
        for key, (number, total) in items:
            before = _counted.get(key, (0, 0.0))
            _counted[key] = (before[0] + number, before[1] + total)


def _bucket(seconds: float) -> str:
    place = bisect_left(BOUNDS, seconds)
    return str(BOUNDS[place]) if place < len(BOUNDS) else INFINITE
