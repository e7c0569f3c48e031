"""The environment chooses the vendor, and the doctor says how it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.providers.vendors import make_vendor
from bot.settings import read_settings
from domain.door import Door
from domain.vendors.requests import ChargeRequest
from tests.cli.test_commands import raseed
from tests.noor import Noor
from tests.sts.vectors import TABLES
from tests.vendors.emulator import Emulator
from tests.vendors.test_embedded import sts_meter

EMBEDDED = {"STS_VENDOR": "embedded", "STS_VENDING_KEY_123456_1": "00112233445566778899AABBCCDDEEFF00112233"}


def http(box: Emulator) -> dict[str, str]:
    named = {
        "STS_VENDOR": "http",
        "STS_API_BASE_URL": box.url,
        "STS_MERCHANT_ID": "noor",
        "STS_API_RETRY_ATTEMPTS": "0",
    }
    return {**named, "STS_API_KEY": "key-1", "STS_API_SECRET": "a-secret", "STS_API_TIMEOUT": "500"}


def line(environment: dict[str, str]) -> str:
    said = raseed("doctor", environment=environment).stdout.decode()
    return next(one for one in said.splitlines() if "token vendor" in one)


def test_the_doctor(environment: dict[str, str], noor: Noor, box: Emulator) -> None:
    assert line(environment) == "off   token vendor: STS_VENDOR is not set"
    assert line(environment | http(box)) == "ok    token vendor: sandbox, does 16 of 16, our credit 1000000 SAR"
    assert line(environment | EMBEDDED) == "ok    token vendor: embedded, does 5 of 16"
    assert line(environment | {"STS_VENDOR": "embedded"}).startswith("FAIL  token vendor: key: no STS_VENDING_KEY")
    wrong = line(environment | http(box) | {"STS_API_SECRET": "another"})
    assert wrong == "FAIL  token vendor: bad_signature: the signature is wrong"
    box.fault("timeout_before", operation="read", seconds=1)
    assert line(environment | http(box)).startswith("FAIL  token vendor: ")


@pytest.mark.parametrize(("generation", "key"), [("04", "00" * 20), ("02", "0123456789ABCDEF")])
def test_keys_in_files_and_ea07_with_the_operators_tables(
    environment: dict[str, str], door: Door, noor: Noor, tmp_path: Path, generation: str, key: str
) -> None:
    secret, tables = tmp_path / "key", tmp_path / "ea07.json"
    secret.write_text(f"{key}\n")
    tables.write_text(json.dumps(as_json()))
    given = environment | {"STS_VENDOR": "embedded", "STS_EA07_TABLES": str(tables)}
    given["STS_VENDING_KEY_123456_1_FILE"] = str(secret)
    vendor = make_vendor(read_settings(given), door, given)
    assert vendor is not None
    meter = sts_meter(door, noor, ea="07", dkga=generation)
    charge = vendor.charge(ChargeRequest("reference-1", meter, 500))
    assert len(charge.tokens[0].digits) == 20


def as_json() -> dict[str, Any]:
    names = ("S1", "S2", "P")
    return {name: list(getattr(TABLES, field)) for name, field in zip(names, TABLES.__dataclass_fields__, strict=True)}
