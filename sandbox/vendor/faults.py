"""Faults that can be switched on: what real vendors do on a bad day."""

import random
import threading
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

KINDS = (
    "slow",  # answers after `seconds`
    "error_500",  # does nothing
    "timeout_before",  # does nothing, and never answers
    "timeout_after",  # does it, and never answers
    "error_500_after",  # does it, and says 500
    "duplicate",  # the request arrives twice
    "out_of_credit",
    "unknown_meter",
)
OPERATIONS = ("charge", "command", "maintenance_code", "read", "any")


@dataclass(slots=True)
class Fault:
    """A fault on an operation, with a probability, so many times (for ever without a number)."""

    id: int
    kind: str
    operation: str = "charge"
    rate: float = 1.0
    times: int | None = None
    seconds: float = 0.0
    met: int = 0


class Faults:
    """The faults that are switched on: of some kinds, on some operations, of which one is the usual."""

    kinds: ClassVar[tuple[str, ...]] = KINDS
    operations: ClassVar[tuple[str, ...]] = OPERATIONS
    usual: ClassVar[str] = "charge"

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._last = 0
        self._random = random.Random()

    def add(self, said: dict[str, Any]) -> Fault:
        """Switch one on. Raises ValueError."""
        kind, operation = said.get("kind"), said.get("operation", self.usual)
        if kind not in self.kinds or operation not in self.operations:
            raise ValueError(f"kind is one of {', '.join(self.kinds)}, operation one of {', '.join(self.operations)}")
        times = said.get("times")
        with self._lock:
            self._last += 1
            fault = Fault(
                self._last,
                kind,
                operation,
                rate=float(said.get("rate", 1)),
                times=None if times is None else int(times),
                seconds=float(said.get("seconds", 0)),
            )
            self._faults.append(fault)
        return fault

    def meet(self, operation: str) -> dict[str, Fault]:
        """Return the faults that strike now, by kind."""
        struck = {}
        with self._lock:
            for fault in self._faults:
                if fault.operation not in {operation, "any"} or fault.times == 0 or fault.kind in struck:
                    continue
                if self._random.random() < fault.rate:
                    struck[fault.kind] = fault
                    fault.met += 1
                    fault.times = None if fault.times is None else fault.times - 1
        return struck

    def remove(self, fault_id: int | None = None) -> None:
        """Switch one off, or all."""
        with self._lock:
            self._faults = [fault for fault in self._faults if fault_id is not None and fault.id != fault_id]

    def listed(self) -> list[dict[str, Any]]:
        """Return all of them."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]
