"""Counts how the jobs of this process go, and adds that to the sums in the database now and then."""

from threading import Lock
from time import monotonic
from typing import Final

from domain.clock import now
from domain.door import DATABASE_ERRORS, Door
from domain.jobs import Tally, add_up

# Often enough for whoever watches; seldom enough that nobody notices the write.
_ADD_EVERY: Final = 10.0

_counted: dict[str, Tally] = {}
_lock = Lock()
_added_at = 0.0


def count(job: str, seconds: float, error: str | None = None) -> None:
    """Count one run of `job` that took so many seconds, and failed when there is an `error`."""
    at = now()
    with _lock:
        tally = _counted.setdefault(job, Tally(job, 0, 0, 0.0, at))
        tally.runs += 1
        tally.failures += error is not None
        tally.seconds += seconds
        tally.last_run_at, tally.last_error = at, error
        if error is None:
            tally.last_success_at = at


def add_now_and_then(door: Door) -> None:
    """Add what was counted to the sums, if that was not done lately. What can't be added now is added later."""
    global _added_at  # noqa: PLW0603  one tally for the whole process is the point
    with _lock:
        if not _counted or monotonic() - _added_at < _ADD_EVERY:
            return
        _added_at = monotonic()
        counted = dict(_counted)
        _counted.clear()
    try:
        with door.for_every_business() as session:
            add_up(session, list(counted.values()))
    except DATABASE_ERRORS:
        _put_back(counted)


def _put_back(counted: dict[str, Tally]) -> None:
    with _lock:
        for name, tally in counted.items():
            newer = _counted.get(name)
            if newer is None:
                _counted[name] = tally
                continue
            newer.runs += tally.runs
            newer.failures += tally.failures
            newer.seconds += tally.seconds
            newer.last_success_at = newer.last_success_at or tally.last_success_at
