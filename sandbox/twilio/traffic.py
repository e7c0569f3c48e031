"""The last HTTP exchanges in both directions, for people to read."""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.twilio.hub import Hub

_SECRET = frozenset({"authorization", "x-twilio-signature", "cookie", "set-cookie"})
_BODY_LIMIT = 4000

Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Exchange:
    """One request and its answer. `direction` is seen from Twilio: "in" is the service calling."""

    direction: str
    kind: str
    method: str
    path: str
    status: int | None
    ms: float
    at: float
    request_headers: Pairs
    form: Pairs
    response_headers: Pairs
    response_body: str
    note: str = ""
    id: int = 0


def masked(headers: Iterable[tuple[str, str]]) -> Pairs:
    return [(name, "••••••" if name.lower() in _SECRET else value) for name, value in headers]


class Traffic:
    def __init__(self, hub: Hub, keep: Callable[[], int]) -> None:
        self._hub = hub
        self._keep = keep
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._rows: deque[Exchange] = deque()

    def add(self, row: Exchange) -> None:
        row.response_body = row.response_body[:_BODY_LIMIT]
        with self._lock:
            row.id = next(self._ids)
            self._rows.append(row)
            while len(self._rows) > self._keep():
                self._rows.popleft()
        if self._hub.listening:
            self._hub.publish("traffic", asdict(row))

    def documents(self, limit: int = 200) -> list[dict[str, Any]]:
        with self._lock:
            rows = list(self._rows)[-limit:]
        return [asdict(row) for row in rows]

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
