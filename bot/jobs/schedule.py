"""What happens by itself: polls, which look every few seconds whether there is something to do, and the plan.

Every scheduler polls, not only the one that leads. All that polls do is claimed by row locks or happens once however
often it is tried, so two that poll at once share the work; were it the leader's alone, everything would wait for it
when it hangs, and nothing would be found in the seconds until another leads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from time import monotonic, sleep
from typing import Final

from bot.jobs.doubts import settle_doubts
from bot.jobs.events import fold_events
from bot.jobs.missed import take_missed
from bot.jobs.outbox import look_for_abandoned, send_due
from bot.jobs.planned import keep_looking
from bot.jobs.planner import keep_planning
from bot.jobs.timers import fire_timers
from bot.jobs.worker_services import worker_services

_TICK: Final = 0.5


@dataclass(slots=True)
class Scheduled:
    """A job and its interval in seconds."""

    job: Callable[[], None]
    every: float
    due_at: float = 0.0

    @property
    def name(self) -> str:
        """What the job is called wherever it is counted."""
        return self.job.__name__


def schedule() -> list[Scheduled]:
    """Return the whole schedule. Bells wake workers sooner; this is what makes up for bells that nobody heard."""
    return [
        Scheduled(send_due, every=2.0),
        Scheduled(fold_events, every=2.0),
        Scheduled(fire_timers, every=5.0),
        Scheduled(look_for_abandoned, every=10.0),
        Scheduled(settle_doubts, every=10.0),
        Scheduled(take_missed, every=20.0),
    ]


def run_schedule(stopped: Callable[[], bool]) -> None:
    """Poll, plan, and run what no worker was woken for, until `stopped`: side by side, none waits for another."""
    services = worker_services()
    threads = [Thread(target=run, args=(services, stopped), name=run.__name__) for run in (keep_planning, keep_looking)]
    for thread in threads:
        thread.start()
    _poll(stopped)
    for thread in threads:
        thread.join()


def _poll(stopped: Callable[[], bool]) -> None:
    """Run the polls that are due. One that fails logs it, and runs again at its next time."""
    polls = schedule()
    while not stopped():
        for scheduled in polls:
            if monotonic() >= scheduled.due_at:
                scheduled.job()
                scheduled.due_at = monotonic() + scheduled.every
        sleep(_TICK)
