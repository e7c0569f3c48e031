"""Commands over the network: only the meter's own report confirms one, and each is done once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.jobs.meter_commands import carry_over_network
from bot.jobs.worker_services import WorkerServices
from domain import clock
from domain.door import Door, Visit
from domain.vendors.commanding import follow_command, send_command
from domain.vendors.meter_commands import Came, move
from domain.vendors.reports import state_of
from domain.vendors.requests import MeterAt
from sandbox.acrel.pushing import push
from tests.acrel.box import NUMBER, Box, asked, state

AT_ONCE = timedelta(0)


def carry(worker: WorkerServices, box: Box, monkeypatch: pytest.MonkeyPatch, seconds: float = 0) -> None:
    """Carry commands once, so many seconds from now."""
    at = clock.now() + timedelta(seconds=seconds)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: at)
        carry_over_network(worker, box.client(), AT_ONCE)


def test_taken_is_not_done_and_done_is_what_the_meter_reports(door: Door, meter: MeterAt, box: Box) -> None:
    command_id = asked(door, meter)
    assert send_command(door, box.client(), meter.business_id, command_id) == "acknowledged"
    assert state(door, command_id) == "acknowledged"
    box.world.tick()  # the meter has done it, and nobody has heard of it
    assert not box.world.meters[NUMBER].closed
    assert state(door, command_id) == "acknowledged"
    box.passes()
    assert state(door, command_id) == "confirmed"


def test_the_platform_saying_done_confirms_nothing(door: Door, meter: MeterAt, box: Box) -> None:
    command_id = asked(door, meter)
    send_command(door, box.client(), meter.business_id, command_id)
    box.world.tick()
    assert box.world.command(str(command_id))["state"] == "done"
    follow_command(door, box.client(), meter.business_id, command_id)
    assert state(door, command_id) == "acknowledged"


def test_a_report_that_was_lost_is_asked_for(
    door: Door, meter: MeterAt, box: Box, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.fault("lost_report")
    command_id = asked(door, meter)
    carry(worker, box, monkeypatch, 1)
    box.passes()
    assert state(door, command_id) == "acknowledged"
    carry(worker, box, monkeypatch, 10)
    assert state(door, command_id) == "confirmed"


@pytest.mark.parametrize("kind", ["timeout_after", "timeout_before", "error_500", "error_500_after"])
def test_what_is_in_doubt_is_asked_about_and_done_once(
    door: Door, meter: MeterAt, box: Box, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    box.fault(kind, operation="control", times=1)
    command_id = asked(door, meter)
    carry(worker, box, monkeypatch, 1)
    assert state(door, command_id) == "in_doubt"
    carry(worker, box, monkeypatch, 10)
    carry(worker, box, monkeypatch, 11)
    assert state(door, command_id) == "acknowledged"
    assert len(box.world.commands) == 1
    box.passes()
    assert state(door, command_id) == "confirmed"


def test_a_process_that_dies_while_it_sends_leaves_what_is_asked_about(
    door: Door, meter: MeterAt, box: Box, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    command_id = asked(door, meter)
    with door.for_business(meter.business_id) as session:
        assert move(session, command_id, Came("sent"))  # and then it died
    carry(worker, box, monkeypatch, 10)
    carry(worker, box, monkeypatch, 20)
    box.passes()
    assert state(door, command_id) == "confirmed"
    assert len(box.world.commands) == 1


SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("set_tariff", {"tariff": "FARM"}),
    ("set_quota", {"month": "2026-11", "watt_hours": 250_500}),
    ("set_credit_limit", {"minor": 50_000, "currency": "SAR"}),
    ("set_mode", {"mode": "prepaid"}),
    ("set_communication", {"report_minutes": 5}),
]


@pytest.mark.parametrize(("command", "said"), SETTINGS)
def test_every_setting_is_kept_by_the_meter_and_seen_in_its_report(
    door: Door, meter: MeterAt, box: Box, command: str, said: dict[str, Any]
) -> None:
    command_id = asked(door, meter, command=command, settings=said)
    assert send_command(door, box.client(), meter.business_id, command_id) == "acknowledged"
    box.passes()
    assert state(door, command_id) == "confirmed"
    with door.for_business(meter.business_id) as session:
        found = state_of(Visit.within(session), meter.meter_id)
    assert found is not None
    assert found.settings[command] == said


def test_a_meter_out_of_reach_does_it_when_it_is_back_or_it_is_given_up(
    door: Door, meter: MeterAt, box: Box, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.world.meters[NUMBER].online = False
    first = asked(door, meter, command="turn_off")
    carry(worker, box, monkeypatch, 1)
    box.passes()
    carry(worker, box, monkeypatch, 20)
    assert state(door, first) == "acknowledged"
    box.world.meters[NUMBER].online = True
    box.passes()
    assert state(door, first) == "confirmed"
    box.world.meters[NUMBER].online = False
    second = asked(door, meter, command="turn_on")
    carry(worker, box, monkeypatch, 1)
    box.world.commands[str(second)]["at"] -= 90_000_000
    box.passes()
    carry(worker, box, monkeypatch, 60)
    assert state(door, second) == "failed"


def test_a_report_of_before_confirms_nothing(door: Door, meter: MeterAt, box: Box) -> None:
    box.world.meters[NUMBER].closed = False
    box.world.report(box.world.meters[NUMBER])  # it was off already, an hour ago
    box.world.to_push[0]["timestamp"] -= 3_600_000
    command_id = asked(door, meter)
    send_command(door, box.client(), meter.business_id, command_id)
    push(box.world)
    assert state(door, command_id) == "acknowledged"


def test_what_only_a_vendor_does_fails(door: Door, meter: MeterAt, box: Box) -> None:
    command_id = asked(door, meter, command="reduce_amperage", amperes=20)
    assert send_command(door, box.client(), meter.business_id, command_id) == "failed"
    assert not box.world.commands


def test_who_was_forgotten_signs_in_again_and_it_is_done_once(door: Door, meter: MeterAt, box: Box) -> None:
    client = box.client()
    client.test_connection()
    box.fault("signed_out", times=1)
    command_id = asked(door, meter)
    assert send_command(door, client, meter.business_id, command_id) == "acknowledged"
    assert len(box.world.commands) == 1


def test_a_command_without_news_is_asked_about_less_and_less(
    door: Door, meter: MeterAt, box: Box, worker: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.world.meters[NUMBER].online = False
    asked(door, meter)
    for seconds in (1, 5, 40, 400, 4000):
        carry(worker, box, monkeypatch, seconds)
    with door.for_every_business() as session:
        pause = session.scalar(text("SELECT ask_at - created_at FROM meter_command"))
    assert pause > timedelta(seconds=4300)
