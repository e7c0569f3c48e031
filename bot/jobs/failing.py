"""Jobs fail in one line. What they did not do is still due, and found at the next look."""

from collections.abc import Callable
from functools import wraps

import structlog

from bot.errors import one_line

log = structlog.get_logger()


def fails_in_one_line(job: Callable[[], None]) -> Callable[[], None]:
    """Log what goes wrong in `job` as one line that names the cause, and let the worker live on."""

    @wraps(job)
    def guarded() -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001  the edge of a job
            log.error("job failed", job=job.__name__, kind=type(error).__name__, error=one_line(error))

    return guarded
