"""Plans: while this scheduler leads, every slot that has come becomes a row, and a worker is woken for it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from time import sleep
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.errors import one_line
from bot.jobs.plan import PLAN, Planned
from bot.jobs.queues import PLANNED
from bot.services import Services
from domain.clock import now
from domain.job_runs import begin_counting, last_slot, plan_slot, skip_older
from domain.leader import Candidate

log = structlog.get_logger()

_TICK: Final = 1.0


class Planner:
    """Remembers which slot of each job was planned last, so that a quiet second asks the database next to nothing."""

    def __init__(self, plan: Sequence[Planned]) -> None:
        self._plan = plan
        self._planned: dict[str, datetime] = {}

    def plan_due(self, session: Session) -> int:
        """Plan the slots that have come. Returns how many are new."""
        at, number = now(), 0
        for job in self._plan:
            slot = job.slots.latest(at)
            if self._planned.get(job.name) == slot:
                continue
            number += sum(plan_slot(session, job.name, due) for due in _due(session, job, slot))
            if not job.every_slot:
                skip_older(session, job.name, slot)
            self._planned[job.name] = slot
        return number


def _due(session: Session, job: Planned, latest: datetime) -> list[datetime]:
    """Return the slots to be planned, up to `latest`: that one, or all since the last one that was planned."""
    begin_counting(session, job.name)
    if not job.every_slot:
        return [latest]
    due, last = [], last_slot(session, job.name) or latest
    while last < latest:
        last = job.slots.following(last)
        due.append(last)
    return due


def keep_planning(services: Services, stopped: Callable[[], bool], plan: Sequence[Planned] = PLAN) -> None:
    """Lead if nobody else does, and plan while leading, until `stopped`."""
    with Candidate(services.door) as candidate:
        while not stopped():
            try:
                _lead(services, candidate, stopped, plan)
            except Exception as error:  # noqa: BLE001  whatever it is, somebody has to go on planning
                log.error("planning failed, tried anew", kind=type(error).__name__, error=one_line(error))
                candidate.resign()
            sleep(_TICK)


def _lead(services: Services, candidate: Candidate, stopped: Callable[[], bool], plan: Sequence[Planned]) -> None:
    if not candidate.leads():
        return
    log.info("this scheduler leads")
    planner = Planner(plan)  # anew: while another led, it planned
    while not stopped() and candidate.leads():
        with candidate.session() as session:
            number = planner.plan_due(session)
        if number:
            log.info("slots planned", number=number)
            services.bell.ring(PLANNED)
        sleep(_TICK)
