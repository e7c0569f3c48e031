"""Folds status callbacks into their messages."""

from time import monotonic
from typing import Final

from bot.jobs.queues import EVENTS
from bot.jobs.worker_services import worker_services
from domain.deliveries import fold_batch

_BATCH: Final = 500
_JOB_SECONDS: Final = 30.0


def fold_events() -> None:
    """Fold until nothing is left, or the job's time is up."""
    services = worker_services()
    services.bell.answered(EVENTS)
    until = monotonic() + _JOB_SECONDS
    while monotonic() < until:
        with services.door.for_every_business() as session:
            if fold_batch(session, _BATCH) < _BATCH:
                return
    services.bell.ring(EVENTS)
