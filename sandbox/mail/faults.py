"""What goes wrong on purpose while a mail is handed over."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

KINDS = frozenset(
    {
        "refuse_sender",  # 550: nothing is taken from this address of ours
        "refuse_recipient",  # 550: nobody of that name
        "mailbox_full",  # 552
        "refuse_policy",  # 550, and not for the address
        "refuse_now",  # 451: try again later
        "refuse_content",  # 554 after the mail was said
        "put_off",  # 452 after the mail was said
        "hang_before",  # nothing is answered to the recipient
        "hang",  # nothing is answered after the mail was said, and it is not kept
        "hang_after",  # nothing is answered after the mail was said, and it is kept
        "drop",  # the connection breaks before the mail is taken
        "drop_after",  # the mail is taken, and the connection breaks before that is said
        "slow",
    }
)


class FaultError(ValueError):
    """What the control interface was told makes no sense."""


@dataclass(slots=True)
class Fault:
    kind: str
    count: int | None = None  # how many more times; None is without end
    to: str = ""  # only for this recipient
    seconds: float = 3.0


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def add(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """{kind, count, to, seconds}. Raises FaultError."""
        kind, count = str(wanted.get("kind")), wanted.get("count")
        if kind not in KINDS:
            raise FaultError(f"kind is one of {', '.join(sorted(KINDS))}")
        if count is not None and (not isinstance(count, int) or count < 1):
            raise FaultError("count is a whole number above 0")
        fault = Fault(kind, count, str(wanted.get("to", "")), float(wanted.get("seconds", 3.0)))
        with self._lock:
            self._rules.append(fault)
        return asdict(fault)

    def pick(self, kinds: set[str], recipients: list[str]) -> Fault | None:
        """The first rule of these kinds that applies, used up by one."""
        with self._lock:
            for fault in self._rules:
                if fault.kind in kinds and fault.count != 0 and fault.to in {"", *recipients}:
                    fault.count = None if fault.count is None else fault.count - 1
                    return fault
        return None

    def documents(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()
