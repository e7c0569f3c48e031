"""Subsidies: charged once for each customer and month, settled by what was used, whoever dies where."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.jobs.meter_commands import carry_over_network
from bot.jobs.subsidies import run_subsidies
from bot.jobs.worker_services import WorkerServices, make_worker_services
from bot.settings import Settings
from domain import clock
from domain.door import Door, Visit
from domain.subsidies.settling import CannotSettle, Open, reckon
from domain.subsidies.tables import Subsidy
from domain.tariffs import Tariff
from domain.vendors.commanding import send_command
from domain.vendors.reports import note_reports
from domain.vendors.requests import MeterAt
from domain.vendors.results import MeterReport
from tests.acrel.box import Box, acrel_meter, network
from tests.dunning.world import at, rows
from tests.noor import OMAR, SARA, Noor

NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def worker(settings: Settings, empty: None) -> Iterator[WorkerServices]:
    made = make_worker_services(settings)
    yield made
    made.close()


@pytest.fixture
def box() -> Iterator[Box]:
    meters = [{"meter_no": number, "load_watts": 0} for number in ("0143001", "0143002")]
    with network(meters=meters) as found:
        yield found


def supported(door: Door, noor: Noor, number: str, phone: str, kwh: str = "250.5") -> MeterAt:
    meter = acrel_meter(door, noor, number, phone)
    with door.for_business(noor.business_id) as session:
        session.execute(text("UPDATE meter SET tariff = 'HOME' WHERE id = :id"), {"id": meter.meter_id})
        if not session.scalar(text("SELECT count(*) FROM tariff")):
            session.add(
                Tariff(business_id=noor.business_id, code="HOME", valid_from=date(2020, 1, 1), name_en="Home",
                       name_ar="منزلي", blocks=[[0, 180_000], [2_000, 300_000]], currency="SAR")
            )  # fmt: skip
        owner = session.scalar(text("SELECT customer_id FROM meter WHERE id = :id"), {"id": meter.meter_id})
        session.add(
            Subsidy(business_id=noor.business_id, programme="CITIZEN", customer_id=owner, meter_id=meter.meter_id,
                    valid_from=date(2026, 1, 1), monthly_kwh=Decimal(kwh))
        )  # fmt: skip
    return meter


def carried(worker: WorkerServices, box: Box, ahead: float = 1) -> None:
    """Bring what waits to the meters, and hear them."""
    later = clock.now() + timedelta(seconds=ahead)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: later)
        carry_over_network(worker, box.client(), timedelta(0))
    box.world.tick()


def heard(door: Door, box: Box) -> None:
    with door.for_every_business() as session:
        for meter in box.world.meters.values():
            if meter.last:
                at_ = datetime.fromtimestamp(meter.last["timestamp"] / 1000, UTC)
                quota = meter.para.get("quota")
                settings = (
                    {"set_quota": {"month": quota["month"], "watt_hours": int(Decimal(quota["kwh"]) * 1000)}}
                    if quota else {}
                )  # fmt: skip
                said = MeterReport(meter.facts.number, at_, None, supplied=True, settings=settings)
                note_reports(Visit.within(session), [said])


def test_a_quota_is_told_once_and_charged_when_the_meter_says_so(
    door: Door, noor: Noor, worker: WorkerServices, box: Box
) -> None:
    supported(door, noor, "0143001", SARA)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: run_subsidies(worker)["charged"], range(3)))
    assert sum(done) == 1
    assert rows(door, "SELECT state FROM subsidy_charge") == [("charging",)]
    carried(worker, box)
    heard(door, box)
    assert run_subsidies(worker) == {"charged": 0, "followed": 1, "settled": 0}
    assert rows(door, "SELECT state, quota_wh FROM subsidy_charge") == [("charged", 250_500)]
    assert [one["method"] for one in box.world.commands.values()] == ["SETQUOTA"]


def test_killed_between_the_network_and_the_booking_it_is_charged_once(
    door: Door, noor: Noor, worker: WorkerServices, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = supported(door, noor, "0143001", SARA)
    run_subsidies(worker)
    ((command_id,),) = rows(door, "SELECT command_id FROM subsidy_charge")
    with monkeypatch.context() as patched:
        patched.setattr("domain.vendors.commanding._note", _die)  # the network has it, and we die before we write it
        with pytest.raises(SystemExit):
            send_command(door, box.client(), meter.business_id, command_id)
    assert rows(door, "SELECT state FROM meter_command") == [("sent",)]
    assert len(box.world.commands) == 1
    run_subsidies(worker)
    carried(worker, box, 60)
    carried(worker, box, 90)
    heard(door, box)
    run_subsidies(worker)
    assert rows(door, "SELECT state FROM subsidy_charge") == [("charged",)]
    assert len(box.world.commands) == 1


def _die(*_: object) -> None:
    raise SystemExit(9)


def test_one_that_fails_never_stops_the_others(door: Door, noor: Noor, worker: WorkerServices, box: Box) -> None:
    supported(door, noor, "0143009", OMAR)  # the network knows no such meter
    supported(door, noor, "0143001", SARA)
    run_subsidies(worker)
    carried(worker, box)
    heard(door, box)
    run_subsidies(worker)
    assert rows(door, "SELECT state, detail FROM subsidy_charge ORDER BY state") == [
        ("charged", None), ("failed", "unknown_meter"),
    ]  # fmt: skip


def counted(door: Door, noor: Noor, meter: MeterAt, *readings: tuple[datetime, int]) -> None:
    with door.for_business(noor.business_id) as session:
        said = [MeterReport(meter.meter_no, at_, wh, supplied=True) for at_, wh in readings]
        note_reports(Visit.within(session), said)


def charged(door: Door) -> None:
    with door.for_every_business() as session:
        session.execute(text("UPDATE subsidy_charge SET state = 'charged'"))


def test_what_was_used_is_the_states_debt_once(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = supported(door, noor, "0143001", SARA), supported(door, noor, "0143002", OMAR)
    with at(monkeypatch, date(2026, 11, 2)):
        run_subsidies(worker)
    charged(door)
    begin, end = datetime(2026, 10, 31, 20, tzinfo=UTC), datetime(2026, 11, 30, 20, tzinfo=UTC)
    counted(door, noor, first, (begin, 1_000_000), (end, 1_300_000), (end + timedelta(hours=2), 1_400_000))
    with at(monkeypatch, date(2026, 12, 1), 1):
        assert run_subsidies(worker)["settled"] == 1  # of the other one nothing is known
        assert run_subsidies(worker)["settled"] == 0
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: run_subsidies(worker), range(3)))
    november = "SELECT state, consumed_wh, net_minor, vat_minor, detail FROM subsidy_charge WHERE month = '2026-11-01' "
    assert rows(door, f"{november} ORDER BY state") == [
        ("charged", None, None, None, "no_readings"),
        ("settled", 250_500, 3600 + 1515, 767, None),  # 200 kWh at 0.18, 50.5 at 0.30
    ]  # fmt: skip
    lines = "SELECT kind, amount_minor FROM journal_line JOIN ledger_account AS a ON a.id = account_id ORDER BY n"
    assert rows(door, lines) == [("government", 5882), ("revenue", -5115), ("vat_payable", -767)]
    counted(door, noor, second, (begin, 5_000), (end, 5_000))
    with at(monkeypatch, date(2026, 12, 2)):
        assert run_subsidies(worker)["settled"] == 1
    assert len(rows(door, "SELECT FROM journal_entry")) == 1  # nothing was used: nothing is owed


def test_killed_before_the_commit_nothing_is_booked(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = supported(door, noor, "0143001", SARA)
    with at(monkeypatch, date(2026, 11, 2)):
        run_subsidies(worker)
    charged(door)
    counted(door, noor, meter, (datetime(2026, 11, 1, tzinfo=UTC), 0), (datetime(2026, 11, 30, tzinfo=UTC), 9_000))
    with at(monkeypatch, date(2026, 12, 1)):
        with monkeypatch.context() as patched:
            patched.setattr("domain.subsidies.settling.post", _die)
            with pytest.raises(SystemExit):
                run_subsidies(worker)
        assert rows(door, "SELECT FROM journal_entry") == []
        assert run_subsidies(worker)["settled"] == 1
    assert len(rows(door, "SELECT FROM journal_entry")) == 1


def opened(before: int | None, after: int | None, mode: str = "graduated") -> Open:
    blocks = [[0, 180_000], [2_000, 300_000]]
    return Open(UUID(int=1), UUID(int=2), 250_000, "SAR", Decimal("0.15"), NOVEMBER, before, after, blocks, mode)


def test_reckoning() -> None:
    assert reckon(opened(0, 100_000)).net.minor == 1800
    assert reckon(opened(0, 900_000)).net.minor == 3600 + 1500
    assert reckon(opened(0, 900_000, "volume")).net.minor == 7500
    assert reckon(opened(5, 5)).consumed_wh == 0
    for before, after, code in ((None, 5, "no_readings"), (5, None, "no_readings"), (5, 4, "lower")):
        with pytest.raises(CannotSettle, match=code):
            reckon(opened(before, after))
