"""Buttons and lists, all the way to the phone and back."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.channels.approved import patterns
from bot.channels.contents import Contents, shapes
from bot.cli.templates import templates
from bot.jobs.worker_services import WorkerServices
from domain.contents import Content
from domain.messages import Message
from tests.jobs.conftest import Phone, wait_for
from tests.noor import OMAR

Do = Callable[[], None]
Outbox = Callable[[], list[Message]]
SHAPES = len(list(shapes()))
NUMBER = SHAPES + len(list(patterns()))


@pytest.fixture
def sync(phone: Phone, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Run `raseed templates sync`, and return what it says."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def do() -> str:
        result = CliRunner().invoke(templates, ["sync"])
        assert result.exit_code == 0, result.output
        return result.output

    return do


def last(phone: Phone, send: Do) -> dict[str, Any]:
    """Send what is due, wait until it is there, and return the last message on the phone."""
    send()
    wait_for(lambda: all(one["status"] in {"delivered", "read"} for one in phone.received()))
    return phone.received()[-1]


def test_registering_twice_registers_once(sync: Callable[[], str], workers: WorkerServices) -> None:
    assert f"{NUMBER} registered, 0 were there" in sync()
    assert f"0 registered, {NUMBER} were there" in sync()
    with workers.door.for_every_business() as session:
        assert len(session.scalars(select(Content)).all()) == SHAPES


@pytest.mark.parametrize("selection", ["list", "button", "body"])
def test_a_chat_that_is_only_tapped(
    sync: Callable[[], str], phone: Phone, send: Do, selection: str, outbox: Outbox
) -> None:
    sync()
    phone.set(list_selection=selection)
    phone.writes("hi", sender=OMAR)
    welcome = last(phone, send)
    assert [button["title"] for button in welcome["extra"]["interactive"]["entries"]] == ["العربية", "English"]
    assert "1. " not in welcome["body"]
    phone.taps(welcome, "English")
    menu = last(phone, send)
    assert "How can we help you?" in menu["body"]
    phone.taps(menu, "Balance")
    accounts = last(phone, send)
    assert accounts["extra"]["interactive"]["entries"][1]["description"] == "account 1003"
    phone.taps(accounts, "Omar's Shop")
    assert "1,234.50" in last(phone, send)["body"]
    # What the log keeps is the whole message, choices numbered, as somebody who types would need it.
    assert "2. Omar's Shop, account 1003" in outbox()[-2].text


def test_numbers_are_understood_where_buttons_are_shown(sync: Callable[[], str], phone: Phone, send: Do) -> None:
    sync()
    phone.writes("hi", sender=OMAR)
    last(phone, send)
    phone.writes("2", sender=OMAR)
    assert "How can we help you?" in last(phone, send)["body"]


def test_without_registered_content_choices_are_numbered(phone: Phone, send: Do) -> None:
    phone.writes("hi", sender=OMAR)
    welcome = last(phone, send)
    assert "2. English" in welcome["body"]
    assert not welcome["extra"].get("interactive")


def test_content_that_is_gone_at_twilio_costs_nobody_an_answer(
    sync: Callable[[], str], phone: Phone, send: Do, workers: WorkerServices
) -> None:
    sync()
    with workers.door.for_every_business() as session:
        for content in session.scalars(select(Content)):
            content.content_sid = "HX" + "0" * 32
    assert Contents(workers.door).sid_of(workers.accounts.own.sid, "buttons_2", "en") == "HX" + "0" * 32
    phone.writes("hi", sender=OMAR)
    assert "2. English" in last(phone, send)["body"]


def test_on_sms_choices_are_numbered(sync: Callable[[], str], phone: Phone, send: Do) -> None:
    sync()
    phone.writes("english", sender=OMAR, channel="sms")
    assert "1. Balance" in last(phone, send)["body"]
