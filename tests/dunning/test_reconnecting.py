"""What was disconnected for a debt is reconnected when that is paid, or staff is told: once, whatever happens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.jobs.reconnecting import reconnect_all
from bot.jobs.worker_services import WorkerServices
from domain.door import Door, Visit
from domain.dunning.reconnecting import reconnect_paid
from domain.vendors.meter_commands import MeterCommand
from tests.dunning.world import MONDAY, at, on_network, only_invoice, pays, rows, rules
from tests.noor import Noor

DAY = timedelta(days=1)
TOLD = "SELECT facts ->> 'code', times FROM notification WHERE kind = 'reconnect_due'"
BACK = "SELECT command, state, for_debt, undoes_id IS NOT NULL FROM meter_command WHERE command = 'reconnect'"


@pytest.fixture
def meter(door: Door, noor: Noor) -> UUID:
    return on_network(door, noor)


def told(door: Door, noor: Noor, meter: UUID, command: str = "disconnect", **more: Any) -> UUID:
    """Let a meter have been told something."""
    facts = {"state": "confirmed", "reason": "for a reason", **more}
    with door.for_business(noor.business_id) as session:
        row = MeterCommand(business_id=noor.business_id, meter_id=meter, command=command, **facts)
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def cut(door: Door, noor: Noor, meter: UUID) -> UUID:
    """An invoice for which a meter was disconnected by the rule."""
    invoice = only_invoice(door, noor, MONDAY - 30 * DAY)
    told(door, noor, meter, invoice_id=invoice, for_debt=True)
    return invoice


def test_by_the_rule_it_is_reconnected_once(
    door: Door, noor: Noor, worker: WorkerServices, cut: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(door, noor, reconnects=True)
    with at(monkeypatch, MONDAY):
        assert reconnect_all(worker) == (0, 0)
        pays(door, cut, 19_999)
        assert reconnect_all(worker) == (0, 0)
        pays(door, cut, 1)
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: reconnect_all(worker), range(4)))
        assert sum(commands for commands, _ in done) == 1
        assert reconnect_all(worker) == (0, 0)
    assert rows(door, BACK) == [("reconnect", "queued", True, True)]
    assert rows(door, TOLD) == []


def test_without_the_rule_staff_is_told_once(door: Door, noor: Noor, worker: WorkerServices, cut: UUID) -> None:
    pays(door, cut, 20_000)
    assert [reconnect_all(worker) for _ in range(3)] == [(0, 1), (0, 0), (0, 0)]
    assert rows(door, TOLD) == [("0143000", 1)]
    assert rows(door, BACK) == []


def test_who_dies_before_the_commit_has_reconnected_nobody(
    door: Door, noor: Noor, worker: WorkerServices, cut: UUID
) -> None:
    rules(door, noor, reconnects=True)
    pays(door, cut, 20_000)
    with door.for_every_business() as session:
        assert reconnect_paid(Visit.within(session), 10)[1] == 1
        session.rollback()
    assert reconnect_all(worker) == (1, 0)


def test_while_somebody_is_at_it_nobody_else_is(
    door: Door, noor: Noor, worker: WorkerServices, meter: UUID, cut: UUID
) -> None:
    """Two debts, paid at the same instant: whoever saw only one of them would leave the meter to the other."""
    rules(door, noor, reconnects=True)
    pays(door, cut, 20_000)
    with door.for_every_business() as session:
        assert reconnect_paid(Visit.within(session), 10)[1] == 1
        assert reconnect_all(worker) == (0, 0)
    assert reconnect_all(worker) == (0, 0)
    assert len(rows(door, BACK)) == 1


def test_all_debts_that_a_meter_was_disconnected_for_are_to_be_paid(
    door: Door, noor: Noor, worker: WorkerServices, meter: UUID, cut: UUID
) -> None:
    rules(door, noor, reconnects=True)
    other = only_invoice(door, noor, MONDAY - 20 * DAY, no="D-2")
    told(door, noor, meter, invoice_id=other, for_debt=True)
    pays(door, other, 20_000)
    assert reconnect_all(worker) == (0, 0)
    pays(door, cut, 20_000)
    assert reconnect_all(worker) == (1, 0)


def test_what_staff_disconnected_for_a_debt_waits_for_all_that_was_overdue_then(
    door: Door, noor: Noor, worker: WorkerServices, meter: UUID
) -> None:
    rules(door, noor, reconnects=True)
    invoice = only_invoice(door, noor, noor.today - DAY)
    only_invoice(door, noor, noor.today + 9 * DAY, no="D-2")
    told(door, noor, meter, for_debt=True)
    assert reconnect_all(worker) == (0, 0)
    pays(door, invoice, 20_000)
    assert reconnect_all(worker) == (1, 0)


@pytest.mark.parametrize("state", ["queued", "sent"])
def test_while_the_disconnection_is_on_its_way_nothing_comes(
    door: Door, noor: Noor, worker: WorkerServices, cut: UUID, state: str
) -> None:
    rules(door, noor, reconnects=True)
    pays(door, cut, 20_000)
    change(door, f"UPDATE meter_command SET state = '{state}'")
    assert reconnect_all(worker) == (0, 0)
    change(door, "UPDATE meter_command SET state = 'failed'")
    assert reconnect_all(worker) == (0, 0)
    change(door, "UPDATE meter_command SET state = 'in_doubt'")
    assert reconnect_all(worker) == (1, 0)


def test_what_was_switched_off_for_another_reason_too_is_for_staff(
    door: Door, noor: Noor, worker: WorkerServices, meter: UUID, cut: UUID
) -> None:
    rules(door, noor, reconnects=True)
    told(door, noor, meter, "turn_off")
    pays(door, cut, 20_000)
    assert reconnect_all(worker) == (0, 1)


def test_what_somebody_has_switched_on_is_left_alone(
    door: Door, noor: Noor, worker: WorkerServices, meter: UUID, cut: UUID
) -> None:
    rules(door, noor, reconnects=True)
    told(door, noor, meter, "reconnect")
    pays(door, cut, 20_000)
    assert reconnect_all(worker) == (0, 0)


def test_of_a_reconnection_that_fails_staff_is_told_once(
    door: Door, noor: Noor, worker: WorkerServices, cut: UUID
) -> None:
    rules(door, noor, reconnects=True)
    pays(door, cut, 20_000)
    assert reconnect_all(worker) == (1, 0)
    change(door, "UPDATE meter_command SET state = 'failed' WHERE command = 'reconnect'")
    assert [reconnect_all(worker) for _ in range(2)] == [(0, 1), (0, 0)]
    assert rows(door, TOLD) == [("0143000", 1)]


def change(door: Door, statement: str) -> None:
    with door.for_every_business() as session:
        session.execute(text(statement))
