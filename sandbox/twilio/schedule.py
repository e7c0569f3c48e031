"""Work that is due later, done by a bounded pool of threads."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

Job = Callable[[], object]


class Schedule:
    """A heap of jobs by due time. However many wait, the threads stay as many as they are."""

    def __init__(self, threads: int = 24) -> None:
        self._heap: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._ready = threading.Condition()
        self._stopped = False
        self._busy = 0
        self._threads = [threading.Thread(target=self._work, name=f"schedule-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def after(self, seconds: float, job: Job) -> None:
        with self._ready:
            heapq.heappush(self._heap, (time.monotonic() + seconds, next(self._order), job))
            self._ready.notify()

    def clear(self) -> None:
        with self._ready:
            self._heap.clear()

    def waiting(self) -> int:
        """Jobs that wait or are being done."""
        with self._ready:
            return len(self._heap) + self._busy

    def stop(self, timeout: float = 2.0) -> None:
        with self._ready:
            self._stopped = True
            self._ready.notify_all()
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while (job := self._take()) is not None:
            try:
                job()
            except Exception:  # one job's mishap must not cost the pool a thread
                log.exception("a scheduled job failed")
            finally:
                with self._ready:
                    self._busy -= 1

    def _take(self) -> Job | None:
        with self._ready:
            while not self._stopped:
                if not self._heap:
                    self._ready.wait()
                    continue
                wait = self._heap[0][0] - time.monotonic()
                if wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._heap)[2]
                self._ready.wait(wait)
        return None
