"""Folds status callbacks into their messages."""

from time import monotonic
from typing import Final

from sqlalchemy.orm import Session

from bot.jobs.consequences import act_on
from bot.jobs.counting import took
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import EVENTS
from bot.jobs.stopping import stopping
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.deliveries import Folded, fold_batch

_BATCH: Final = 500
_JOB_SECONDS: Final = 30.0


@fails_in_one_line
def fold_events() -> None:
    """Fold until nothing is left, or the job's time is up."""
    services = worker_services()
    services.bell.answered(EVENTS)
    if not fold_all(services, _JOB_SECONDS):
        services.bell.ring(EVENTS)


def fold_all(services: WorkerServices, seconds: float) -> bool:
    """Fold for up to so many seconds. True: nothing is left."""
    until = monotonic() + seconds
    while monotonic() < until and not stopping():
        with services.door.for_every_business() as session:
            number, folded = fold_batch(session, _BATCH)
            follow_up(session, folded)
        if number < _BATCH:
            return True
    return False


def follow_up(session: Session, folded: Folded) -> None:
    """Do what follows from what was folded."""
    for channel, seconds in folded.deliveries:
        took("delivery", channel, seconds)
    act_on(session, folded.failed)
