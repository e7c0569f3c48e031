"""Wakes workers through Redis. A bell that isn't heard costs seconds, never a message: workers also look."""

from threading import Condition, Thread
from time import sleep

import structlog
from redis import Redis, RedisError
from rq import Queue

from bot.jobs.queues import EVENTS, JOB_SECONDS, JOBS

log = structlog.get_logger()

# One waiting job does all that is due, so further ones are not queued. The mark ends by itself, should the job
# be lost with its worker.
_MARK_MS = 1000
# After a ring the next is at least this far away, in seconds: what is committed meanwhile is rung for together. People
# wait for what is sent; what became of it may take a moment.
_PAUSE = 0.01
_PATIENT = frozenset({EVENTS})
_PATIENCE = 0.2


class Bell:
    """Rings for queues, from a thread of its own: nobody waits for Redis, and many rings at once become one."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._asked: set[str] = set()
        self._changed = Condition()
        self._ringer: Thread | None = None
        self._closed = False

    def ring(self, queue: str) -> None:
        """Wake a worker of `queue`, after the commit of what it shall find. Returns at once."""
        if queue in self._asked:
            return  # it will be rung after this commit, too
        with self._changed:
            self._asked.add(queue)
            self._changed.notify()
            # Started at the first ring: a thread does not survive the fork that made a worker process.
            if self._ringer is None or not self._ringer.is_alive():
                self._ringer = Thread(target=self._keep_ringing, name="bell", daemon=True)
                self._ringer.start()

    def answered(self, queue: str) -> None:
        """Say that the job is at work: what is committed from now on rings anew."""
        try:
            self._redis.delete(_mark(queue))
        except RedisError:
            log.warning("Redis is away", queue=queue)

    def close(self) -> None:
        """Ring what is still to be rung, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._ringer is not None:
            self._ringer.join()

    def _keep_ringing(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked or self._closed)
                self._changed.wait_for(self._hurries, _PATIENCE)
                asked, self._asked = self._asked, set()
            if not asked:
                return
            for queue in asked:
                self._ring(queue)
            sleep(_PAUSE)

    def _hurries(self) -> bool:
        return self._closed or not self._asked <= _PATIENT

    def _ring(self, queue: str) -> None:
        try:
            if self._redis.set(_mark(queue), 1, nx=True, px=_MARK_MS):
                Queue(queue, connection=self._redis).enqueue(
                    JOBS[queue], job_timeout=JOB_SECONDS[queue], result_ttl=0, failure_ttl=3600
                )
        except RedisError as error:
            log.warning("nobody was woken: Redis is away", queue=queue, error=type(error).__name__)


def _mark(queue: str) -> str:
    return f"raseed:woken:{queue}"
