"""A customer looks after what was reported; staff let it move on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from bot.services import Services
from bot.tickets import move_ticket
from domain.door import Visit
from domain.ids import new_id
from domain.tickets import (
    STEPS_TO,
    THE_SYSTEM,
    TICKET_STATUSES,
    Actor,
    IllegalStep,
    NoSuchTicket,
    Ticket,
    TicketEvent,
)
from tests.chat import Chat
from tests.noor import OMAR, SARA, STRANGER, Noor, found_noor

HADI = Actor("staff", "hadi@noor.example")
PHOTO = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/photo", "MediaContentType0": "image/jpeg"}
Move = Callable[..., None]


@pytest.fixture
def moves(services: Services, noor: Noor) -> Move:
    """Lets staff move the ticket of a number."""

    def move(number: int, to: str, words: str | None = None, actor: Actor = HADI) -> None:
        with services.door.for_business(noor.business_id) as session:
            ticket_id = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
            move_ticket(Visit.within(session), services.accounts, ticket_id, to, actor, words)

    return move


def _reported(chat: Chat, language: str = "english", fault: str = "voltage") -> None:
    for word in (language, "report", fault, "1", "skip", "send"):
        chat.says(word)
    chat.hears("T-100")


def _events(services: Services) -> list[tuple[str, str, str | None, str | None, str | None]]:
    with services.door.for_every_business() as session:
        rows = session.scalars(select(TicketEvent).order_by(TicketEvent.created_at, TicketEvent.id))
        return [(one.actor, one.action, one.from_status, one.to_status, one.text) for one in rows]


def test_who_reported_nothing_has_none(sara: Chat) -> None:
    sara.says("english")
    assert "tickets" not in sara.answers[0]
    sara.says("my tickets")
    sara.hears("You have not reported anything yet.", "1. Report a fault", "2. Menu")
    sara.says("1")
    sara.hears("What is wrong?")


def test_the_newest_is_first_and_one_is_chosen(sara: Chat) -> None:
    _reported(sara)
    _reported(sara, fault="meter fault")
    sara.says("my tickets")
    sara.hears("1. T-1002", "Meter fault, open", "2. T-1001", "Weak or flickering, open", "3. Menu")
    sara.says("2")
    sara.hears("Ticket T-1001: Weak or flickering", "Status: open", "Reported on", "Meter 04012345678", "1. Add a")
    sara.says("2")
    sara.hears("1. T-1002")


@pytest.mark.parametrize("typed", ["T-1001", "1001", "ticket t1001 please", "رقم ١٠٠١"])
def test_a_ticket_is_found_by_its_number(sara: Chat, typed: str) -> None:
    _reported(sara)
    sara.says("my tickets")
    sara.says(typed)
    sara.hears("Ticket T-1001")


def test_in_arabic_over_sms(sara_sms: Chat, moves: Move) -> None:
    _reported(sara_sms, "عربي", "ضعف التيار")
    moves(1001, "in_progress")
    sara_sms.reads()
    sara_sms.hears("البلاغ T-1001 (ضعف أو تذبذب التيار): قيد المعالجة.")
    sara_sms.says("بلاغاتي")
    sara_sms.hears("بلاغاتكم", "1. T-1001", "ضعف أو تذبذب التيار، قيد المعالجة")
    sara_sms.says("1")
    sara_sms.hears("البلاغ T-1001: ضعف أو تذبذب التيار", "الحالة: قيد المعالجة", "1. إضافة ملاحظة")
    sara_sms.says("ملاحظة")
    sara_sms.hears("ما الذي تودّون إضافته إلى البلاغ T-1001؟")
    sara_sms.says("صار أسوأ الآن")
    sara_sms.hears("شكرًا لكم. أضفناه إلى البلاغ T-1001.")


def test_a_remark_is_added(sara: Chat, services: Services) -> None:
    _reported(sara)
    for word in ("my tickets", "1", "add a remark"):
        sara.says(word)
    sara.hears("What would you like to add to ticket T-1001?")
    sara.says("It is worse in the evening", **PHOTO)
    sara.hears("We have added it to ticket T-1001.")
    assert _events(services)[-1] == ("customer", "remark", None, None, "It is worse in the evening")


def test_a_location_is_a_remark_too(sara: Chat, services: Services) -> None:
    _reported(sara)
    for word in ("my tickets", "1", "add a remark"):
        sara.says(word)
    sara.says(Latitude="21.5433", Longitude="39.1728", Label="Corniche")
    sara.hears("We have added it to ticket T-1001.")
    assert _events(services)[-1][4] == "21.543300, 39.172800 Corniche"


def test_the_customer_is_told_of_every_step(sara: Chat, services: Services, moves: Move) -> None:
    _reported(sara)
    moves(1001, "in_progress")
    moves(1001, "waiting_customer", "Which floor is it?\nAnd may we come in the evening?")
    news = [row for row in sara.rows() if row.kind == "notice"]
    assert [row.status for row in news] == ["queued", "queued"]
    assert news[0].text == "Ticket T-1001 (Weak or flickering): being worked on."
    assert "waiting for your answer" in news[1].text
    assert "Which floor is it? And may we come in the evening?" in news[1].text
    for word in ("my tickets", "1", "remark", "The second"):
        sara.says(word)
    moves(1001, "resolved")
    assert sara.rows()[-1].text.endswith('If it is not fixed, write "my tickets".')
    assert _events(services)[1:] == [
        ("staff", "moved", "open", "in_progress", None),
        ("staff", "moved", "in_progress", "waiting_customer", "Which floor is it?\nAnd may we come in the evening?"),
        ("customer", "remark", None, None, "The second"),
        ("customer", "moved", "waiting_customer", "in_progress", None),
        ("staff", "moved", "in_progress", "resolved", None),
    ]


def test_the_news_come_in_the_customers_language_counted_for_sms(sara_sms: Chat, moves: Move) -> None:
    _reported(sara_sms, "عربي", "ضعف التيار")
    moves(1001, "in_progress")
    news = sara_sms.rows()[-1]
    assert (news.text, news.kind) == ("البلاغ T-1001 (ضعف أو تذبذب التيار): قيد المعالجة.", "notice")
    assert (news.encoding, news.segments) == ("UCS-2", 1)


def test_who_opted_out_gets_no_news(sara_sms: Chat, moves: Move) -> None:
    _reported(sara_sms)
    sara_sms.says("STOP")
    moves(1001, "in_progress")
    news = sara_sms.rows()[-1]
    assert (news.status, news.reason, news.due_at) == ("skipped", "opted_out", None)


def test_what_is_not_fixed_is_opened_again(sara: Chat, services: Services, moves: Move) -> None:
    _reported(sara)
    moves(1001, "resolved")
    for word in ("my tickets", "1"):
        sara.says(word)
    sara.hears("Status: resolved", "1. It is not fixed")
    sara.says("not fixed")
    sara.hears("We are sorry. What is still wrong?")
    sara.says("The lamp still flickers")
    sara.hears("Ticket T-1001 is open again")
    assert _events(services)[-1][:4] == ("customer", "moved", "resolved", "open")


def test_a_closed_ticket_is_only_shown(sara: Chat, moves: Move) -> None:
    _reported(sara)
    moves(1001, "closed", actor=THE_SYSTEM)
    for word in ("my tickets", "1"):
        sara.says(word)
    sara.hears("Status: closed", "1. My tickets", "2. Menu")


def test_staff_may_be_quicker(sara: Chat, services: Services, moves: Move) -> None:
    _reported(sara)
    moves(1001, "resolved")
    for word in ("my tickets", "1", "not fixed"):
        sara.says(word)
    moves(1001, "closed")
    sara.reads()
    sara.says("The lamp still flickers")
    sara.hears("We have added it to ticket T-1001.")
    assert _events(services)[-1][:2] == ("customer", "remark")


def test_nobody_sees_the_tickets_of_others(app: Flask, sara: Chat) -> None:
    _reported(sara)
    for phone in (OMAR, STRANGER):
        other = Chat(app, phone)
        other.says("english")
        _reported(other, fault="danger") if phone == OMAR else None
        other.says("my tickets")
        assert "T-1001" not in other.answers[0]
        other.says("T-1001")
        assert "flickering" not in other.answers[0]


@pytest.mark.parametrize("to", TICKET_STATUSES)
@pytest.mark.parametrize("before", TICKET_STATUSES)
def test_a_ticket_takes_the_steps_that_are_allowed(
    sara: Chat, services: Services, moves: Move, before: str, to: str
) -> None:
    _reported(sara)
    with services.door.for_every_business() as session:
        session.scalars(select(Ticket)).one().status = before
    said = len(sara.rows())
    if before in STEPS_TO[to]:
        moves(1001, to)
        assert _events(services)[-1][2:4] == (before, to)
        assert len(sara.rows()) == said + 1
    else:
        with pytest.raises(IllegalStep, match=f"{before} can't become {to}"):
            moves(1001, to)
        assert len(sara.rows()) == said


def test_there_is_no_such_ticket_in_another_business(sara: Chat, services: Services) -> None:
    _reported(sara)
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    with services.door.for_every_business() as session:
        known = session.scalars(select(Ticket.id)).one()
    for ticket_id in (known, new_id()):
        with pytest.raises(NoSuchTicket), services.door.for_business(other.business_id) as session:
            move_ticket(Visit.within(session), services.accounts, ticket_id, "closed", HADI)


def _at_once(*calls: Callable[[], object]) -> list[object]:
    """Call all of them at the same instant, and return what they returned or raised."""
    together = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        together.wait()
        try:
            return call()
        except IllegalStep as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_of_staff_at_once_take_one_step(sara: Chat, services: Services, moves: Move) -> None:
    _reported(sara)
    done = _at_once(*[lambda: moves(1001, "in_progress")] * 4)
    assert sum(isinstance(one, IllegalStep) for one in done) == 3
    assert [event[1] for event in _events(services)] == ["reported", "moved"]


def test_the_same_report_at_the_same_instant_over_two_channels_is_one_ticket(
    app: Flask, noor: Noor, services: Services
) -> None:
    chats = [Chat(app, SARA), Chat(app, SARA, "sms")]
    for number in range(1, 6):
        for chat in chats:
            for word in ("english", "report", "other", f"Place {number}", "It hums"):
                chat.says(word)
            chat.hears("Please check your report")
        _at_once(*[lambda chat=chat: chat.says("send") for chat in chats])  # type: ignore[misc]
        assert all(f"T-{1000 + number}" in chat.answers[0].translate(dict.fromkeys([0x2066, 0x2069])) for chat in chats)
    with services.door.for_every_business() as session:
        assert session.scalars(select(Ticket.number).order_by(Ticket.number)).all() == list(range(1001, 1006))
    assert sum(event[1] == "repeated" for event in _events(services)) == 5


def test_many_reports_at_once_have_numbers_of_their_own(app: Flask, noor: Noor, services: Services) -> None:
    chats = [Chat(app, f"+96650000{number:04}") for number in range(200, 208)]
    for chat in chats:
        for word in ("english", "report", "voltage", "Main street", "Salem", "skip"):
            chat.says(word)
    _at_once(*[lambda chat=chat: chat.says("send") for chat in chats])  # type: ignore[misc]
    with services.door.for_every_business() as session:
        assert session.scalars(select(Ticket.number).order_by(Ticket.number)).all() == list(range(1001, 1009))


def test_each_business_counts_its_own(app: Flask, sara: Chat, services: Services) -> None:
    _reported(sara)
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    with services.door.for_business(other.business_id) as session:
        assert session.scalars(select(Ticket.number)).all() == []
