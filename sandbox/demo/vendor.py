"""What the demo's token vendor and network are told at start: the meters of the demo data, under keys of no worth."""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from sandbox.demo.environment import write_private

# Keys for meters that exist nowhere but here.
_VENDING_KEYS = {"1": "DE40" * 10, "2": "DE41" * 10, "3": "DE42" * 10}
_LINKS = ("rf", "wired")
_COPIED = (
    "iin",
    "supply_group_code",
    "key_revision",
    "key_type",
    "tariff_index",
    "ea",
    "dkga",
    "base_date",
    "key_expiry",
)


def write_vendor_config(file: Path, data: Path, environment: Mapping[str, str]) -> None:
    """Write what the vendor is told at start."""
    meters = [_meter(row, link) for row, link in zip(_on(data, "sts"), cycle(_LINKS), strict=False)]
    groups = sorted({meter["supply_group_code"] for meter in meters})
    config = {
        "merchant_id": environment["STS_MERCHANT_ID"],
        "key": environment["STS_API_KEY"],
        "secret": environment["STS_API_SECRET"],
        "vending_keys": {f"{group}_{revision}": key for group in groups for revision, key in _VENDING_KEYS.items()},
        "meters": meters,
        "clock_file": environment.get("RASEED_CLOCK_FILE"),
    }
    write_private(file, json.dumps(config, ensure_ascii=False, indent=2))


def write_network_config(file: Path, data: Path, environment: Mapping[str, str]) -> None:
    """Write what the network of meters is told at start: its meters go on from where they were read last."""
    counted = _counted(data)
    config = {
        "username": environment["ACREL_USERNAME"],
        "password": environment["ACREL_PASSWORD"],
        "webhook_url": f"{environment['PUBLIC_BASE_URL']}/webhooks/acrel",
        "webhook_secret": environment["ACREL_WEBHOOK_SECRET"],
        "meters": [_on_network(row, counted) for row in _on(data, "acrel")],
        "clock_file": environment.get("RASEED_CLOCK_FILE"),
    }
    write_private(file, json.dumps(config, ensure_ascii=False, indent=2))


def _on_network(row: Mapping[str, str], counted: Mapping[str, float]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("meter_no", "label", "label_ar")},
        "counted_wh": counted.get(row["meter_no"]),
    }


def _counted(data: Path) -> dict[str, float]:
    """Return what each meter would have counted by now, in Wh, had it gone on as between its last two readings."""
    read: dict[str, list[tuple[datetime, float]]] = {}
    for row in _rows(data / "readings.csv"):
        at, wh = datetime.fromisoformat(row["read_at"]), float(row["kwh"]) * 1_000
        read.setdefault(row["meter_no"], []).append((at, wh))
    return {number: _by_now(sorted(ones)[-2:]) for number, ones in read.items()}


def _by_now(last: list[tuple[datetime, float]]) -> float:
    (first_at, first), (at, wh) = last[0], last[-1]
    days = max((at - first_at).total_seconds(), 1.0)
    return wh + max(0.0, (datetime.now(UTC) - at).total_seconds()) * max(0.0, wh - first) / days


def _on(data: Path, network: str) -> list[dict[str, str]]:
    owners = {row["account_no"]: row for row in _rows(data / "customers.csv")}
    found = [row for row in _rows(data / "meters.csv") if row["network"] == network and row["active"] == "yes"]
    return [{**row, **_label(row, owners[row["account_no"]])} for row in found]


def _label(row: Mapping[str, str], owner: Mapping[str, str]) -> dict[str, str]:
    english, arabic = owner["name"] or owner["name_ar"], owner["name_ar"] or owner["name"]
    place = f" · {row['nickname']}" if row["nickname"] else ""
    return {"label": f"{english}{place}", "label_ar": f"{arabic}{place}"}


def _meter(row: Mapping[str, str], link: str) -> dict[str, Any]:
    kept = {name: row[name] for name in ("meter_no", "label", "label_ar", *_COPIED)}
    return {**kept, "link": link}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
