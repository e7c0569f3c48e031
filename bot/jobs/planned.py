"""Runs the slots that are planned, several jobs at once, and keeps its claims on them alive while they are at work."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import one_line, where
from bot.jobs.failing import fails_in_one_line
from bot.jobs.plan import PLAN, Planned
from bot.jobs.queues import PLANNED
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.logs import bound
from domain.businesses import Business
from domain.door import DATABASE_ERRORS
from domain.job_runs import CLAIM_SECONDS, TRIES, Claim, claim_run, fail, finish, give_up_exhausted, renew
from domain.notifications import CRITICAL, notify

log = structlog.get_logger()

# A long job must not hold up the others.
_AT_ONCE: Final = 3
_LOOK_EVERY: Final = 1.0
_RENEW_EVERY: Final = CLAIM_SECONDS / 5
# What the scheduler itself takes over, because nobody was woken for it. Till then the workers, who have nothing else
# to do, are left to it.
_UNHEARD_AFTER: Final = 5.0


@dataclass(slots=True)
class _AtWork:
    """A run that is ours, when its attempt began, and when its claim was last renewed, by time.monotonic()."""

    claim: Claim
    job: Planned
    began: float
    renewed: float
    hung: bool = False


@fails_in_one_line
def run_planned() -> None:
    """Run all that is due: what a worker is woken for."""
    services = worker_services()
    services.bell.answered(PLANNED)
    run_due(services)


def keep_looking(services: WorkerServices, stopped: Callable[[], bool], plan: Sequence[Planned] = PLAN) -> None:
    """Run what no worker was woken for, until `stopped`: Redis is away, or lost the word, or a process died."""
    while not stopped():
        try:
            run_due(services, plan, _UNHEARD_AFTER, stopped)
        except Exception as error:  # noqa: BLE001  whatever it is, somebody has to go on looking
            log.error("planned jobs can't be looked for", kind=type(error).__name__, error=one_line(error))
        sleep(_LOOK_EVERY)


def run_due(
    services: WorkerServices,
    plan: Sequence[Planned] = PLAN,
    waited: float = 0.0,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Run what is due and has been free for `waited` seconds, until nothing is left. Returns how many it was.

    Once `stopped`, nothing new is begun.
    """
    jobs = {job.name: job for job in plan}
    at_work: dict[Future[None], _AtWork] = {}
    number = 0
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="planned") as pool:
        while True:
            claim = None if stopped() or len(at_work) == _AT_ONCE else _claim(services, jobs, waited)
            if claim is not None:
                job = jobs[claim.job]
                at_work[pool.submit(_run, services, job, claim)] = _AtWork(claim, job, monotonic(), monotonic())
                number += 1
            elif not at_work:
                return number
            else:
                done, _ = wait(at_work, timeout=_LOOK_EVERY, return_when=FIRST_COMPLETED)
                for future in done:
                    del at_work[future]
                    future.result()
                _renew(services, at_work.values())


def _claim(services: WorkerServices, jobs: dict[str, Planned], waited: float) -> Claim | None:
    """Claim what is due. While the database is away there is nothing to claim, and what is at work goes on."""
    try:
        with services.door.for_every_business() as session:
            for job in give_up_exhausted(session):
                log.error("planned job given up, every process that ran it died", job=job)
            return claim_run(session, list(jobs), waited)
    except DATABASE_ERRORS as error:
        log.warning("planned jobs can't be claimed", kind=type(error).__name__, error=one_line(error))
        return None


def _run(services: WorkerServices, job: Planned, claim: Claim) -> None:
    with bound(job=job.name, slot=claim.slot.isoformat(), attempt=claim.attempt):
        began = monotonic()
        try:
            job.run(services, claim.slot)
        except Exception as error:  # noqa: BLE001  the edge of a job
            why = one_line(error)
            log.error("planned job failed", kind=type(error).__name__, error=why, where=where(error))
            _record(services, lambda session: _failed(session, claim, monotonic() - began, why))
        else:
            log.info("planned job done", seconds=round(monotonic() - began, 3))
            _record(services, lambda session: finish(session, claim, monotonic() - began))


def _failed(session: Session, claim: Claim, seconds: float, why: str) -> bool:
    """Write down that an attempt failed; of the last one staff of every business are told."""
    hit = fail(session, claim, seconds, why)
    if hit and claim.attempt >= TRIES:
        for business_id in session.scalars(select(Business.id)):
            notify(session, business_id, "job_failed", CRITICAL, {"code": claim.job})
    return hit


def _record(services: WorkerServices, write: Callable[[Session], bool]) -> None:
    """Write down how it went. What can't be written is run again when the claim has run out, which does no harm."""
    try:
        with services.door.for_every_business() as session:
            if not write(session):
                log.warning("the claim had run out, and another has taken the job over")
    except DATABASE_ERRORS as error:
        log.error("how the job went can't be written down", kind=type(error).__name__, error=one_line(error))


def _renew(services: WorkerServices, at_work: Iterable[_AtWork]) -> None:
    """Renew the claims that it is time for; not those of jobs that take longer than they may."""
    for one in at_work:
        if not one.hung and monotonic() - one.began > one.job.at_most.total_seconds():
            one.hung = True
            log.error("planned job hangs, another may take it over", job=one.job.name)
        if one.hung or monotonic() - one.renewed < _RENEW_EVERY:
            continue
        try:
            with services.door.for_every_business() as session:
                renew(session, one.claim)
            one.renewed = monotonic()
        except DATABASE_ERRORS as error:
            log.warning("a claim can't be renewed", job=one.job.name, error=one_line(error))
