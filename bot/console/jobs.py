"""Jobs: what runs by itself, when it last did, and when it will next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section
from bot.jobs.plan import PLAN
from bot.jobs.schedule import Scheduled, schedule
from domain.clock import now
from domain.job_runs import LastRun, last_runs
from domain.jobs import Job, sums
from domain.leader import who_leads
from domain.staff import ADMIN

jobs = Section()


@dataclass(frozen=True, slots=True)
class Shown:
    """A job: when it last ran, how it stands, how long it took, when it is next, or every how many seconds it looks.

    Why something failed is not here: it may be about another business. The operator reads it in `raseed jobs`.
    """

    name: str
    last: datetime | None
    standing: str | None
    seconds: float | None
    next: datetime | None = None
    every: int | None = None


@jobs.page("/jobs", title="console.jobs", template="jobs.html", menu=SYSTEM, role=ADMIN)
def job_list(reader: Reader) -> dict[str, Any]:
    """List the jobs that are planned, and those that look every few seconds."""
    with reader.call.services.door.for_every_business() as session:
        leads, runs, added_up = who_leads(session), last_runs(session), sums(session)
    return {"leads": leads is not None, "planned": list(_planned(runs)), "polled": list(_polled(added_up))}


def _planned(runs: dict[str, LastRun]) -> Iterator[Shown]:
    at = now()
    for job in PLAN:
        last = runs.get(job.name)
        standing, seconds, slot = (last.standing, last.seconds, last.slot) if last else (None, None, None)
        yield Shown(job.name, slot, standing, seconds, next=job.slots.following(at))


def _polled(added_up: dict[str, Job]) -> Iterator[Shown]:
    for poll in schedule():
        job = added_up.get(poll.name)
        if job is None or job.last_run_at is None:
            yield Shown(poll.name, None, None, None, every=_seconds(poll))
        else:
            standing = "failed" if job.last_error else "done"
            seconds = job.seconds / max(job.runs, 1)
            yield Shown(poll.name, job.last_run_at, standing, seconds, every=_seconds(poll))


def _seconds(poll: Scheduled) -> int:
    """Return every how many seconds a poll looks, in whole ones: what looks more often is said to look every second."""
    return max(1, round(poll.every))
