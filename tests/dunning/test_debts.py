"""Late fees and disconnections by a rule: once, and never where they may not be."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.jobs.debts import charge_fees, cut_all
from bot.jobs.reminders import remind_all
from bot.jobs.worker_services import WorkerServices
from domain.door import Door, Visit
from domain.dunning.cutting import obstacle_to
from domain.dunning.days import USUAL_DAYS_OFF, Days
from domain.dunning.disputing import open_dispute
from tests.dunning.world import MONDAY, at, holiday, on_network, only_invoice, pays, protect, rows, rules
from tests.noor import Noor

DAY = timedelta(days=1)
THURSDAY, FRIDAY, SATURDAY, SUNDAY = (MONDAY + days * DAY for days in (3, 4, 5, 6))


def test_a_fee_is_charged_once_and_draws_no_fee(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(door, noor, late_fee_minor=2_500, late_fee_days=10)
    only_invoice(door, noor, MONDAY)
    with at(monkeypatch, MONDAY + 9 * DAY):
        assert charge_fees(worker) == 0
    with at(monkeypatch, MONDAY + 10 * DAY), ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _: charge_fees(worker), range(3))) == 1
    with at(monkeypatch, MONDAY + 90 * DAY):
        assert charge_fees(worker) == 0
    fees = rows(door, "SELECT total_minor, vat_minor, description_en FROM invoice WHERE series IS NOT NULL")
    assert fees == [(2_500, 0, "Late payment fee, invoice D-1")]
    assert rows(door, "SELECT count(*) FROM journal_entry WHERE source_type = 'invoice'") == [(1,)]


@pytest.mark.parametrize("why", ["paid", "disputed", "protected", "holiday"])
def test_no_fee_is_charged(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    rules(door, noor, late_fee_minor=2_500, late_fee_days=10)
    _happens(door, noor, only_invoice(door, noor, MONDAY), why, MONDAY + 10 * DAY)
    with at(monkeypatch, MONDAY + 10 * DAY):
        assert charge_fees(worker) == 0


def _happens(door: Door, noor: Noor, invoice: UUID, why: str, day: date) -> None:
    if why == "paid":
        pays(door, invoice, 20_000)
    elif why == "protected":
        protect(door)
    elif why == "holiday":
        holiday(door, noor, day)
    else:
        with door.for_every_business() as session:
            open_dispute(Visit.within(session), invoice, "Not mine")


@pytest.fixture
def announced(door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """An invoice whose disconnection was announced, and the announcement has arrived."""
    rules(door, noor, notice_days=7, cut_days=14)
    on_network(door, noor)
    invoice = only_invoice(door, noor, MONDAY - 14 * DAY)
    with at(monkeypatch, MONDAY - 7 * DAY):
        remind_all(worker)
    arrive(door)
    return invoice


def arrive(door: Door, status: str = "delivered") -> None:
    with door.for_every_business() as session:
        session.execute(text("UPDATE message SET status = :status WHERE reminder_id IS NOT NULL"), {"status": status})


def commands(door: Door) -> list[tuple[object, ...]]:
    return rows(door, "SELECT command, state, reason FROM meter_command")


def test_the_rule_disconnects_once(
    door: Door, announced: UUID, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at(monkeypatch, MONDAY - DAY, 10):
        assert cut_all(worker) == 0  # the day before
    with at(monkeypatch, MONDAY, 15):
        assert cut_all(worker) == 0  # too late in the day
    with at(monkeypatch, MONDAY, 10), ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _: cut_all(worker), range(3))) == 1
    assert commands(door) == [("disconnect", "queued", "overdue: D-1")]


@pytest.mark.parametrize("day", [THURSDAY, FRIDAY, SATURDAY])
def test_nobody_is_disconnected_on_or_before_a_weekend(
    door: Door, announced: UUID, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    with at(monkeypatch, day, 10):
        assert cut_all(worker) == 0
    with at(monkeypatch, SUNDAY, 10):
        assert cut_all(worker) == 1


@pytest.mark.parametrize("ahead", [0, 1])
def test_nor_on_or_before_a_holiday(
    door: Door, noor: Noor, announced: UUID, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    holiday(door, noor, MONDAY + ahead * DAY)
    with at(monkeypatch, MONDAY, 10):
        assert cut_all(worker) == 0


@pytest.mark.parametrize("why", ["paid", "disputed", "protected"])
def test_what_happens_before_the_command_is_sent_stops_it(
    door: Door, noor: Noor, announced: UUID, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    with at(monkeypatch, MONDAY, 10):
        assert cut_all(worker) == 1
        ((command_id,),) = rows(door, "SELECT id FROM meter_command")
        with door.for_every_business() as session:
            assert obstacle_to(session, command_id) is None
        _happens(door, noor, announced, why, MONDAY)
        with door.for_every_business() as session:
            assert obstacle_to(session, command_id) is not None
    with at(monkeypatch, THURSDAY, 10), door.for_every_business() as session:
        assert obstacle_to(session, command_id) is not None


@pytest.mark.parametrize("status", ["queued", "failed", "undelivered", "skipped"])
def test_who_was_not_told_is_not_disconnected(
    door: Door, announced: UUID, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    arrive(door, status)
    with at(monkeypatch, MONDAY, 10):
        assert cut_all(worker) == 0


def test_without_a_rule_only_staff_disconnects(
    door: Door, announced: UUID, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(door, noor, cut_days=None)
    with at(monkeypatch, MONDAY, 10):
        assert cut_all(worker) == 0


def test_days() -> None:
    usual: Callable[[date], bool] = Days(USUAL_DAYS_OFF, ()).may_cut
    assert [usual(MONDAY + days * DAY) for days in range(7)] == [True, True, True, False, False, False, True]
