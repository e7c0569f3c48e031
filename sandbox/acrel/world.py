"""The network's books: its meters, what they were told, and what they reported."""

import random
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from sandbox.acrel.config import Config
from sandbox.acrel.faults import Faults
from sandbox.acrel.meter import Meter
from sandbox.twilio.clock import Clock
from sandbox.vendor.store import Store

_READINGS_KEPT = 3000


class Refusal(Exception):
    """The platform says no, in its own way: HTTP 200, and a code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class World:
    """Everything of the network's. One thing happens at a time."""

    def __init__(self, config: Config, state: Path | None) -> None:
        self.config = config
        self.clock = Clock(config.clock_file)
        self.faults = Faults()
        self.lock = threading.RLock()
        self.to_push: deque[dict[str, Any]] = deque()
        self.tokens: set[str] = set()
        self._store = Store(state, "acrel.sqlite")
        self._random = random.SystemRandom()
        self._begin()

    def _begin(self) -> None:
        now, minutes = self.clock.now(), self.config.report_minutes
        self.meters = {facts.number: Meter(facts, now, minutes) for facts in self.config.meters}
        self.commands = self._store.all("command")
        self.history: dict[str, deque[dict[str, Any]]] = {one: deque(maxlen=_READINGS_KEPT) for one in self.meters}
        self._due_at = dict.fromkeys(self.commands, 0.0)
        for number, said in self._store.all("meter").items():
            if number in self.meters:
                self.meters[number].restore(said, now)

    def reset(self) -> None:
        """Forget everything that happened."""
        with self.lock:
            self._store.clear()
            self.faults.remove()
            self.to_push.clear()
            self._begin()

    def sign_in(self, username: str, password: str) -> str:
        """Return a token. Raises Refusal."""
        if (username, password) != (self.config.username, self.config.password):
            raise Refusal("wrong_credentials", "no such user, or another password")
        token = f"{self._random.randrange(16**24):024x}"
        self.tokens.add(token)
        return token

    def meter(self, number: str) -> Meter:
        """Return a meter, as it is now. Raises Refusal."""
        found = self.meters.get(number)
        if found is None:
            raise Refusal("unknown_meter", "there is no such meter")
        found.run(self.clock.now(), self.config.speed)
        return found

    def tell(self, msgid: str, number: str, method: str, value: dict[str, Any]) -> dict[str, Any]:
        """Take a command; it is done a moment later, once. The same msgid again does nothing more. Raises Refusal."""
        with self.lock:
            self.meter(number)
            known = self.commands.get(msgid)
            if known is not None:
                if (known["meterSn"], known["method"], known["value"]) != (number, method, value):
                    raise Refusal("reference_conflict", "this msgid is another command's")
                return known
            made = {
                "msgid": msgid, "id": f"AC{self._random.randrange(16**10):010X}", "meterSn": number, "method": method,
                "value": value, "state": "waiting", "reason": None, "at": int(self.clock.now() * 1000),
            }  # fmt: skip
            self.commands[msgid] = made
            self._due_at[msgid] = time.monotonic() + self.config.seconds_to_apply
            self._store.put(("command", msgid, made))
            return made

    def command(self, msgid: str) -> dict[str, Any]:
        """Return how far a command has come. Raises Refusal."""
        with self.lock:
            if msgid not in self.commands:
                raise Refusal("unknown_reference", "no command has this msgid")
            return self.commands[msgid]

    def tick(self) -> None:
        """Bring what waits to its meters, and let those report whose time has come."""
        with self.lock:
            now = self.clock.now()
            for command in self.commands.values():
                if command["state"] == "waiting" and time.monotonic() >= self._due_at[command["msgid"]]:
                    self._carry(command, now)
            for meter in self.meters.values():
                due = meter.para["upInterval"] * 60_000
                if meter.online and now * 1000 - meter.reported_at >= due:
                    self.report(meter)

    def _carry(self, command: dict[str, Any], now: float) -> None:
        meter = self.meter(command["meterSn"])
        if meter.online:
            meter.obey(command["method"], command["value"])
            command["state"] = "done"
            self.report(meter)
        elif now * 1000 - command["at"] >= self.config.seconds_to_expire * 1000:
            command["state"], command["reason"] = "expired", "no_contact"
        self._store.put(("command", command["msgid"], command))

    def report(self, meter: Meter) -> None:
        """Let a meter report, and push it, unless that is lost on the way."""
        meter.run(self.clock.now(), self.config.speed)
        said = meter.report(self.clock.now())
        self.history[meter.facts.number].append(said)
        self.keep(meter)
        if "lost_report" not in self.faults.meet("report"):
            self.to_push.append(said)

    def keep(self, meter: Meter) -> None:
        """Keep how a meter is."""
        self._store.put(("meter", meter.facts.number, meter.kept()))

    def close(self) -> None:
        """Close the books."""
        self._store.close()
