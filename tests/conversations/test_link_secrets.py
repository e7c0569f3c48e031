"""Linking tells nobody anything: not whether there is an account, not what the code is."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from bot.services import Services
from domain import codes
from domain.businesses import Business
from domain.codes import OneTimeCode
from domain.customers import Customer
from domain.messages import Message
from domain.tables import Base
from tests.chat import Chat, code_on, codes_sent
from tests.conftest import Later
from tests.noor import SARA, STRANGER, WHATSAPP, Noor
from tests.twilio import deliver, inbound
from tests.wire import RoundTrips


def asks_for(chat: Chat, account: str, services: Services) -> tuple[list[str], list[int]]:
    """Ask for an account, try two codes, ask for another; return what was said, and the round trips of each turn."""
    said, trips = [], []
    for step in (account, "000000", "new code", "111111", "another number", account, "menu"):
        with RoundTrips(services.door.engine) as counted:
            chat.says(step)
        said += chat.answers
        trips.append(counted.number)
    return said, trips


def refusals(services: Services) -> list[str | None]:
    with services.door.for_every_business() as session:
        return list(session.scalars(select(OneTimeCode.refused).order_by(OneTimeCode.seq)))


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
@pytest.mark.parametrize("language", ["english", "عربي"])
def test_no_account_is_answered_as_an_account_is(
    app: Flask, noor: Noor, services: Services, channel: str, language: str
) -> None:
    with services.door.for_every_business() as session:
        session.execute(update(Customer).where(Customer.account_no == "1004").values(phone=None))
        session.execute(update(Customer).where(Customer.account_no == "1005").values(phone="+14155550100"))
    heard = []
    # The first three find out how each question is best asked: psycopg prepares what it is asked often.
    for number, account in enumerate(("8001", "8002", "8003", "1001", "9999", "1004", "1005")):
        chat = Chat(app, f"+96650000090{number}", channel)
        for said in (language, "link my account", "menu", "link my account"):
            chat.says(said)
        heard.append(asks_for(chat, account, services))
    assert heard[4:] == heard[3:4] * 3
    assert {"unknown", "no_phone", "country", None} == set(refusals(services))


def test_an_hours_lock_is_no_telltale_either(app: Flask, noor: Noor, services: Services) -> None:
    heard = []
    for account, phones in (("1001", "01"), ("9999", "23")):
        first, second = (Chat(app, f"+96650000080{number}") for number in phones)
        said = []
        for chat in (first, second):
            chat.says("english")
            chat.says("link my account")
            chat.says(account)
            for _ in range(6):
                said += chat.answers
                chat.says("000000")
        heard.append(said)
    assert heard[0] == heard[1]


def test_what_a_cap_refuses_looks_as_if_it_were_sent(app: Flask, noor: Noor, services: Services) -> None:
    heard = []
    for number in range(6):
        chat = Chat(app, f"+96650000070{number}")
        for said in ("english", "link my account", "1001"):
            chat.says(said)
        heard += chat.answers
    assert len(set(heard)) == 1
    sent = codes_sent(app, SARA)
    assert [row.status for row in sent] == ["queued"] * codes.MOST_TO_NUMBER + ["skipped"] * 2
    assert [row.reason for row in sent[-2:]] == ["cap_destination"] * 2
    assert all("••••••" in row.text for row in sent[-2:])


def test_a_refused_code_leaves_the_one_before_in_force(stranger: Chat) -> None:
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("1001")
    for _ in range(codes.MOST_TO_NUMBER):
        stranger.says("new code")
    assert codes_sent(stranger.app)[-1].reason == "cap_destination"
    stranger.says(_digits(codes_sent(stranger.app)[-2]))
    stranger.hears("linked to account 1001")


def test_an_hour_later_the_caps_are_open_again(stranger: Chat, later: Later, services: Services) -> None:
    stranger.says("link my account")
    stranger.says("1001")
    for _ in range(7):
        stranger.says("new code")
    assert refusals(services) == [None] * 4 + ["cap_destination"] * 2 + ["cap_contact"] * 2
    later(hours=1, minutes=1)
    stranger.says("link my account")
    stranger.says("1001")
    assert refusals(services)[-1] is None


@pytest.mark.parametrize(("cap", "country"), [("cap_business", "EG"), ("cap_country", "SA")])
def test_a_business_and_a_country_have_their_caps(
    stranger: Chat, services: Services, noor: Noor, cap: str, country: str
) -> None:
    many = {"cap_business": codes.MOST_BY_BUSINESS, "cap_country": codes.MOST_TO_COUNTRY}[cap]
    with services.door.for_business(noor.business_id) as session:
        session.execute(
            text(
                "INSERT INTO code (id, created_at, business_id, purpose, contact_id, subject, destination, country,"
                " expires_at, tries) SELECT gen_random_uuid(), now(), :business, 'link', (SELECT id FROM contact LIMIT"
                " 1), 'x', '+2010000' || n, :country, now(), 0 FROM generate_series(1, :many) AS n"
            ),
            {"business": noor.business_id, "country": country, "many": many},
        )
    stranger.says("link my account")
    stranger.says("1001")
    assert [(row.status, row.reason) for row in codes_sent(stranger.app)] == [("skipped", cap)]


def test_a_country_is_allowed_by_the_business(stranger: Chat, services: Services) -> None:
    with services.door.for_every_business() as session:
        session.execute(update(Customer).where(Customer.account_no == "1001").values(phone="+201001234567"))
    stranger.says("link my account")
    stranger.says("1001")
    assert refusals(services) == ["country"]
    with services.door.for_every_business() as session:
        session.execute(update(Business).values(code_countries=["EG", "AE"]))
    stranger.says("new code")
    assert refusals(services) == ["country", None]


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
@pytest.mark.parametrize("written", ["{0}{1}", "it is {0}-{1}", "{0} {1}"])
def test_the_code_is_nowhere_but_in_the_message_that_carries_it(
    app: Flask, noor: Noor, services: Services, capfd: Any, channel: str, written: str
) -> None:
    chat = Chat(app, STRANGER, channel)
    chat.says("english")
    chat.says("link my account")
    chat.says("1001")
    code = code_on(app, SARA)
    assert everywhere(services, code) == ["message"]
    with services.door.for_every_business() as session:
        session.execute(update(Message).where(Message.kind == "code").values(status="accepted", text="sent"))
    typed = written.format(code[:3], code[3:])
    chat.says(code[:5])
    chat.says(typed)
    chat.says("balance")
    chat.hears("Amount due")
    for form in (code, typed, code[:5]):
        assert everywhere(services, form) == []
    logged = capfd.readouterr()
    assert code not in logged.out + logged.err


def test_a_code_typed_into_a_turn_that_fails_is_not_kept_either(
    stranger: Chat, services: Services, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("1001")
    code = code_on(stranger.app, SARA)
    with services.door.for_every_business() as session:
        session.execute(update(Message).where(Message.kind == "code").values(status="accepted", text="sent"))
    monkeypatch.setattr(codes, "_key", None)
    stranger.says(code)
    stranger.hears("Sorry, something went wrong on our side")
    assert everywhere(services, code) == []
    assert code not in capfd.readouterr().err


def test_a_choice_by_number_is_kept_as_it_was_typed(stranger: Chat, services: Services) -> None:
    stranger.says("link my account")
    stranger.says("1001")
    deliver(stranger.app, inbound("whatsapp", STRANGER, WHATSAPP, "2"))
    with services.door.for_every_business() as session:
        said = list(session.scalars(select(Message.text).where(Message.direction == "inbound").order_by(Message.seq)))
    assert said == ["link my account", "1001", "2"]


def everywhere(services: Services, code: str) -> list[str]:
    """Return the tables that hold `code` in some column of text, or in JSON."""
    found = []
    with services.door.for_every_business() as session:
        for table in Base.metadata.sorted_tables:
            textual = [c.name for c in table.c if str(c.type) in {"VARCHAR", "JSONB", "TEXT", "ARRAY", "BYTEA"}]
            held = " || ' ' || ".join(f"COALESCE(CAST({name} AS text), '')" for name in textual) or "''"
            if session.scalar(
                text(f"SELECT count(*) FROM {table.name} WHERE {held} LIKE :code"), {"code": f"%{code}%"}
            ):
                found.append(table.name)
    return found


def _digits(row: Message) -> str:
    found = [word for word in row.text.split() if word.isdigit() and len(word) == 6]
    return found[0]
