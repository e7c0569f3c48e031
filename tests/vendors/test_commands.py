"""Commands to meters: each is done once, whatever the vendor answers and whenever we die."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.jobs.meter_commands import carry_all
from bot.jobs.worker_services import make_worker_services
from bot.providers.sts_http import HttpVendor
from bot.providers.sts_transport import Transport
from bot.settings import read_settings
from domain import clock
from domain.door import Door
from domain.vendors.commanding import follow_command, send_command
from domain.vendors.meter_commands import FROM, STATES, Came, MeterCommand, move, waiting
from domain.vendors.requests import MeterAt
from tests.noor import Noor
from tests.vendors.emulator import CREDENTIALS, FACTS, Emulator, emulator
from tests.vendors.test_embedded import sts_meter


@pytest.fixture
def meter(door: Door, noor: Noor) -> MeterAt:
    return sts_meter(door, noor)


def asked(door: Door, meter: MeterAt, **other: Any) -> UUID:
    with door.for_business(meter.business_id) as session:
        said = {"command": "disconnect", "reason": "asked for by its owner", **other}
        row = MeterCommand(business_id=meter.business_id, meter_id=meter.meter_id, **said)
        session.add(row)
        session.flush()
        return row.id


def row(door: Door, command_id: UUID) -> tuple[str, str | None, bool]:
    with door.for_every_business() as session:
        found = session.scalars(select(MeterCommand).where(MeterCommand.id == command_id)).one()
        return found.state, found.detail, found.vendor_id is not None


def served(meter: MeterAt) -> Any:
    return emulator(meters=[{**FACTS, "meter_no": meter.meter_no, "load_watts": 0}], seconds_to_confirm=0.2)


def test_a_command_is_acknowledged_and_then_confirmed(door: Door, meter: MeterAt) -> None:
    command_id = asked(door, meter)
    with served(meter) as box:
        assert send_command(door, box.client(), meter.business_id, command_id) == "acknowledged"
        assert send_command(door, box.client(), meter.business_id, command_id) is None
        box.world.config = _at_once(box)
        assert follow_command(door, box.client(), meter.business_id, command_id) == "confirmed"
        assert follow_command(door, box.client(), meter.business_id, command_id) is None
        assert not box.world.meters[meter.meter_no].switched
    assert row(door, command_id) == ("confirmed", None, True)


def _at_once(box: Emulator) -> Any:
    return replace(box.world.config, seconds_to_confirm=0)


@pytest.mark.parametrize("kind", ["timeout_after", "timeout_before", "error_500", "error_500_after"])
def test_what_is_in_doubt_is_asked_about_and_done_once(door: Door, meter: MeterAt, kind: str) -> None:
    command_id = asked(door, meter)
    with served(meter) as box:
        box.fault(kind, operation="command", times=1)
        assert send_command(door, box.client(), meter.business_id, command_id) == "in_doubt"
        came = follow_command(door, box.client(), meter.business_id, command_id)
        assert came in {"acknowledged", "confirmed"} if "after" in kind else came == "queued"
        if came == "queued":
            assert send_command(door, box.client(), meter.business_id, command_id) == "acknowledged"
        assert len(box.books()["commands"]) == 1


def test_a_process_that_dies_while_it_sends_leaves_what_can_be_asked_about(door: Door, meter: MeterAt) -> None:
    command_id = asked(door, meter)
    with door.for_business(meter.business_id) as session:
        assert move(session, command_id, Came("sent"))
    with door.for_every_business() as session:
        assert waiting(session, ("sent",), clock.now() - timedelta(minutes=1), 10) == []
        soon = clock.now() + timedelta(seconds=1)
        assert waiting(session, ("sent",), soon, 10) == [(meter.business_id, command_id)]
    with served(meter) as box:
        assert send_command(door, box.client(), meter.business_id, command_id) is None
        assert follow_command(door, box.client(), meter.business_id, command_id) == "queued"


def test_a_refusal_is_final_and_says_why(door: Door, meter: MeterAt) -> None:
    command_id = asked(door, meter)
    with emulator() as box:  # which doesn't know the meter
        assert send_command(door, box.client(), meter.business_id, command_id) == "failed"
    assert row(door, command_id) == ("failed", "unknown_meter", False)


def test_nobody_listens_so_it_waits(door: Door, meter: MeterAt) -> None:
    command_id = asked(door, meter)
    client = HttpVendor(Transport("http://127.0.0.1:9", CREDENTIALS, 1), 0)
    assert send_command(door, client, meter.business_id, command_id) == "queued"
    assert row(door, command_id) == ("queued", "unreachable", False)


def test_what_is_confirmed_or_failed_stays_so(door: Door, meter: MeterAt) -> None:
    assert set(FROM) == set(STATES)
    for last in ("confirmed", "failed"):
        command_id = asked(door, meter, state=last)
        with door.for_business(meter.business_id) as session:
            assert not any(move(session, command_id, Came(state)) for state in STATES)


def test_the_poll_sends_asks_and_settles(
    environment: dict[str, str], door: Door, meter: MeterAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_worker_services(read_settings({**environment, "STS_API_TIMEOUT": "500"}))
    first, second = asked(door, meter), asked(door, meter, command="turn_off")
    start = clock.now()
    with served(meter) as box:
        box.world.config = _at_once(box)
        box.fault("timeout_after", operation="command", times=1)
        carry_all(services, box.client())
        assert {row(door, first)[0], row(door, second)[0]} <= {"in_doubt", "acknowledged", "confirmed"}
        assert "in_doubt" in {row(door, first)[0], row(door, second)[0]}
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=10))
        carry_all(services, box.client())
        assert [row(door, one)[0] for one in (first, second)] == ["confirmed", "confirmed"]
        assert len(box.books()["commands"]) == 2
    services.close()
