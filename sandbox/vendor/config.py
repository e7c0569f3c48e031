"""What the vendor is told at start: who may ask, its keys, and the meters that it serves."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.sts.ciphers import encryption
from domain.sts.decoder_keys import KeyType, MeterKey, generation
from domain.sts.errors import StsError
from domain.sts.meters import meter_pan
from domain.sts.tids import BaseDate

_BASES = {code: base for base in BaseDate for code in (base.value, base.name[1:])}


class ConfigError(Exception):
    """The configuration can't be used; the text says which part."""


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """A meter: its number, its key, how it is reached (rf, wired, none), and what is switched on behind it (watts)."""

    number: str
    key: MeterKey
    link: str
    load_watts: int
    label: str = ""
    label_ar: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """Merchant, keys and meters. `credit_minor` is what the merchant has with the vendor at the start."""

    merchant_id: str
    key: str
    secret: str
    vending_keys: dict[str, bytes]
    meters: tuple[MeterFacts, ...]
    clock_file: Path | None
    credit_minor: int = 100_000_000
    price_minor: int = 2  # of a tenth of a kWh
    currency: str = "SAR"
    seconds_to_confirm: float = 1.0
    speed: int = 60


def load(path: Path) -> Config:
    """Read the configuration from a file. Raises ConfigError."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}") from error


def parse(data: dict[str, Any]) -> Config:
    """Read the configuration. Raises ConfigError."""
    optional = ("credit_minor", "price_minor", "currency", "seconds_to_confirm", "speed")
    try:
        return Config(
            merchant_id=data["merchant_id"],
            key=data["key"],
            secret=data["secret"],
            vending_keys={name: bytes.fromhex(value) for name, value in data["vending_keys"].items()},
            meters=tuple(_meter(row) for row in data["meters"]),
            clock_file=Path(data["clock_file"]) if data.get("clock_file") else None,
            **{name: data[name] for name in optional if name in data},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"the vendor's configuration: {error!r}") from error


def _meter(row: dict[str, Any]) -> MeterFacts:
    try:
        key = MeterKey(
            pan=meter_pan(row["meter_no"], row.get("iin") or None),
            supply_group=row["supply_group_code"],
            revision=int(row["key_revision"]),
            key_type=KeyType(int(row.get("key_type") or KeyType.UNIQUE)),
            tariff_index=int(row.get("tariff_index") or 1),
            base=_BASES[row.get("base_date") or "2014"],
            encryption=encryption(row["ea"]),
            generation=generation(row["dkga"]),
            expiry=int(row.get("key_expiry") or 255),
        )
    except StsError as error:
        raise ConfigError(f"meter {row['meter_no']}: {error}") from error
    return MeterFacts(
        number=row["meter_no"],
        key=key,
        link=row.get("link", "rf"),
        load_watts=int(row.get("load_watts", 1200)),
        label=row.get("label", ""),
        label_ar=row.get("label_ar", ""),
    )
