"""Readings that are asked of the vendor: one a day, judged as all others, and one meter holds up no other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

import sandbox.vendor.api
from bot.jobs.pulling import pull_all
from bot.jobs.worker_services import WorkerServices, make_worker_services
from bot.settings import Settings
from domain import clock
from domain.customers import Customer
from domain.door import Door
from domain.meters import Meter
from domain.vendors.embedded import EmbeddedVendor
from domain.vendors.keys import KeyRing
from tests.noor import SARA, Noor, found_noor
from tests.vendors.emulator import CONFIG, HOME, OFF_LINE, Emulator, emulator

SECOND = "01412304113"
KWH = 1_000


@pytest.fixture
def worker(settings: Settings) -> Iterator[WorkerServices]:
    made = make_worker_services(settings)
    yield made
    made.close()


@pytest.fixture
def box() -> Iterator[Emulator]:
    second = {**CONFIG["meters"][0], "meter_no": SECOND}
    with emulator(meters=[*CONFIG["meters"], second]) as found:
        for number, kwh in ((HOME.meter_no, 5_000), (SECOND, 7_000)):
            found.world.meters[number].counted_wh = kwh * KWH
        yield found


def meter(door: Door, noor: Noor, number: str, **more: Any) -> None:
    """Give Sara a meter that takes tokens, and is billed by what it counts."""
    with door.for_business(noor.business_id) as session:
        owner = session.scalars(select(Customer).where(Customer.phone == SARA)).first()
        assert owner is not None
        facts = {"kind": "postpaid", "network": "sts", **more}
        session.add(Meter(business_id=noor.business_id, customer_id=owner.id, meter_no=number, **facts))


def kept(door: Door) -> list[tuple[Any, ...]]:
    statement = """SELECT meter_no, wh / 1000, origin, reading.state, reason
                   FROM reading JOIN meter ON meter.id = meter_id ORDER BY meter_no, read_at"""
    with door.for_every_business() as session:
        return [tuple(row) for row in session.execute(text(statement))]


def dates(days: int) -> int:
    """Return on how many dates, in Riyadh, the full hours of the last days are: the vendor has a reading for each."""
    until = clock.now()
    hours = (until - timedelta(hours=hour) for hour in range(24 * days))
    full = (hour.replace(minute=0, second=0, microsecond=0) for hour in hours)
    return len({hour.astimezone(ZoneInfo("Asia/Riyadh")).date() for hour in full})


def test_of_each_day_one_reading_is_taken_and_none_twice(
    worker: WorkerServices, door: Door, noor: Noor, box: Emulator
) -> None:
    meter(door, noor, HOME.meter_no)
    assert pull_all(worker, box.client()) == dates(2)
    assert kept(door) == [(HOME.meter_no, 5_000, "vendor", "accepted", None)] * dates(2)
    assert pull_all(worker, box.client()) == 0
    assert len(kept(door)) == dates(2)


def test_at_the_same_instant_no_day_is_taken_twice(
    worker: WorkerServices, door: Door, noor: Noor, box: Emulator
) -> None:
    meter(door, noor, HOME.meter_no)
    meter(door, noor, SECOND)
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda _: pull_all(worker, box.client(timeout=5)), range(4)))
    assert sum(new) == 2 * dates(2)
    assert len(kept(door)) == 2 * dates(2)


def test_a_meter_that_is_refused_holds_up_no_other(
    worker: WorkerServices, door: Door, noor: Noor, box: Emulator
) -> None:
    for number in (HOME.meter_no, OFF_LINE.meter_no, "04999999999", SECOND):
        meter(door, noor, number)
    assert pull_all(worker, box.client()) == 2 * dates(2)
    assert {row[0] for row in kept(door)} == {HOME.meter_no, SECOND}


def test_what_is_odd_is_held(worker: WorkerServices, door: Door, noor: Noor, box: Emulator) -> None:
    meter(door, noor, HOME.meter_no)
    with door.for_every_business() as session:
        session.execute(
            text("""INSERT INTO reading (id, created_at, business_id, meter_id, read_at, source, wh, origin, state)
                    SELECT gen_random_uuid(), now(), business_id, id, :at, 'actual', 9000000, 'staff', 'accepted'
                    FROM meter WHERE meter_no = :number"""),
            {"at": clock.now() - timedelta(days=5), "number": HOME.meter_no},
        )
    pull_all(worker, box.client())
    assert {row[3:] for row in kept(door) if row[2] == "vendor"} == {("held", "lower")}


def test_who_is_asked(worker: WorkerServices, door: Door, noor: Noor, box: Emulator) -> None:
    """Not what is paid before, is switched off, or is nobody's; a month at most after an outage."""
    meter(door, noor, HOME.meter_no, kind="prepaid")
    meter(door, noor, SECOND, active=False)
    assert pull_all(worker, box.client()) == 0
    other = found_noor(door, "OTHER", "+966112000091", "+966112000092")
    meter(door, other, HOME.meter_no)
    assert pull_all(worker, box.client()) == 0
    with door.for_every_business() as session:
        session.execute(text("UPDATE meter SET active = true, kind = 'postpaid'"))
        session.execute(
            text("""INSERT INTO reading (id, created_at, business_id, meter_id, read_at, source, wh, origin, state)
                    SELECT gen_random_uuid(), now(), business_id, id, :at, 'actual', 1, 'vendor', 'accepted'
                    FROM meter WHERE meter_no = :number"""),
            {"at": clock.now() - timedelta(days=60), "number": SECOND},
        )
    assert pull_all(worker, box.client()) == dates(31)


def test_a_vendor_that_has_none_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, worker: WorkerServices, door: Door, noor: Noor, box: Emulator
) -> None:
    meter(door, noor, HOME.meter_no)
    assert pull_all(worker, EmbeddedVendor(door, KeyRing())) == 0
    monkeypatch.setattr(sandbox.vendor.api, "_ABLE", ("charge", "test_connection"))
    assert pull_all(worker, box.client()) == 0
    assert kept(door) == []


def test_a_vendor_that_is_away_is_asked_the_next_time(
    worker: WorkerServices, door: Door, noor: Noor, box: Emulator
) -> None:
    meter(door, noor, HOME.meter_no)
    box.fault("error_500", operation="read", times=2)
    client = box.client(retries=0)
    assert pull_all(worker, client) == 0
    assert [pull_all(worker, client), pull_all(worker, client)] == [0, dates(2)]


def test_what_cannot_have_been_counted_stops_no_other(
    worker: WorkerServices, door: Door, noor: Noor, box: Emulator
) -> None:
    meter(door, noor, HOME.meter_no)
    meter(door, noor, SECOND)
    box.world.meters[HOME.meter_no].counted_wh = 10**16
    assert pull_all(worker, box.client()) == dates(2)
    assert {row[0] for row in kept(door)} == {SECOND}
