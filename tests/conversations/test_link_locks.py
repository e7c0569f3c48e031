"""Five wrong tries close the door for an hour."""

import pytest
from flask import Flask

from bot.app import create_app
from bot.services import Services
from bot.settings import Settings
from tests.chat import Chat, code_on
from tests.conftest import Later
from tests.noor import SARA, Noor

LOCKED = "That was too many wrong codes"


def asks(chat: Chat, account: str = "1001") -> None:
    chat.says("english")
    chat.says("link my account")
    chat.says(account)


def tries_wrongly(chat: Chat, times: int) -> None:
    for _ in range(times):
        chat.says("000000")


def test_for_who_tries(stranger: Chat, later: Later) -> None:
    asks(stranger)
    tries_wrongly(stranger, 4)
    stranger.hears("not right")
    tries_wrongly(stranger, 1)
    stranger.hears(LOCKED, "no more for an hour", "1. Talk to a person")
    for account in ("1001", "1002", "9999"):
        asks(stranger, account)
        stranger.hears(LOCKED)
    later(minutes=59)
    asks(stranger)
    stranger.hears(LOCKED)
    later(minutes=2)
    asks(stranger)
    stranger.types_the_code(SARA)
    stranger.hears("linked to account 1001")


def test_whichever_accounts_are_tried(stranger: Chat) -> None:
    for account in ("1001", "1002", "1003", "9999"):
        asks(stranger, account)
        tries_wrongly(stranger, 1)
        stranger.hears("not right")
    asks(stranger, "1004")
    tries_wrongly(stranger, 1)
    stranger.hears(LOCKED)


@pytest.mark.parametrize("account", ["1001", "9999"])
def test_for_what_is_tried_whoever_tries(app: Flask, noor: Noor, later: Later, account: str) -> None:
    people = [Chat(app, f"+96650000060{number}", ("whatsapp", "sms")[number % 2]) for number in range(6)]
    for chat in people:
        asks(chat, account)
    for chat in people[:4]:
        tries_wrongly(chat, 1)
        chat.hears("not right")
    for chat in people[4:]:
        tries_wrongly(chat, 1)
        chat.hears(LOCKED)
    asks(people[0], "10-01" if account == "1001" else "99 99")
    people[0].hears(LOCKED)
    asks(people[0], "1005")
    people[0].hears("If this is an account of ours")


def test_a_right_code_comes_too_late(stranger: Chat, app: Flask) -> None:
    asks(stranger)
    code = code_on(app, SARA)
    others = [Chat(app, f"+96650000061{number}") for number in range(5)]
    for chat in others:
        asks(chat)
        tries_wrongly(chat, 1)
    stranger.says(code)
    stranger.hears(LOCKED)


def test_a_restart_forgets_nothing(stranger: Chat, settings: Settings) -> None:
    asks(stranger)
    tries_wrongly(stranger, 4)
    stranger.app = create_app(settings)
    tries_wrongly(stranger, 1)
    stranger.hears(LOCKED)
    services: Services = stranger.app.extensions["raseed"]
    services.close()


def test_a_day_of_few_mistakes_locks_nobody(stranger: Chat, later: Later) -> None:
    for _ in range(4):
        asks(stranger)
        tries_wrongly(stranger, 2)
        stranger.hears("not right")
        later(hours=1, minutes=1)


def test_what_cannot_be_a_code_counts_for_nothing(stranger: Chat) -> None:
    asks(stranger)
    for said in ("what code?", "12345", "1234567", "where is it", "00966500000001"):
        stranger.says(said)
    stranger.says("link my account")
    stranger.says("1001")
    stranger.types_the_code(SARA)
    stranger.hears("linked to account 1001")
