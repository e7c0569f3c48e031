"""Pausing and resuming by chat: who may, what is said of it, and that a forged SMS changes nothing."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from bot.services import Services
from domain.businesses import Business
from domain.codes import OneTimeCode
from domain.invoices import Invoice
from domain.messages import Message
from domain.subscriptions import Subscription, SubscriptionChange
from tests.chat import Chat, code_on
from tests.conftest import Later
from tests.noor import PAUSED, Noor


@pytest.fixture
def laila_sms(app: Flask, noor: Noor) -> Chat:
    return Chat(app, PAUSED, "sms")


@pytest.fixture
def status(services: Services) -> Iterator[object]:
    def read(reference: str = "S-2") -> str:
        with services.door.for_every_business() as session:
            return session.scalars(select(Subscription.status).where(Subscription.reference == reference)).one()

    return read


def test_it_is_resumed_and_written_down_by_whom(paused: Chat, services: Services, status: object) -> None:
    paused.says("english")
    paused.says("resume")
    paused.hears("Monthly plan has been paused since", "If it resumes now", "1. Yes, resume it")
    paused.says("yes")
    paused.hears("Monthly plan is running.", "10 days left")
    with services.door.for_every_business() as session:
        row = session.scalars(select(SubscriptionChange)).one()
    assert (row.action, row.changed_by_type, row.changed_by, row.pause_days) == ("resume", "customer", "1005", 5)
    assert status() == "active"  # type: ignore[operator]
    paused.says("resume")
    paused.hears("None of your subscriptions is paused.")


def test_a_forged_sms_changes_nothing(laila_sms: Chat, services: Services, status: object) -> None:
    laila_sms.says("english")
    laila_sms.says("resume")
    laila_sms.says("yes")
    assert any("Type it here" in said for said in laila_sms.answers)
    for guess in ("000000", "111111", "yes", "1"):
        laila_sms.says(guess)
        assert status() == "paused"  # type: ignore[operator]
    laila_sms.says(code_on(laila_sms.app, PAUSED))
    assert status() == "active"  # type: ignore[operator]
    with services.door.for_every_business() as session:
        inbound = session.scalars(select(Message.text).where(Message.direction == "inbound")).all()
        purposes = set(session.scalars(select(OneTimeCode.purpose)))
    assert not any(text and any(letter.isdigit() for letter in text) and len(text) == 6 for text in inbound)
    assert purposes == {"confirm"}


def test_an_old_code_is_for_what_it_was_sent_for(laila_sms: Chat, status: object) -> None:
    laila_sms.says("english")
    laila_sms.says("resume")
    laila_sms.says("yes")
    first = code_on(laila_sms.app, PAUSED)
    laila_sms.says(first)
    assert status() == "active"  # type: ignore[operator]
    for said in ("pause", "from now on", "until i resume it", "travelling", "yes", first):
        laila_sms.says(said)
    assert status() == "active"  # type: ignore[operator]
    assert any("not right" in said for said in laila_sms.answers)


def test_wrong_codes_lock(laila_sms: Chat, status: object) -> None:
    for said in ("english", "resume", "yes", *["000000"] * 5):
        laila_sms.says(said)
    for said in ("resume", "yes"):
        laila_sms.says(said)
    laila_sms.hears("too many wrong codes")
    assert status() == "paused"  # type: ignore[operator]


def test_why_not_and_when_it_will_be_possible(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("pause")
    sara.hears("An invoice of yours is overdue. As soon as it is paid, you can do this.")
    with services.door.for_every_business() as session:
        session.execute(update(Invoice).values(paid_minor=Invoice.total_minor, status="paid"))
        session.execute(update(Business).values(pause_shortest_days=3))
    sara.says("pause")
    sara.hears("From when shall Monthly plan be paused?")
    sara.says("1")
    sara.says("tomorrow")
    sara.hears("That is shorter than a pause may be.", "is the earliest day", "Until when?")
    sara.says("gibberish")
    sara.hears("Until when?")
    sara.says("back")
    sara.hears("From when")


def test_what_staff_did_meanwhile_is_not_done_again(paused: Chat, services: Services, later: Later) -> None:
    paused.says("english")
    paused.says("resume")
    with services.door.for_every_business() as session:
        session.execute(
            update(Subscription)
            .where(Subscription.reference == "S-2")
            .values(status="stopped", paused_at=None, paused_wall=None, paused_cause=None, resume_on=None,
                    stopped_on=Subscription.paused_on, days_wasted=4)
        )  # fmt: skip
    paused.says("yes")
    paused.hears("That is no longer possible")
