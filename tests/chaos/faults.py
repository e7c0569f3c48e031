"""What goes wrong at Twilio: rules that change from wave to wave."""

from collections import Counter
from typing import Any, Final

from tests.chaos.plan import chance_of
from tests.chaos.twilio import Twilio

# Where, what, how often at most, and more about it. Late errors are such as no further attempt would change.
_RULES: Final[tuple[tuple[str, str, float, dict[str, Any]], ...]] = (
    ("create", "status_429", 0.04, {"params": {"retry_after": 1}}),
    ("create", "status_500", 0.01, {}),
    ("create", "status_500", 0.02, {"params": {"accept": True}}),
    ("create", "hang", 0.002, {}),
    ("create", "hang", 0.003, {"params": {"accept": True}}),
    ("create", "accept_and_drop_response", 0.04, {}),
    # Nothing but Twilio's own list tells that it took these.
    ("create", "status_500", 0.01, {"params": {"accept": True, "silent": True}}),
    ("create", "accept_and_drop_response", 0.02, {"params": {"silent": True}}),
    ("create", "drop", 0.01, {}),
    ("create", "before_response", 0.06, {"params": {"seconds": 0.3}}),
    ("create", "delay", 0.02, {"params": {"seconds": 2}}),
    ("list", "status_500", 0.1, {}),
    ("list", "status_429", 0.1, {}),
    ("list", "drop", 0.05, {}),
    ("fetch", "status_500", 0.1, {}),
    ("callback", "drop", 0.04, {}),
    ("callback", "duplicate", 0.08, {}),
    ("callback", "duplicate", 0.04, {"params": {"seconds": 2}}),
    ("callback", "reorder", 0.08, {}),
    ("callback", "delay", 0.03, {"params": {"seconds": 4}}),
    ("callback", "error_code", 0.02, {"params": {"code": 30006}, "match": {"channel": "sms"}}),
    ("callback", "error_code", 0.02, {"params": {"code": 63032}, "match": {"channel": "whatsapp"}}),
    ("webhook", "drop", 0.04, {}),
    ("webhook", "duplicate", 0.05, {}),
    ("webhook", "duplicate", 0.05, {"params": {"at_once": True}}),
    ("webhook", "delay", 0.03, {"params": {"seconds": 3}}),
)
# Now and then one of them happens all the time for a while.
_BAD_SPELL: Final = 0.03
_WORST: Final = 0.4


class Faults:
    """Sets the rules of each wave, and counts what they did."""

    def __init__(self, twilio: Twilio, seed: int) -> None:
        self._twilio = twilio
        self._chance = chance_of(seed, "faults")
        self.fired: Counter[str] = Counter()

    def next_wave(self) -> None:
        """Change the rules: some are left out, the others happen more or less often."""
        self.end()
        for scope, kind, most, more in _RULES:
            often = most * self._chance.uniform(0.2, 1.8)
            if self._chance.random() < _BAD_SPELL:
                often = min(often * 20, _WORST)
            if self._chance.random() < 0.75:
                self._twilio.post("faults", {"scope": scope, "kind": kind, "probability": often, **more})

    def end(self) -> None:
        """Let nothing go wrong any more."""
        rules = self._twilio.get("faults")["items"]
        self._twilio.delete("faults")
        for rule in rules:
            self.fired[_name(rule)] += rule["fired"]


def _name(rule: dict[str, Any]) -> str:
    accepted = " after taking it" if rule["params"].get("accept") else ""
    silent = " without callbacks" if rule["params"].get("silent") else ""
    return f"{rule['scope']} {rule['kind']}{accepted}{silent}"
