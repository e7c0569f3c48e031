"""The client against the sandbox's vendor: what is certain, what is unknown, and what verifying finds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.providers.sts_http import HttpVendor
from bot.providers.sts_transport import Transport
from domain import clock
from domain.vendors.capabilities import EVERYTHING, Capability
from domain.vendors.errors import NotSupported, OutcomeUnknown, Refused, Unreachable
from domain.vendors.requests import SETTINGS, ChargeRequest, Command, CommandRequest, MaintenanceRequest, Purpose
from domain.vendors.results import CommandState, Link, TokenKind
from tests.vendors.emulator import CREDENTIALS, HOME, OFF_LINE, Emulator, charge_or_verify, emulator

REQUEST = ChargeRequest("reference-1", HOME, 20_000)


def test_a_charge_is_tokens_that_the_meter_takes_once(box: Emulator) -> None:
    charge = box.client().charge(REQUEST)
    assert [token.units for token in charge.tokens] == [16_383, 3_617]
    assert [box.type_in(HOME, token.digits)["result"] for token in charge.tokens] == ["accepted", "accepted"]
    assert box.type_in(HOME, charge.tokens[0].digits)["result"] == "used"
    assert box.type_in(OFF_LINE, charge.tokens[0].digits)["result"] == "rejected"
    assert box.client().balance(HOME).watt_hours == 2_000_000
    assert box.client().charge(REQUEST) == box.client().verify_charge(HOME, "reference-1") == charge
    assert len(box.books()["charges"]) == 1


def test_a_key_change_comes_before_the_credit(box: Emulator) -> None:
    before = box.client().charge(ChargeRequest("reference-0", HOME, 10)).tokens[0]
    box.world.plan_key_change(HOME.meter_no, 2)
    tokens = box.client().charge(REQUEST).tokens
    assert [token.kind for token in tokens] == [TokenKind.KEY_CHANGE] * 4 + [TokenKind.CREDIT] * 2
    assert box.type_in(HOME, tokens[4].digits)["result"] == "rejected"  # the meter doesn't know the key yet
    entered = [box.type_in(HOME, token.digits)["result"] for token in tokens]
    assert entered == [*["key_section"] * 3, "key_changed", "accepted", "accepted"]
    assert box.type_in(HOME, before.digits)["result"] == "rejected"
    assert len(box.client().charge(ChargeRequest("reference-2", HOME, 10)).tokens) == 1


@pytest.mark.parametrize("kind", ["timeout_after", "error_500_after"])
def test_what_was_issued_without_an_answer_is_found_by_asking(box: Emulator, kind: str) -> None:
    box.fault(kind, times=1)
    with pytest.raises(OutcomeUnknown) as error:
        box.client().charge(REQUEST)
    assert error.value.reference == "reference-1"
    found = box.client().verify_charge(HOME, "reference-1")
    assert found is not None
    assert [found.reference] == [charge["reference"] for charge in box.books()["charges"]]


@pytest.mark.parametrize("kind", ["timeout_before", "error_500"])
def test_what_was_not_issued_is_known_to_be_so_by_asking(box: Emulator, kind: str) -> None:
    box.fault(kind, times=1)
    assert charge_or_verify(box.client(), REQUEST) is None
    assert box.books()["charges"] == []
    assert charge_or_verify(box.client(), REQUEST) is not None


def test_an_answer_that_comes_too_late_is_no_answer(box: Emulator) -> None:
    box.fault("slow", seconds=0.6, times=1)
    charge = charge_or_verify(box.client(timeout=0.3), REQUEST)
    # The vendor was asked while the request still waited. The same reference makes the second try safe.
    assert charge is None
    again = box.client(timeout=5).charge(REQUEST)
    assert box.client().verify_charge(HOME, "reference-1") == again
    assert len(box.books()["charges"]) == 1


def test_a_request_that_arrives_twice_is_one_charge(box: Emulator) -> None:
    box.fault("duplicate")
    box.client().charge(REQUEST)
    assert len(box.books()["charges"]) == 1
    assert box.books()["credit_minor"] == 100_000_000 - 40_000


def test_neither_answer_nor_verification(box: Emulator) -> None:
    box.fault("timeout_after", operation="any")
    with pytest.raises(OutcomeUnknown):
        charge_or_verify(box.client(retries=1), REQUEST)


@pytest.mark.parametrize(("kind", "code"), [("out_of_credit", "out_of_credit"), ("unknown_meter", "unknown_meter")])
def test_a_refusal_is_certain(box: Emulator, kind: str, code: str) -> None:
    box.fault(kind)
    with pytest.raises(Refused) as error:
        charge_or_verify(box.client(), REQUEST)
    assert error.value.code == code


def test_another_charge_under_the_same_reference_is_refused(box: Emulator) -> None:
    box.client().charge(REQUEST)
    with pytest.raises(Refused, match="reference_conflict"):
        box.client().charge(replace(REQUEST, units=1))


def test_nobody_listens() -> None:
    client = HttpVendor(Transport("http://127.0.0.1:9", CREDENTIALS, 1), 1)
    with pytest.raises(Unreachable):
        client.charge(REQUEST)
    with pytest.raises(Unreachable):
        client.test_connection()


def test_a_question_is_asked_again_and_each_time_signed_anew(box: Emulator) -> None:
    for kind in ("error_500_after", "timeout_after"):
        box.fault(kind, operation="read", times=1)
    assert box.client().balance(HOME).watt_hours == 0
    box.fault("error_500", operation="read")
    with pytest.raises(Unreachable):
        box.client(retries=1).balance(HOME)
    assert box.world.faults.listed()[-1]["met"] == 2


def test_what_issues_is_sent_once_only(box: Emulator) -> None:
    box.fault("error_500")
    with pytest.raises(OutcomeUnknown):
        box.client().charge(REQUEST)
    assert box.world.faults.listed()[-1]["met"] == 1


@pytest.mark.parametrize("command", [one for one in Command if one not in SETTINGS])
def test_commands(box: Emulator, command: Command) -> None:
    amperes = 20 if "amperage" in command else None
    client = box.client()
    sent = client.command(CommandRequest("reference-1", HOME, command, "an unpaid bill", amperes))
    assert sent.state in {CommandState.ACKNOWLEDGED, CommandState.CONFIRMED}
    found = client.command_status(HOME, "reference-1")
    assert found is not None
    assert found.state is CommandState.CONFIRMED
    assert client.command_status(HOME, "reference-2") is None
    if amperes:
        assert client.status(HOME).amperes == 20


def test_a_meter_is_disconnected_and_reconnected(box: Emulator) -> None:
    client = box.client()
    box.type_in(HOME, client.charge(REQUEST).tokens[0].digits)
    assert client.status(HOME).supplied
    client.command(CommandRequest("reference-1", HOME, Command.DISCONNECT, "works on the line"))
    assert not client.status(HOME).supplied
    client.command(CommandRequest("reference-2", HOME, Command.RECONNECT, "works done"))
    status = client.status(HOME)
    assert (status.supplied, status.connected, status.link) == (True, True, Link.RF)
    assert status.concentrator_id is not None
    assert status.signal_dbm is not None


def test_a_meter_out_of_reach(box: Emulator) -> None:
    client = box.client()
    box.world.meters[HOME.meter_no].connected = False
    with pytest.raises(Refused, match="no_contact"):
        client.balance(HOME)
    client.command(CommandRequest("reference-1", HOME, Command.TURN_OFF, "asked for"))
    found = client.command_status(HOME, "reference-1")
    assert found is not None
    assert (found.state, found.reason) == (CommandState.FAILED, "no_contact")
    assert not client.status(HOME).connected


def test_what_a_meter_cannot_do_is_a_clear_answer(box: Emulator) -> None:
    with pytest.raises(NotSupported) as error:
        box.client().balance(OFF_LINE)
    assert error.value.capability is Capability.BALANCE
    with pytest.raises(NotSupported) as error:
        box.client().command(CommandRequest("reference-1", OFF_LINE, Command.TURN_OFF, "asked for"))
    assert error.value.capability is Capability.TURN_OFF
    assert box.client().status(OFF_LINE).link is Link.NONE


def test_readings(box: Emulator) -> None:
    client = box.client()
    now = clock.now()
    assert client.reading(HOME).watt_hours == 0
    many = client.readings([HOME], now - timedelta(hours=24), now)
    assert len(many) == 24
    assert many == sorted(many, key=lambda one: one.read_at)
    with pytest.raises(ValueError, match="1 to 100 meters"):
        client.readings([], now, now)


def test_a_maintenance_code_has_an_end(box: Emulator) -> None:
    request = MaintenanceRequest("reference-1", HOME, Purpose.CLEAR_TAMPER, 30)
    code = box.client().maintenance_code(request)
    assert timedelta(minutes=29) < code.expires_at - clock.now() <= timedelta(minutes=30)
    assert box.type_in(HOME, code.code)["result"] == "accepted"
    assert box.client().maintenance_code(request) == code


def test_the_connection(box: Emulator) -> None:
    found = box.client().test_connection()
    assert (found.credit_minor, found.currency) == (100_000_000, "SAR")
    assert found.capabilities == EVERYTHING
    with pytest.raises(Refused, match="bad_signature"):
        box.client(credentials=replace(CREDENTIALS, secret="another")).test_connection()


def test_books_outlive_a_restart(tmp_path: Path) -> None:
    with emulator(tmp_path) as box:
        charge = box.client().charge(REQUEST)
        box.type_in(HOME, charge.tokens[0].digits)
    with emulator(tmp_path) as box:
        assert box.client().verify_charge(HOME, "reference-1") == charge
        assert box.type_in(HOME, charge.tokens[0].digits)["result"] == "used"
        assert box.client().balance(HOME).watt_hours == 1_638_300
        assert box.client().charge(ChargeRequest("reference-2", HOME, 1)).tokens[0] not in charge.tokens


def test_a_meter_in_use_has_a_history(box: Emulator) -> None:
    """A week of it: it never falls, and every day something is used."""
    box.world.meters[HOME.meter_no].load_watts = 1_000
    until = datetime.now(UTC)
    found = box.client().readings([HOME], until - timedelta(days=8), until)
    counted = [one.watt_hours for one in found]
    assert counted == sorted(counted)
    by_day = {one.read_at.date(): one.watt_hours for one in found}
    days = [by_day[day] for day in sorted(by_day)]
    used = [after - before for before, after in pairwise(days)]
    assert all(10_000 < one < 40_000 for one in used[:-1])
    assert len(set(used)) > 3
    assert box.client().reading(HOME).watt_hours >= counted[-1]
