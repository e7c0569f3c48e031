"""What goes wrong on purpose: rules that are set over the control interface and asked at each step."""

import itertools
import random
import threading
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.moyasar.errors import ControlError

_ANSWERS = frozenset(
    {
        "status_429",
        "status_500",  # and nothing was done
        "after_500",  # it was done, and the answer says 500
        "commit_late",  # the answer says 500, and it is done some seconds later
        "drop_after",  # it was done, and the connection breaks
        "hang",  # nothing is done and nothing is answered
        "slow",
    }
)
_NOTICES = frozenset(
    {
        "lost",
        "doubled",
        "late",
        "wrong_token",
        "wrong_live",
        "forged_amount",
        "misspelt",  # payment_failed as payment_faild
    }
)
KINDS: dict[str, frozenset[str]] = {
    "create_invoice": _ANSWERS,
    "create_payment": _ANSWERS,
    "fetch": _ANSWERS - {"after_500", "commit_late", "drop_after"},
    "list": _ANSWERS - {"after_500", "commit_late", "drop_after"},
    "cancel": _ANSWERS,
    "refund": _ANSWERS,
    "webhook": _NOTICES,
}


@dataclass(slots=True)
class Fault:
    id: int
    scope: str
    kind: str
    count: int | None = None  # how many more times; None is without end
    seconds: float = 3.0
    rate: float = 1.0  # how often it strikes where it could
    fired: int = 0


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._rules: list[Fault] = []
        self._random = random.Random()

    def add(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """{scope, kind, count, seconds, rate}. Raises ControlError."""
        scope, kind, count = str(wanted.get("scope")), wanted.get("kind"), wanted.get("count")
        if scope not in KINDS:
            raise ControlError(f"scope is one of {', '.join(KINDS)}")
        if kind not in KINDS[scope]:
            raise ControlError(f"kind for {scope} is one of {', '.join(sorted(KINDS[scope]))}")
        if count is not None and (not isinstance(count, int) or count < 1):
            raise ControlError("count is a whole number above 0")
        seconds, rate = float(wanted.get("seconds", 3.0)), float(wanted.get("rate", 1.0))
        fault = Fault(next(self._ids), scope, kind, count, seconds, rate)
        with self._lock:
            self._rules.append(fault)
        return asdict(fault)

    def pick(self, scope: str) -> Fault | None:
        """The first rule that applies now, used up by one."""
        with self._lock:
            for fault in self._rules:
                if fault.scope == scope and fault.count != 0 and self._random.random() < fault.rate:
                    fault.fired += 1
                    fault.count = None if fault.count is None else fault.count - 1
                    return fault
        return None

    def documents(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._rules]

    def clear(self) -> int:
        with self._lock:
            removed = len(self._rules)
            self._rules.clear()
        return removed
