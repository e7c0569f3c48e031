"""Wakes workers through Redis. A bell that isn't heard costs seconds, never a message: workers also look."""

import structlog
from redis import Redis, RedisError
from rq import Queue

from bot.jobs.queues import JOBS

log = structlog.get_logger()

# One waiting job does all that is due, so further ones are not queued. The mark ends by itself, should the job
# be lost with its worker.
_MARK_MS = 1000
_JOB_SECONDS = 60


class Bell:
    """Rings for a queue."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def ring(self, queue: str) -> None:
        """Wake a worker of `queue`, after the commit of what it shall find."""
        try:
            if self._redis.set(_mark(queue), 1, nx=True, px=_MARK_MS):
                Queue(queue, connection=self._redis).enqueue(
                    JOBS[queue], job_timeout=_JOB_SECONDS, result_ttl=0, failure_ttl=3600
                )
        except RedisError as error:
            log.warning("nobody was woken: Redis is away", queue=queue, error=type(error).__name__)

    def answered(self, queue: str) -> None:
        """Say that the job is at work: what is committed from now on rings anew."""
        try:
            self._redis.delete(_mark(queue))
        except RedisError:
            log.warning("Redis is away", queue=queue)


def _mark(queue: str) -> str:
    return f"raseed:woken:{queue}"
