"""Tells open phone pages what happens, as it happens."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

Event = tuple[str, dict[str, Any]]

_BACKLOG = 2000


class Hub:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[queue.Queue[Event]] = set()

    @property
    def listening(self) -> bool:
        return bool(self._listeners)

    def publish(self, name: str, data: dict[str, Any]) -> None:
        for listener in tuple(self._listeners):
            try:
                listener.put_nowait((name, data))
            except queue.Full:
                # A page that fell this far behind loads everything anew instead.
                self._drain(listener)

    @staticmethod
    def _drain(listener: "queue.Queue[Event]") -> None:
        with suppress(queue.Empty):
            while True:
                listener.get_nowait()
        with suppress(queue.Full):
            listener.put_nowait(("reload", {}))

    @contextmanager
    def listen(self) -> Iterator["queue.Queue[Event]"]:
        mine: queue.Queue[Event] = queue.Queue(_BACKLOG)
        with self._lock:
            self._listeners.add(mine)
        try:
            yield mine
        finally:
            with self._lock:
                self._listeners.discard(mine)
