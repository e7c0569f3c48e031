"""One line in, one line out, whatever it holds."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.cli.sts.decoding import decoded
from bot.cli.sts.issuing import issue
from bot.cli.sts.keys import Operator
from domain.sts.amounts import LARGEST_UNITS, encode_units
from tests.sts.vectors import KEY, TABLES, VECTORS, answered, issued, read

CREDIT = {**KEY, "cls": 0, "sub": 0, "rnd": 5, "tid": 85740}
TOKEN = "58625789986991357486"  # 0.1 kWh, RND 5, 2014-03-01 13:00

BAD_LINES = [
    (b"", "json"),
    (b"\n", "json"),
    (b"{", "json"),
    (b"[]", "json"),
    (b"17", "json"),
    (b"\xff", "json"),
    (b"\xef\xbb\xbf{}", "json"),
    (b'{"cls": NaN}', "json"),
    (b"[" * 100_000, "json"),
    (b'{"cls": ' + b"9" * 10_000 + b"}", "json"),
    (b"{}", "field"),
    (b'{"cls": null}', "field"),
    (b'{"cls": [0], "sub": 0}', "field"),
    (b'{"cls": "zero", "sub": 0}', "field"),
    (b'{"cls": 1.5, "sub": 0}', "field"),
    (b'{"cls": 3, "sub": 0}', "reserved"),
    (b'{"cls": 0, "sub": 8}', "reserved"),
    (b'{"cls": 0, "sub": -1}', "reserved"),
    (b'{"cls": 2, "sub": 11}', "reserved"),
    (b'{"cls": 1, "sub": 3, "control": 1}', "range"),
    (b'{"cls": 1, "sub": 0}', "field"),
    (b'{"cls": 1, "sub": 0, "control": "0x' + b"f" * 60 + b'"}', "range"),
    (b'{"cls": 1, "sub": 0, "control": "0x' + b"f" * 60_000 + b'"}', "field"),
]


@pytest.mark.parametrize(("line", "code"), BAD_LINES)
def test_a_bad_line_is_answered_by_an_error(line: bytes, code: str) -> None:
    before, said, after = answered(issue, {**CREDIT, "field16": 1}, line, {**CREDIT, "field16": 1})
    assert said["error"] == code
    assert isinstance(said["detail"], str)
    assert before == after == {"token": TOKEN}


WRONG = [
    ({"rnd": 16}, "range"),
    ({"tid": 1 << 24}, "range"),
    ({"tid": None}, "field"),
    ({"tid": None, "when": "yesterday"}, "field"),
    ({"tid": None, "when": "0001-01-01T00:00+14:00"}, "field"),
    ({"tid": None, "when": "2050-01-01"}, "range"),
    ({"tid": None, "when": "2013-12-31"}, "range"),
    ({"field16": 1 << 16}, "range"),
    ({"field16": "1e3"}, "field"),
    ({"field16": None}, "field"),
    ({"field16": None, "amount_kwh": -0.1}, "range"),
    ({"field16": None, "amount_kwh": 1820162.5}, "range"),
    ({"field16": None, "amount_kwh": "a lot"}, "field"),
    ({"field16": None, "amount_kwh": "NaN"}, "range"),
    ({"field16": None, "amount_kwh": "1e999999999"}, "range"),
    ({"krn": 0}, "range"),
    ({"krn": 10}, "range"),
    ({"kt": 4}, "range"),
    ({"kt": 1}, "default_key"),
    ({"kt": 3}, "unsupported"),
    ({"ti": "100"}, "range"),
    ({"sgc": "1234567"}, "range"),
    ({"sgc": None}, "field"),
    ({"bd": "94"}, "field"),
    ({"ea": "09"}, "unsupported"),
    ({"ea": None}, "field"),
    ({"dkga": "01"}, "unsupported"),
    ({"dkga": "03"}, "unsupported"),
    ({"dkga": "02"}, "key"),
    ({"vk": "ab"}, "key"),
    ({"vk": "xyz"}, "field"),
    ({"vk": 17}, "field"),
    ({"vk": None}, "field"),
    ({"pan": "600727000000000008"}, "meter_number"),
    ({"pan": None}, "field"),
    ({"pan": None, "drn": "12345678904"}, "meter_number"),
    ({"ken": 0, "tid": 65536}, "key_expired"),
    ({"ken": 256}, "range"),
    ({"cls": 2, "sub": 1, "field16": 8}, "range"),
    ({"cls": 2, "sub": 5, "field16": 1}, "range"),
    ({"cls": 2, "sub": 3}, "field"),
    ({"cls": 2, "sub": 3, "new": 5}, "field"),
    ({"cls": 2, "sub": 3, "new": {}, "rollover": 2, "bit3kct": 0}, "field"),
    ({"cls": 0, "sub": 4, "field20": 1 << 20}, "range"),
    ({"cls": 0, "sub": 1, "field16": None, "amount_kwh": 1}, "field"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_what_is_refused(change: dict[str, Any], code: str) -> None:
    assert issued({**CREDIT, "field16": 1, **change})["error"] == code


def test_no_key_is_in_a_message() -> None:
    for vending_key in ("feedfacecafe", "feedfacecafe0", KEY["vk"] + "16"):
        assert "feedface" not in str(issued({**CREDIT, "field16": 1, "vk": vending_key}))


def test_without_the_tables_ea07_is_refused() -> None:
    assert issued({**CREDIT, "ea": "07", "field16": 1}, Operator())["error"] == "tables"
    assert "token" in issued({**CREDIT, "ea": "07", "field16": 1}, Operator(TABLES))


SAME = [
    {"field16": 1},
    {"amt16": "1"},
    {"v16": "0x1"},
    {"amount_kwh": 0.1},
    {"amount_kwh": "0.1"},
    {"amount_kwh": "0.05"},
    {"amount": 0.1},
    {"amount_base_units": 1},
    {"field16": 1, "amount_kwh": 99, "kt": None, "ti": 1, "krn": "1", "sgc": 201457, "ea": 11, "dkga": 4},
    {"field16": 1, "bd": None, "base": 2014},
    {"field16": 1, "pan": None, "drn": "0000000000 0"},
    {"field16": 1, "tid": None, "when": "2014-03-01 13:00"},
    {"field16": 1, "tid": None, "when": "2014-03-01T16:00:59+03:00"},
    {"field16": 1, "vk": None, "dk": "929bd3a415c9420a05ec5ee9f3ce91c3"},
    {"field16": 1, "dk": "00", "id": "surplus", "token": "0"},
]


@pytest.mark.parametrize("said", SAME)
def test_the_same_token_said_otherwise(said: dict[str, Any]) -> None:
    assert issued({**CREDIT, **said}) == {"token": TOKEN}


def test_the_vending_key_may_stay_in_the_environment() -> None:
    line = {**CREDIT, "vk": None, "field16": 1}
    operator = Operator(environment={"STS_VENDING_KEY_201457_1": KEY["vk"]})
    assert issued(line, operator) == {"token": TOKEN}
    assert read({**line, "token": TOKEN}, operator)["tid"] == 85740
    assert KEY["vk"] not in repr(operator)


def test_limits_are_said_in_watts_and_credit_in_currency() -> None:
    limit = issued({**CREDIT, "cls": 2, "sub": 0, "value": 20000})["token"]
    assert read({**KEY, "token": limit})["units"] == 20004
    credit = issued({**CREDIT, "sub": 4, "amount": "-1"})["token"]
    assert read({**KEY, "token": credit})["field20"] == 0x860A9


def test_what_is_read_of_a_credit() -> None:
    assert read({**KEY, "token": "5862 5789-9869 9135 7486"}) == {
        "cls": 0,
        "sub": 0,
        "rnd": 5,
        "tid": 85740,
        "issued_at": "2014-03-01T13:00+00:00",
        "field16": 1,
        "amt16": 1,
        "units": 1,
        "amount_kwh": 0.1,
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"token": "58625789986991357487"}, "crc"),
        ({"krn": 2}, "crc"),
        ({"token": "5862578998699135748"}, "format"),
        ({"token": 58625789986991357486}, None),
        ({"token": None}, "field"),
        ({"token": "9" * 20}, "format"),
        ({"kt": 1}, "crc"),
        ({"ken": 0}, "key_expired"),
    ],
)
def test_what_is_not_read(change: dict[str, Any], code: str | None) -> None:
    line = {**KEY, "token": TOKEN, **change}
    if code == "key_expired":
        line["token"] = issued({**CREDIT, "tid": 65536, "field16": 1})["token"]
    assert read(line).get("error") == code


def test_credit_under_a_default_key_is_not_read() -> None:
    by_key = {"ea": "11", "dk": "929bd3a415c9420a05ec5ee9f3ce91c3", "token": TOKEN}
    assert read(by_key)["tid"] == 85740
    assert read({**by_key, "kt": 1})["error"] == "default_key"


@settings(deadline=None)
@given(st.integers(0, LARGEST_UNITS))
def test_tenths_of_a_kilowatt_hour_are_exact(units: int) -> None:
    token = issued({**CREDIT, "amount_kwh": units / 10})["token"]
    assert read({**KEY, "token": token})["field16"] == encode_units(units)
    assert issued({**CREDIT, "amount_kwh": str(Decimal(units) / 10)})["token"] == token


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["02", "04", "07", "11", "93", "14", 0, 1, 2, 3, 4, 8])
    | st.dictionaries(
        st.sampled_from(["sgc", "krn", "vk", "dk", "ken", "kenho", "ro", "k3"]), st.integers() | st.text()
    )
)
NAMES = sorted({name for vector in VECTORS for name in vector} | {"drn", "iin", "test", "amount_kwh", "base"})


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(VECTORS), st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
@example(VECTORS[0], {"cls": 2, "sub": None, "new": {"vk": 1}})
def test_any_fields_are_answered(vector: dict[str, Any], changed: dict[str, Any]) -> None:
    line = json.dumps({**vector, **changed}).encode()
    for answer in (issue, decoded):
        (said,) = answered(answer, line)
        assert {"error", "detail"} == said.keys() or {"token", "tokens", "cls"} & said.keys()


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_answered(line: bytes) -> None:
    assert answered(issue, line)[0].keys() == {"error", "detail"}
