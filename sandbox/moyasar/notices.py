"""Tells the merchant's server what happened to a payment, and tries again while it does not listen."""

import copy
import threading
import uuid
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.moyasar.config import Config
from sandbox.moyasar.faults import Fault, Faults
from sandbox.moyasar.model import Attempt
from sandbox.moyasar.settings import Settings
from sandbox.twilio.clock import Clock, iso
from sandbox.twilio.schedule import Schedule

_ANSWER_SECONDS = 10.0
_MOST_KEPT = 2000


class Notices:
    def __init__(self, config: Config, settings: Settings, faults: Faults, schedule: Schedule, clock: Clock) -> None:
        self._config = config
        self._settings = settings
        self._faults = faults
        self._schedule = schedule
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []

    def tell(self, event: str, payment: dict[str, Any], **forged: Any) -> None:
        """Send a notice about a payment as it is now. `forged` is {token, live, amount}: what it says wrongly."""
        if not (self._settings.webhooks and self._config.webhook_url):
            return
        fault = self._faults.pick("webhook")
        body = self._body(event, copy.deepcopy(payment), forged, fault)
        if fault is not None and fault.kind == "lost":
            self._note(Attempt(body["id"], body["type"], payment["id"], 0, self._clock.now(), None, "lost"))
            return
        wait = fault.seconds if fault is not None and fault.kind == "late" else 0.0
        for _ in range(2 if fault is not None and fault.kind == "doubled" else 1):
            self._schedule.after(wait, lambda: self._try(body, 1))

    def call_back(self, url: str, invoice: dict[str, Any]) -> None:
        """Send a paid invoice to the address that it names: once, and unsigned."""
        if self._settings.callbacks:
            self._schedule.after(
                0, lambda: self._send(url, invoice, Attempt("", "callback", invoice["id"], 1, 0, None))
            )

    def attempts(self) -> list[Attempt]:
        """Oldest first."""
        with self._lock:
            return list(self._attempts)

    def clear(self) -> None:
        with self._lock:
            self._attempts.clear()

    def _body(self, event: str, payment: dict[str, Any], forged: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
        kind = fault.kind if fault else ""
        payment["amount"] = forged.get(
            "amount", payment["amount"] * 10 if kind == "forged_amount" else payment["amount"]
        )
        secret = "not-the-token" if kind == "wrong_token" else self._config.webhook_secret
        return {
            "id": str(uuid.uuid4()),
            "type": "payment_faild" if (kind, event) == ("misspelt", "payment_failed") else event,
            "created_at": iso(self._clock.now()),
            "secret_token": forged.get("token", secret),
            "account_name": self._config.merchant,
            "live": forged.get("live", kind == "wrong_live"),
            "data": payment,
        }

    def _try(self, body: dict[str, Any], number: int) -> None:
        attempt = Attempt(body["id"], body["type"], body["data"]["id"], number, 0, None)
        self._send(self._config.webhook_url, body, attempt)
        waits = self._settings.retry_seconds
        heard = attempt.status is not None and 200 <= attempt.status < 300
        if not heard and number <= len(waits):
            self._schedule.after(waits[number - 1], lambda: self._try(body, number + 1))

    def _send(self, url: str, body: dict[str, Any], attempt: Attempt) -> None:
        attempt.at = self._clock.now()
        if not on_loopback(url):
            attempt.note = "not on this machine"
        else:
            try:
                with requests.Session() as session:
                    session.trust_env = False
                    answer = session.post(url, json=body, timeout=_ANSWER_SECONDS, allow_redirects=False)
                attempt.status = answer.status_code
            except requests.RequestException as error:
                attempt.note = type(error).__name__
        self._note(attempt)

    def _note(self, attempt: Attempt) -> None:
        with self._lock:
            self._attempts.append(attempt)
            del self._attempts[:-_MOST_KEPT]


def on_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
