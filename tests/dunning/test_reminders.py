"""Reminders: once for each stage and day, for what is owed still, and never in the night or on a holiday."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from bot.jobs.reminders import remind_all
from bot.jobs.worker_services import WorkerServices
from domain.door import Door, Visit
from domain.dunning.disputing import close_dispute, open_dispute
from domain.dunning.plans import Agreed, agree
from domain.dunning.reminding import TAKES
from domain.dunning.rules import Rules
from domain.kinds import NOTICES
from domain.outbox import claim_due
from tests.dunning.world import (
    MONDAY,
    at,
    holiday,
    messages,
    on_network,
    only_invoice,
    pays,
    protect,
    rows,
    rules,
    stages,
)
from tests.noor import Noor

DAY = timedelta(days=1)


def test_the_usual_schedule(door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch) -> None:
    only_invoice(door, noor, MONDAY)
    for days in range(-8, 60):
        with at(monkeypatch, MONDAY + days * DAY):
            remind_all(worker)
            remind_all(worker)
    assert rows(door, "SELECT stage, day FROM reminder ORDER BY day") == [
        (stage, MONDAY + stage * DAY) for stage in (-3, 0, 7, 15, 30)
    ]
    assert len(messages(door)) == 5


@pytest.mark.parametrize(("hour", "minute", "number"), [(8, 59, 0), (9, 0, 1), (19, 59, 1), (20, 0, 0), (3, 0, 0)])
def test_only_by_day(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, hour: int, minute: int, number: int
) -> None:
    only_invoice(door, noor, MONDAY)
    with at(monkeypatch, MONDAY, hour, minute):
        assert remind_all(worker)["invoice"] == number


def test_a_month_of_outage_is_one_reminder(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_invoice(door, noor, MONDAY)
    with at(monkeypatch, MONDAY - 3 * DAY):
        remind_all(worker)
    with at(monkeypatch, MONDAY + 29 * DAY):
        for _ in range(3):
            remind_all(worker)
    assert stages(door) == [("invoice", -3), ("invoice", 15)]


def test_a_holiday_is_passed_over(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_invoice(door, noor, MONDAY)
    holiday(door, noor, MONDAY)
    with at(monkeypatch, MONDAY):
        assert remind_all(worker)["invoice"] == 0
    with at(monkeypatch, MONDAY + DAY):
        assert remind_all(worker)["invoice"] == 1
    assert rows(door, "SELECT stage, day FROM reminder") == [(0, MONDAY + DAY)]


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Africa/Cairo", date(2026, 4, 24)),  # the clocks go forward that night
        ("Africa/Cairo", date(2026, 10, 30)),  # and back
        ("Asia/Riyadh", date(2028, 2, 29)),
    ],
)
def test_clock_changes_and_the_leap_day(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, zone: str, due: date
) -> None:
    only_invoice(door, noor, due)
    rows_changed = text("UPDATE business SET timezone = :zone")
    with door.for_every_business() as session:
        session.execute(rows_changed, {"zone": zone})
    for days in range(-4, 9):
        for hour, minute in ((8, 59), (9, 0), (9, 15)):
            with at(monkeypatch, due + days * DAY, hour, minute, zone):
                remind_all(worker)
    assert rows(door, "SELECT stage, day FROM reminder ORDER BY day") == [
        (stage, due + stage * DAY) for stage in (-3, 0, 7)
    ]
    hours = rows(door, f"SELECT DISTINCT extract(hour FROM created_at AT TIME ZONE '{zone}')::int FROM reminder")
    assert hours == [(9,)]


def test_two_workers_at_once_remind_once(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        only_invoice(door, noor, MONDAY, no=f"D-{number}")
    with at(monkeypatch, MONDAY), ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: remind_all(worker, 7)["invoice"], range(4)))
    assert sum(done) == 40
    assert len(messages(door)) == 40
    assert len(stages(door)) == 40


def test_who_dies_before_the_commit_has_reminded_nobody(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_invoice(door, noor, MONDAY)
    with at(monkeypatch, MONDAY):
        with monkeypatch.context() as patched:
            patched.setattr("bot.jobs.reminders.note_told", _die)
            with pytest.raises(SystemExit):
                remind_all(worker)
        assert stages(door) == messages(door) == []
        assert remind_all(worker)["invoice"] == 1


def _die(*_: object) -> None:
    raise SystemExit(9)


def settle_paid(door: Door, invoice: object) -> None:
    pays(door, invoice, 20_000)  # type: ignore[arg-type]


def settle_disputed(door: Door, invoice: object) -> None:
    with door.for_every_business() as session:
        open_dispute(Visit.within(session), invoice, "Not mine")  # type: ignore[arg-type]


def settle_planned(door: Door, invoice: object) -> None:
    with door.for_every_business() as session:
        business = session.scalar(text("SELECT id FROM business"))
        agree(Visit.within(session), business, invoice, 2, Rules(), Agreed("staff", MONDAY))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("happens", "reason"), [(settle_paid, "paid"), (settle_disputed, "disputed"), (settle_planned, "instalments")]
)
def test_what_happens_between_preparing_and_sending_stops_it(
    door: Door,
    noor: Noor,
    worker: WorkerServices,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[Door, object], None],
    reason: str,
) -> None:
    kept, stopped = only_invoice(door, noor, MONDAY), only_invoice(door, noor, MONDAY, no="D-2", phone="+966500000002")
    with at(monkeypatch, MONDAY):
        remind_all(worker)
        happens(door, stopped)
        with door.for_every_business() as session:
            claimed = claim_due(session, 10, NOTICES)
    told = dict(rows(door, "SELECT message_id, invoice_id FROM reminder"))
    assert {told[one.message_id]: one.refused for one in claimed} == {kept: None, stopped: reason}


@pytest.mark.parametrize("happens", [settle_paid, settle_disputed, settle_planned])
def test_nobody_is_reminded_of_what_is_settled(
    door: Door,
    noor: Noor,
    worker: WorkerServices,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[Door, object], None],
) -> None:
    happens(door, only_invoice(door, noor, MONDAY))
    with at(monkeypatch, MONDAY):
        assert remind_all(worker) == dict.fromkeys(TAKES, 0)


def test_a_dispute_that_is_closed_lets_the_schedule_go_on(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = only_invoice(door, noor, MONDAY)
    settle_disputed(door, invoice)
    with at(monkeypatch, MONDAY + 8 * DAY):
        assert remind_all(worker)["invoice"] == 0
        with door.for_every_business() as session:
            assert close_dispute(Visit.within(session), invoice, "It was right")
        assert remind_all(worker)["invoice"] == 1
    assert stages(door) == [("invoice", 7)]


def test_who_pays_at_this_instant_is_left_alone(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = only_invoice(door, noor, MONDAY)
    with at(monkeypatch, MONDAY), door.for_every_business() as paying:
        paying.execute(text("SELECT FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
        assert remind_all(worker)["invoice"] == 0


def test_a_schedule_of_its_own(door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch) -> None:
    rules(door, noor, reminder_days=[1], channels=["sms"])
    only_invoice(door, noor, MONDAY)
    for days in range(-5, 9):
        with at(monkeypatch, MONDAY + days * DAY):
            remind_all(worker)
    assert stages(door) == [("invoice", 1)]
    assert rows(door, "SELECT DISTINCT channel FROM message WHERE reminder_id IS NOT NULL") == [("sms",)]


def test_a_disconnection_is_announced_to_whom_it_may_happen(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(door, noor, notice_days=7, cut_days=14)
    on_network(door, noor)
    only_invoice(door, noor, MONDAY)
    only_invoice(door, noor, MONDAY, no="D-2", phone="+966500000002")  # without such a meter
    with at(monkeypatch, MONDAY + 7 * DAY):
        remind_all(worker)
    assert sorted(stages(door)) == [("disconnection", 7), ("invoice", 7)]
    (said,) = rows(
        door,
        "SELECT text FROM message JOIN reminder ON reminder.id = reminder_id WHERE reminder.kind = 'disconnection'",
    )
    assert "فصل التيار" in said[0]


def test_the_protected_are_told_of_no_disconnection(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(door, noor, notice_days=7, cut_days=14)
    on_network(door, noor)
    protect(door)
    only_invoice(door, noor, MONDAY)
    with at(monkeypatch, MONDAY + 7 * DAY):
        remind_all(worker)
    assert stages(door) == [("invoice", 7)]
