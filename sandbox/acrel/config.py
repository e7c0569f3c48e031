"""What the network is told at start: who may ask, where reports go, and which meters there are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """The configuration can't be used; the text says which part."""


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """A meter: its number, what it is called, what is switched on behind it (watts), and what it had counted at first
    (watt-hours; None: something).
    """

    number: str
    load_watts: int
    label: str = ""
    label_ar: str = ""
    counted_wh: float | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Who may ask, the webhook (none: reports are only asked for), and the meters.

    What meters are told they do `seconds_to_apply` later; what can't be brought to them in `seconds_to_expire` is
    dropped. Time behind the meters runs `speed` times as fast as it does here.
    """

    username: str
    password: str
    meters: tuple[MeterFacts, ...]
    webhook_url: str | None = None
    webhook_secret: str = ""
    clock_file: Path | None = None
    seconds_to_apply: float = 1.0
    seconds_to_expire: float = 86_400.0
    speed: int = 60
    report_minutes: int = 15


def load(path: Path) -> Config:
    """Read the configuration from a file. Raises ConfigError."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}") from error


def parse(data: dict[str, Any]) -> Config:
    """Read the configuration. Raises ConfigError."""
    optional = (
        "webhook_url", "webhook_secret", "seconds_to_apply", "seconds_to_expire", "speed", "report_minutes",
    )  # fmt: skip
    try:
        return Config(
            username=data["username"],
            password=data["password"],
            meters=tuple(_meter(row) for row in data["meters"]),
            clock_file=Path(data["clock_file"]) if data.get("clock_file") else None,
            **{name: data[name] for name in optional if name in data},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"the network's configuration: {error!r}") from error


def _meter(row: dict[str, Any]) -> MeterFacts:
    load = int(row.get("load_watts", 900))
    counted = row.get("counted_wh")
    return MeterFacts(
        row["meter_no"],
        load,
        row.get("label", ""),
        row.get("label_ar", ""),
        None if counted is None else float(counted),
    )
