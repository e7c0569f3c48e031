"""What happens by itself, and how often. Every job is safe to run twice, late, or at the same time."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Final

from bot.jobs.codes import forget_old_codes
from bot.jobs.doubts import settle_doubts
from bot.jobs.events import fold_events
from bot.jobs.missed import take_missed
from bot.jobs.outbox import look_for_abandoned, send_due
from bot.jobs.timers import fire_timers

_TICK: Final = 0.5


@dataclass(slots=True)
class Scheduled:
    """A job and its interval in seconds."""

    job: Callable[[], None]
    every: float
    due_at: float = 0.0


def schedule() -> list[Scheduled]:
    """Return the whole schedule. Bells wake workers sooner; this is what makes up for bells that nobody heard."""
    return [
        Scheduled(send_due, every=2.0),
        Scheduled(fold_events, every=2.0),
        Scheduled(fire_timers, every=5.0),
        Scheduled(look_for_abandoned, every=10.0),
        Scheduled(settle_doubts, every=10.0),
        Scheduled(forget_old_codes, every=3600.0),
        Scheduled(take_missed, every=20.0),
    ]


def run_schedule(stopped: Callable[[], bool]) -> None:
    """Run what is due, until `stopped`. A job that fails logs it, and runs again at its next time."""
    jobs = schedule()
    while not stopped():
        for scheduled in jobs:
            if monotonic() >= scheduled.due_at:
                scheduled.job()
                scheduled.due_at = monotonic() + scheduled.every
        sleep(_TICK)
