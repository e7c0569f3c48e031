"""Instalment plans: parts that add up, kept and broken, and reminded of by themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.reminders import end_all, remind_all
from bot.jobs.worker_services import WorkerServices
from domain.door import Door, Visit
from domain.dunning.plans import Agreed, CannotAgree, agree, months_on, parts_of
from domain.dunning.rules import Rules
from domain.money import Money
from tests.dunning.world import MONDAY, at, only_invoice, pays, rows, stages
from tests.noor import Noor

DAY = timedelta(days=1)


@given(st.integers(24, 10**9), st.integers(2, 24), st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_parts_add_up_and_come_once_a_month(minor: int, number: int, today: date) -> None:
    parts = parts_of(Money(minor, "SAR"), number, today)
    assert sum(part.amount.minor for part in parts) == minor
    assert max(part.amount.minor for part in parts) - min(part.amount.minor for part in parts) <= 1
    months = [part.due_date.year * 12 + part.due_date.month for part in parts]
    assert months == list(range(today.year * 12 + today.month + 1, today.year * 12 + today.month + 1 + number))


def test_the_last_day_of_a_month_is_clamped() -> None:
    assert months_on(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert months_on(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_on(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_on(date(2026, 12, 15), 1) == date(2027, 1, 15)


def agreed(door: Door, noor: Noor, invoice: UUID, number: int = 2, on: date = MONDAY) -> UUID:
    with door.for_business(noor.business_id) as session:
        return agree(Visit.within(session), noor.business_id, invoice, number, Rules(), Agreed("staff", on))


def state(door: Door) -> list[tuple[object, ...]]:
    return rows(door, "SELECT state FROM instalment_plan")


def test_instalments_are_reminded_of_and_the_invoice_is_not(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = only_invoice(door, noor, MONDAY - 2 * DAY)
    agreed(door, noor, invoice)
    first = months_on(MONDAY, 1)
    for days in range((first - MONDAY).days + 1):
        with at(monkeypatch, MONDAY + days * DAY):
            remind_all(worker)
            remind_all(worker)
    assert rows(door, "SELECT kind, stage, day FROM reminder ORDER BY day") == [
        ("instalment", -3, first - 3 * DAY), ("instalment", 0, first),
    ]  # fmt: skip
    said = rows(door, "SELECT text FROM message WHERE reminder_id IS NOT NULL")
    assert ["100.00" in words for (words,) in said] == [True, True]


def test_a_broken_plan_ends_and_the_schedule_goes_on(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = only_invoice(door, noor, MONDAY - 2 * DAY)
    agreed(door, noor, invoice)
    first = months_on(MONDAY, 1)
    with at(monkeypatch, first + 3 * DAY):
        remind_all(worker)
        assert state(door) == [("active",)]
    with at(monkeypatch, first + 4 * DAY):
        remind_all(worker)
        assert state(door) == [("broken",)]
    with at(monkeypatch, first + 5 * DAY):
        remind_all(worker)
    assert stages(door)[-2:] == [("broken_plan", 36), ("invoice", 30)]


def test_a_customer_is_told_of_a_broken_plan_once(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = only_invoice(door, noor, MONDAY - 2 * DAY)
    agreed(door, noor, invoice)
    pays(door, invoice, 4_000)
    broken = months_on(MONDAY, 1) + 4 * DAY
    with at(monkeypatch, broken, hour=3):
        remind_all(worker)
    assert stages(door) == []  # not at night
    for days in range(3):
        with at(monkeypatch, broken + days * DAY), ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: remind_all(worker), range(3)))
    told = rows(door, "SELECT text, template ->> 'name' FROM message JOIN reminder ON reminder.message_id = message.id "
                      "WHERE reminder.kind = 'broken_plan'")  # fmt: skip
    assert [("160.00" in words, "D-1" in words) for words, _ in told] == [(True, True)]
    notified = rows(door, "SELECT kind, subject_type, subject_id, times FROM notification")
    assert notified == [("instalments_broken", "invoice", invoice, 1)]


@pytest.mark.parametrize("happens", ["paid", "agreed_anew"])
def test_who_has_settled_it_meanwhile_is_not_told(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, happens: str
) -> None:
    invoice = only_invoice(door, noor, MONDAY - 2 * DAY)
    agreed(door, noor, invoice)
    broken = months_on(MONDAY, 1) + 4 * DAY
    with at(monkeypatch, broken, hour=3):
        end_all(worker)
    if happens == "paid":
        pays(door, invoice, 20_000)
    else:
        agreed(door, noor, invoice, on=broken)
    with at(monkeypatch, broken):
        assert remind_all(worker)["broken_plan"] == 0


def test_a_plan_that_is_paid_is_kept(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = only_invoice(door, noor, MONDAY)
    agreed(door, noor, invoice)
    pays(door, invoice, 10_000)
    with at(monkeypatch, months_on(MONDAY, 1) + 9 * DAY):
        end_all(worker)
        assert state(door) == [("active",)]
        pays(door, invoice, 10_000)
        end_all(worker)
    assert state(door) == [("kept",)]


def test_a_part_that_is_half_paid_is_reminded_of_with_the_rest(
    door: Door, noor: Noor, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = only_invoice(door, noor, MONDAY)
    agreed(door, noor, invoice)
    pays(door, invoice, 4_000)
    with at(monkeypatch, months_on(MONDAY, 1)):
        remind_all(worker)
    (said,) = rows(door, "SELECT text FROM message WHERE reminder_id IS NOT NULL")
    assert "60.00" in said[0]


def test_two_at_once_agree_once(door: Door, noor: Noor) -> None:
    invoice = only_invoice(door, noor, MONDAY)

    def try_it(_: int) -> str:
        try:
            agreed(door, noor, invoice)
        except CannotAgree as refusal:
            return refusal.code
        return "agreed"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == ["agreed", "has_plan", "has_plan", "has_plan"]
