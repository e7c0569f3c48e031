"""One meter: a counter, a relay, and what it was told to keep."""

from typing import Any

from sandbox.acrel.config import MeterFacts

_HOUR = 3600.0
_KEPT = ("counted_wh", "at", "closed", "online", "load_watts", "para", "reported_at", "last")


class Meter:
    """A meter on the network. `closed` is its relay; it counts while that lets its load through."""

    def __init__(self, facts: MeterFacts, at: float, report_minutes: int) -> None:
        self.facts = facts
        self.at = at
        something = 1_000_000.0 + sum(map(ord, facts.number)) * 1_000
        self.counted_wh = something if facts.counted_wh is None else facts.counted_wh
        self.closed = True
        self.online = True
        self.load_watts = facts.load_watts
        self.para: dict[str, Any] = {"mode": "postpaid", "upInterval": report_minutes}
        self.reported_at = 0
        self.last: dict[str, Any] | None = None

    def run(self, now: float, speed: int) -> None:
        """Let the time pass until `now`."""
        if self.closed and now > self.at:
            self.counted_wh += self.load_watts * (now - self.at) * speed / _HOUR
        self.at = max(self.at, now)

    def obey(self, method: str, value: dict[str, Any]) -> None:
        """Do what it is told."""
        match method:
            case "FORCESWITCH":
                self.closed = bool(value["ForceSwitch"])
            case "SETQUOTA":
                self.para["quota"] = value
            case _:
                self.para.update(value)

    def report(self, now: float) -> dict[str, Any]:
        """Say how it is, in the platform's words. No two reports of a meter are of the same instant."""
        self.reported_at = max(int(now * 1000) + 1, self.reported_at + 1)
        number = self.facts.number
        volts, amps = 229.6, self.load_watts / 229.6 if self.closed else 0.0
        self.last = {
            "meterSn": number,
            "meterNo": number,
            "gatewaySn": number,
            "timestamp": self.reported_at,
            "timezone": "0",
            "UpInterval": self.para["upInterval"],
            "EPI": f"{self.counted_wh / 1000:.3f}",
            "Ua": volts,
            "Ia": round(amps, 2),
            "DO1": int(self.closed),
            "state": 1,
            "para": dict(self.para),
        }
        return self.last

    def kept(self) -> dict[str, Any]:
        """Return everything that outlives a restart."""
        return {name: getattr(self, name) for name in _KEPT}

    def restore(self, said: dict[str, Any], now: float) -> None:
        """Be as it was. While the sandbox was down, time stood still behind its meters."""
        for name in _KEPT:
            setattr(self, name, said[name])
        self.at = now
