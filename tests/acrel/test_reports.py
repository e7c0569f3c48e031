"""Reports that are pushed: signed, kept once, and of nobody else's meter."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from bot.webhooks.acrel import SIGNATURE, TIMESTAMP, signature
from domain import clock
from domain.door import Door
from domain.vendors.errors import Refused, Unreachable
from domain.vendors.requests import MeterAt
from tests.acrel.box import NUMBER, SECRET, Box, acrel_meter
from tests.noor import found_noor

REPORT = {"meterSn": NUMBER, "timestamp": 1_790_000_000_000, "EPI": "1234.567", "DO1": 1}


def post(app: Flask, said: Any, secret: str = SECRET, age: int = 0) -> int:
    body, at = json.dumps(said).encode(), str(int(clock.now().timestamp()) - age)
    headers = {TIMESTAMP: at, SIGNATURE: signature(secret, at, body)}
    return app.test_client().post("/webhooks/acrel", data=body, headers=headers).status_code


def kept(door: Door) -> list[tuple[Any, ...]]:
    with door.for_every_business() as session:
        return [tuple(row) for row in session.execute(text("SELECT watt_hours, supplied FROM meter_report"))]


CASES: list[tuple[str, Any, dict[str, Any], int, int]] = [
    ("one", REPORT, {}, 204, 1),
    ("many", [REPORT, {**REPORT, "timestamp": 1_790_000_900_000}], {}, 204, 2),
    ("the same twice", [REPORT, REPORT], {}, 204, 1),
    ("only the relay", {"meterSn": NUMBER, "timestamp": 1, "DO1": 0}, {}, 204, 1),
    ("somebody else's meter", {**REPORT, "meterSn": "99"}, {}, 204, 0),
    ("wrongly signed", REPORT, {"secret": "guessed"}, 403, 0),
    ("old", REPORT, {"age": 600}, 403, 0),
    ("of tomorrow", REPORT, {"age": -600}, 403, 0),
    ("no report", {"hello": 1}, {}, 400, 0),
    ("below zero", {**REPORT, "EPI": "-1"}, {}, 400, 0),
    ("not a number", {**REPORT, "EPI": "NaN"}, {}, 400, 0),
    ("nothing", [], {}, 400, 0),
    ("text", "hello", {}, 400, 0),
]


@pytest.mark.parametrize(("said", "how", "status", "rows"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_pushes(app: Flask, door: Door, meter: MeterAt, said: Any, how: Any, status: int, rows: int) -> None:
    assert post(app, said, **how) == status
    assert len(kept(door)) == rows


def test_the_same_report_at_once_is_kept_once(app: Flask, door: Door, meter: MeterAt) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: post(app, REPORT), range(8))) == {204}
    assert kept(door) == [(1_234_567, True)]


def test_a_number_that_two_businesses_have_is_nobodys(app: Flask, door: Door, meter: MeterAt) -> None:
    other = found_noor(door, "OTHER", "+966112000091", "+966112000092")
    acrel_meter(door, other)
    assert post(app, REPORT) == 204
    assert kept(door) == []


def test_without_a_secret_nothing_is_heard(environment: dict[str, str], app: Flask, meter: MeterAt) -> None:
    assert app.test_client().post("/webhooks/acrel", json=REPORT).status_code == 403


def test_readings_are_asked_for(meter: MeterAt, box: Box) -> None:
    begun = clock.now()
    box.world.meters[NUMBER].counted_wh = 5_000
    box.world.report(box.world.meters[NUMBER])
    box.world.meters[NUMBER].counted_wh = 6_000
    box.world.report(box.world.meters[NUMBER])
    until = clock.now() + timedelta(seconds=5)
    found = box.client().readings([meter], begun - timedelta(seconds=5), until)
    assert [one.watt_hours for one in found] == [5_000, 6_000]
    assert box.client().reading(meter).watt_hours == 6_000
    assert box.client().status(meter).supplied


def test_who_is_not_known_is_refused(meter: MeterAt, box: Box) -> None:
    with pytest.raises(Refused, match="wrong_credentials"):
        box.client(user="guessed").test_connection()
    box.fault("timeout_before")
    with pytest.raises(Unreachable):
        box.client().test_connection()


def test_of_each_day_one_reading_goes_on_to_the_bills(app: Flask, door: Door, meter: MeterAt) -> None:
    noon = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 9 * 3_600_000  # 12:00 in Riyadh
    many = [{**REPORT, "timestamp": noon + hours * 3_600_000, "EPI": str(1000 + hours)} for hours in range(30)]
    assert post(app, many) == 204
    assert post(app, [{**one, "timestamp": one["timestamp"] + 60_000} for one in many]) == 204
    with door.for_every_business() as session:
        found = session.execute(text("SELECT wh, origin, state FROM reading ORDER BY read_at")).all()
    assert [tuple(row) for row in found] == [
        (1_000_000, "network", "accepted"), (1_012_000, "network", "accepted"),
    ]  # fmt: skip
