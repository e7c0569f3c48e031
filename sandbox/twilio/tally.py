"""Counts of what the REST interface did, and what the books add up to."""

import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sandbox.twilio.model import Message


class Tally:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._created = 0
        self._rejected: Counter[int] = Counter()

    def created(self) -> None:
        with self._lock:
            self._created += 1

    def rejected(self, code: int) -> None:
        with self._lock:
            self._rejected[code] += 1

    def clear(self) -> None:
        with self._lock:
            self._created = 0
            self._rejected.clear()

    def document(self) -> dict[str, Any]:
        with self._lock:
            return {
                "created": self._created,
                "rejected": sum(self._rejected.values()),
                "rejected_by_code": {str(code): count for code, count in sorted(self._rejected.items())},
            }


def count_messages(messages: Iterable[Message]) -> dict[str, Any]:
    """`doubles`: messages beyond the first with the same To, From and text; `doubles_by_callback`: beyond the
    first that named the same status callback, which a sender that names each message there never wants."""
    statuses: Counter[str] = Counter()
    same_text: Counter[tuple[str, str | None, str]] = Counter()
    same_callback: Counter[str] = Counter()
    inbound = 0
    for message in messages:
        if message.inbound:
            inbound += 1
        elif message.origin == "api":
            statuses[message.status] += 1
            same_text[message.to, message.sender, message.shown] += 1
            if message.status_callback and "?" in message.status_callback:
                same_callback[message.status_callback] += 1
    return {
        "outbound": sum(statuses.values()),
        "inbound_messages": inbound,
        "by_status": dict(statuses),
        "doubles": sum(same_text.values()) - len(same_text),
        "doubles_by_callback": sum(same_callback.values()) - len(same_callback),
    }
