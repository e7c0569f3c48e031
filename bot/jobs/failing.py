"""Jobs fail in one line. What they did not do is still due, and found at the next look."""

from collections.abc import Callable
from functools import wraps
from time import monotonic

import structlog

from bot.errors import one_line
from bot.jobs.counting import add_counted
from bot.jobs.tally import add_now_and_then, count
from bot.jobs.worker_services import worker_services

log = structlog.get_logger()


def fails_in_one_line(job: Callable[[], None]) -> Callable[[], None]:
    """Log what goes wrong in `job` as one line that names the cause, count it, and let the worker live on."""

    @wraps(job)
    def guarded() -> None:
        began, why = monotonic(), None
        try:
            job()
        except Exception as error:  # noqa: BLE001  the edge of a job
            why = one_line(error)
            log.error("job failed", job=job.__name__, kind=type(error).__name__, error=why)
        _count(job.__name__, monotonic() - began, why)

    return guarded


def _count(job: str, seconds: float, error: str | None) -> None:
    try:
        count(job, seconds, error)
        add_now_and_then(worker_services().door)
        add_counted(worker_services().door)
    except Exception as failure:  # noqa: BLE001  a job is no worse for not being counted
        log.warning("a job was not counted", job=job, kind=type(failure).__name__, error=one_line(failure))
