"""Trims what has served its time. Every batch is a transaction of its own, so it may be stopped at any instant."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.jobs.worker_services import WorkerServices
from domain.door import Door
from domain.trimming import Batch, trim_events, trim_reports, trim_runs

log = structlog.get_logger()

_BATCH: Final = 5000

Trim = Callable[[Session, int, int], Batch]
# Timers are not among them: they are gone once they have fired.
TRIMS: Final[dict[str, Trim]] = {"delivery events": trim_events, "job runs": trim_runs, "reports": trim_reports}


def trim(services: WorkerServices, _: datetime) -> None:
    """Trim everything that is to be trimmed."""
    for what, trim_batch in TRIMS.items():
        log.info("trimmed", what=what, rows=trim_all(services.door, trim_batch))


def trim_all(door: Door, trim_batch: Trim, limit: int = _BATCH) -> int:
    """Trim batch by batch until nothing is left, and return how many rows went."""
    gone, after = 0, 0
    while True:
        with door.for_every_business() as session:
            batch = trim_batch(session, after, limit)
        gone += batch.gone
        if batch.after is None:
            return gone
        after = batch.after
