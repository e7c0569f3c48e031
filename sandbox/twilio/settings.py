"""What can be turned while the sandbox runs."""

import random
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sandbox.twilio.errors import BadRequestError


@dataclass(slots=True)
class Settings:
    callback_delays_ms: dict[str, int] = field(
        default_factory=lambda: {"queued": 50, "sent": 250, "delivered": 600, "read": 900}
    )
    auto_read: bool = False
    response_delay_ms: int = 0
    list_lag_ms: int = 0  # how long a new message stays out of the lists
    webhook_timeout_s: float = 15.0
    window_hours: float = 24.0
    webhook_base_url: str = ""
    blocked_countries: list[str] = field(default_factory=list)  # prefixes such as "+972", answered 21408
    offline: list[str] = field(default_factory=list)  # handsets that are off: nothing gets past "sent"
    approvals: str = "approve"
    approval_delay_ms: int = 1000  # at each step: received, pending, decided
    # What no page of Twilio's says for certain can be had either way.
    list_selection: str = "list"
    content_body_empty: bool = False  # the resource of a message made from content has no text
    balance: float = 100.0  # what is left on the account, in US dollars
    messaging_limit: str = ""  # what the Senders API says, as "10K Customers/24hr"; empty: nothing
    offline_senders: list[str] = field(default_factory=list)  # WhatsApp numbers of ours that are OFFLINE there
    quality_rating: str = "HIGH"  # what WhatsApp thinks of our numbers
    keep_messages: int = 50_000
    keep_traffic: int = 500
    seed: int | None = None


# What a setting may say that is one of a few words. `list_selection`: as ListId, as ButtonPayload, or as text alone.
CHOICES = {"approvals": ("approve", "reject", "hold"), "list_selection": ("list", "button", "body")}


class LiveSettings:
    """The settings and the one source of chance, changed under a lock, read without."""

    def __init__(self, **first: Any) -> None:
        self._lock = threading.Lock()
        self._first = first
        self.values = Settings()
        self.chance = random.Random()
        self.reset()

    def reset(self) -> None:
        self.values = Settings()
        self.chance = random.Random()
        self.change(self._first)

    def change(self, wanted: dict[str, Any]) -> None:
        with self._lock:
            for name, value in wanted.items():
                setattr(self.values, name, self._checked(name, value))
            if wanted.get("seed") is not None:
                self.chance.seed(wanted["seed"])

    def _checked(self, name: str, value: Any) -> Any:
        known = {item.name for item in fields(Settings)}
        if name not in known:
            raise BadRequestError(f"no setting is called {name!r}; there are {', '.join(sorted(known))}")
        if name == "callback_delays_ms":
            return self._delays(value)
        if name in CHOICES and value not in CHOICES[name]:
            raise BadRequestError(f"{name} is one of {', '.join(CHOICES[name])}")
        old = getattr(self.values, name)
        numeric = isinstance(old, int | float) and not isinstance(old, bool)
        fits = isinstance(value, int | float) if numeric else isinstance(value, type(old))
        if name != "seed" and not fits:
            raise BadRequestError(f"{name} cannot be {value!r}")
        return value

    def _delays(self, value: Any) -> dict[str, int]:
        """One number for every step, or some of the steps by name."""
        now = self.values.callback_delays_ms
        wanted = dict.fromkeys(now, value) if isinstance(value, int) else value
        if not isinstance(wanted, dict) or set(wanted) - set(now):
            raise BadRequestError(f"callback_delays_ms is a number or an object of {', '.join(now)}")
        return {**now, **{step: int(ms) for step, ms in wanted.items()}}

    def delay(self, step: str) -> float:
        """Seconds to wait before a message takes this step."""
        return self.values.callback_delays_ms[step] / 1000

    def document(self) -> dict[str, Any]:
        return asdict(self.values)
