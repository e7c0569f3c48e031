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

from bot.jobs.alerting import mail_alerts
from bot.jobs.assigning import assign_waiting, forget_events
from bot.jobs.billing import work_billing_runs
from bot.jobs.campaigns import prepare_campaigns, tend_campaigns
from bot.jobs.doubts import settle_doubts
from bot.jobs.meter_commands import carry_commands
from bot.jobs.missed import take_missed
from bot.jobs.outbox import look_for_abandoned
from bot.jobs.planned import keep_looking
from bot.jobs.planner import keep_planning
from bot.jobs.seal import seal_audit
from bot.jobs.stuck import ask_what_became
from bot.jobs.timers import fire_timers
from bot.jobs.unanswered import tend_handovers
from bot.jobs.vendor_watch import watch_vendor
from bot.jobs.waking import wake_workers
from bot.jobs.worker_services import worker_services

_TICK: Final = 0.5


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job and its interval in seconds."""

    job: Callable[[], None]
    every: float

    @property
    def name(self) -> str:
        """What the job is called wherever it is counted."""
        return self.job.__name__


def schedule() -> list[Scheduled]:
    """Return the whole schedule. Bells wake workers sooner; this is what makes up for bells that nobody heard."""
    return [
        Scheduled(wake_workers, every=2.0),
        Scheduled(tend_campaigns, every=0.5),
        Scheduled(prepare_campaigns, every=1.0),
        Scheduled(assign_waiting, every=1.0),
        Scheduled(tend_handovers, every=5.0),
        Scheduled(mail_alerts, every=5.0),
        Scheduled(forget_events, every=60.0),
        Scheduled(fire_timers, every=5.0),
        Scheduled(look_for_abandoned, every=10.0),
        Scheduled(settle_doubts, every=10.0),
        Scheduled(ask_what_became, every=15.0),
        Scheduled(take_missed, every=20.0),
        Scheduled(seal_audit, every=10.0),
        Scheduled(carry_commands, every=3.0),
        Scheduled(work_billing_runs, every=3.0),
        Scheduled(watch_vendor, every=15.0),
    ]


def run_schedule(stopped: Callable[[], bool]) -> None:
    """Poll, plan, and run what no worker was woken for, until `stopped`: side by side, none waits for another."""
    services = worker_services()
    threads = [Thread(target=run, args=(services, stopped), name=run.__name__) for run in (keep_planning, keep_looking)]
    threads += [Thread(target=_poll, args=(scheduled, stopped), name=scheduled.name) for scheduled in schedule()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _poll(scheduled: Scheduled, stopped: Callable[[], bool]) -> None:
    """Run a poll again and again. One that fails logs it, and runs again at its next time."""
    due_at = monotonic()
    while not stopped():
        if monotonic() >= due_at:
            scheduled.job()
            due_at = monotonic() + scheduled.every
        sleep(_TICK)
