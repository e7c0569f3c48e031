"""What goes wrong at the gateway and at the vendor: rules that change from wave to wave."""

from collections import Counter
from typing import Any, Final

import requests

from tests.chaos.plan import chance_of

_VENDOR: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "slow", "rate": 0.2, "seconds": 0.3},
    {"kind": "error_500", "rate": 0.08},
    {"kind": "error_500_after", "rate": 0.08},
    {"kind": "timeout_before", "rate": 0.06, "seconds": 3},
    {"kind": "timeout_after", "rate": 0.06, "seconds": 3},
    {"kind": "duplicate", "rate": 0.1},
    {"kind": "out_of_credit", "rate": 0.03},
    {"kind": "unknown_meter", "rate": 0.03},
    {"kind": "error_500", "operation": "read", "rate": 0.15},
)
_MAKE: Final = (
    ("status_429", 0.04), ("status_500", 0.05), ("after_500", 0.05), ("commit_late", 0.03), ("drop_after", 0.05),
    ("hang", 0.03), ("slow", 0.1),
)  # fmt: skip
_LOOK: Final = (("status_429", 0.05), ("status_500", 0.08), ("hang", 0.03), ("slow", 0.08))
_NOTICE: Final = (
    ("lost", 0.15), ("doubled", 0.15), ("late", 0.15), ("wrong_token", 0.05), ("wrong_live", 0.03),
    ("forged_amount", 0.08),
)  # fmt: skip
_GATEWAY: Final = {
    "create_invoice": _MAKE, "create_payment": _MAKE, "cancel": _MAKE, "fetch": _LOOK, "list": _LOOK,
    "webhook": _NOTICE,
}  # fmt: skip
_SLOW_SECONDS: Final = {"slow": 0.5, "hang": 3.0, "late": 6.0, "commit_late": 2.0}


class MoneyFaults:
    """Sets the rules of each wave at both, and counts what they did."""

    def __init__(self, gateway: str, vendor: str, seed: int) -> None:
        self._gateway = f"{gateway}/control/"
        self._vendor = f"{vendor}/control/"
        self._chance = chance_of(seed, "money faults")
        self.fired: Counter[str] = Counter()
        # A notice that is refused is brought again soon: nobody here has an hour.
        self._post(self._gateway + "settings", {"retry_seconds": [1, 3, 10, 30]})

    def next_wave(self) -> None:
        """Change the rules."""
        self.end()
        for rule in _VENDOR:
            self._post(self._vendor + "faults", {**rule, "rate": self._often(rule["rate"])})
        for scope, kinds in _GATEWAY.items():
            for kind, rate in kinds:
                seconds = _SLOW_SECONDS.get(kind, 3.0)
                rule = {"scope": scope, "kind": kind, "rate": self._often(rate), "seconds": seconds}
                self._post(self._gateway + "faults", rule)

    def end(self) -> None:
        """Let nothing go wrong any more."""
        for rule in self._get(self._vendor + "faults"):
            self.fired[f"vendor {rule['operation']} {rule['kind']}"] += rule["met"]
        for rule in self._get(self._gateway + "faults")["items"]:
            self.fired[f"gateway {rule['scope']} {rule['kind']}"] += rule["fired"]
        for url in (self._vendor, self._gateway):
            requests.delete(url + "faults", timeout=10).raise_for_status()

    def _often(self, rate: float) -> float:
        return rate * self._chance.uniform(0.2, 1.8)

    @staticmethod
    def _get(url: str) -> Any:
        answer = requests.get(url, timeout=10)
        answer.raise_for_status()
        return answer.json()

    @staticmethod
    def _post(url: str, body: dict[str, Any]) -> None:
        requests.post(url, json=body, timeout=10).raise_for_status()
