"""What goes wrong on purpose: rules that are set over the control interface and asked at each step."""

import itertools
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.twilio.addresses import bare
from sandbox.twilio.errors import BadRequestError
from sandbox.twilio.settings import LiveSettings

_ANSWERS = frozenset({"status_429", "status_500", "hang", "accept_and_drop_response", "drop", "delay"})
_CALLS = frozenset({"delay", "drop", "duplicate", "reorder"})
# Which kinds make sense where.
KINDS: dict[str, frozenset[str]] = {
    "create": _ANSWERS | {"before_response", "error_code"},
    "fetch": _ANSWERS | {"error_code"},
    "list": _ANSWERS | {"error_code"},
    "callback": _CALLS | {"error_code"},
    "webhook": _CALLS,
}
_MATCHES = frozenset({"to", "from", "channel"})


@dataclass(slots=True)
class Fault:
    id: int
    scope: str
    kind: str
    probability: float = 1.0
    count: int | None = None  # how many more times; None is without end
    params: dict[str, Any] = field(default_factory=dict)
    match: dict[str, str] = field(default_factory=dict)
    fired: int = 0

    @property
    def is_late_error(self) -> bool:
        """Asked once in a message's life, not at each of its callbacks."""
        return self.scope == "callback" and self.kind == "error_code"

    def seconds(self, default: float) -> float:
        return float(self.params.get("seconds", default))

    def flag(self, name: str, *, default: bool = False) -> bool:
        return bool(self.params.get(name, default))

    def concerns(self, facts: dict[str, str | None]) -> bool:
        return all(bare(facts.get(name) or "") == bare(value) for name, value in self.match.items())


class Faults:
    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._rules: tuple[Fault, ...] = ()

    def add(self, wanted: dict[str, Any]) -> dict[str, Any]:
        fault = _checked(wanted, next(self._ids))
        with self._lock:
            self._rules += (fault,)
        return asdict(fault)

    def pick(self, scope: str, to: str | None, sender: str | None, channel: str | None) -> Fault | None:
        """The first rule that applies now, used up by one."""
        return self._pick(scope, {"to": to, "from": sender, "channel": channel}, late_error=False)

    def pick_late_error(self, to: str, sender: str | None, channel: str) -> Fault | None:
        """The rule by which a message that was accepted ends in an error."""
        return self._pick("callback", {"to": to, "from": sender, "channel": channel}, late_error=True)

    def _pick(self, scope: str, facts: dict[str, str | None], *, late_error: bool) -> Fault | None:
        if not self._rules:
            return None
        with self._lock:
            for fault in self._rules:
                if fault.scope != scope or fault.count == 0 or fault.is_late_error != late_error:
                    continue
                if fault.concerns(facts) and self._falls(fault):
                    fault.fired += 1
                    fault.count = None if fault.count is None else fault.count - 1
                    return fault
        return None

    def documents(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._rules]

    def remove(self, fault_id: int | None = None) -> int:
        """Removes one rule, or all; returns how many."""
        with self._lock:
            before = len(self._rules)
            self._rules = tuple(rule for rule in self._rules if fault_id not in {None, rule.id})
            return before - len(self._rules)

    def _falls(self, fault: Fault) -> bool:
        return fault.probability >= 1 or self._settings.chance.random() < fault.probability


def _checked(wanted: dict[str, Any], fault_id: int) -> Fault:
    scope, kind = wanted.get("scope"), wanted.get("kind")
    if scope not in KINDS:
        raise BadRequestError(f"scope is one of {', '.join(KINDS)}")
    if kind not in KINDS[scope]:
        raise BadRequestError(f"kind for {scope} is one of {', '.join(sorted(KINDS[scope]))}")
    match, params = wanted.get("match") or {}, wanted.get("params") or {}
    if not isinstance(match, dict) or set(match) - _MATCHES:
        raise BadRequestError("match takes to, from and channel")
    if not isinstance(params, dict):
        raise BadRequestError("params is an object")
    probability, count = wanted.get("probability", 1.0), wanted.get("count")
    if not isinstance(probability, int | float) or not 0 <= probability <= 1:
        raise BadRequestError("probability lies between 0 and 1")
    if count is not None and (not isinstance(count, int) or count < 1):
        raise BadRequestError("count is a whole number above 0")
    if kind == "error_code" and not isinstance(params.get("code"), int):
        raise BadRequestError("error_code needs params.code, a number")
    return Fault(fault_id, scope, kind, float(probability), count, params, match)
