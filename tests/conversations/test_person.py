"""A customer wants to talk to a person."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain import clock
from domain.conversations import Conversation
from domain.hours import Holiday, OpeningHours
from domain.tickets import Ticket
from tests.chat import Chat
from tests.conftest import Later
from tests.noor import Noor

# 2026-11-22 is a Sunday.
WEEK = ((6, "08:00", "12:00"), (6, "13:00", "17:00"), (0, "08:00", "17:00"), (3, "08:00", "14:00"))


@pytest.fixture
def at(app: Flask, tmp_path: Path) -> Callable[[str], None]:
    """Sets the clock, in Riyadh's time; it stands still."""
    file = tmp_path / "now"

    def set_clock(written: str) -> None:
        file.write_text(datetime.fromisoformat(f"{written}+03:00").isoformat())
        clock.use_file(file)

    return set_clock


@pytest.fixture
def hours(services: Services, noor: Noor) -> None:
    """Sunday in two parts, Monday, and Thursday until two; closed on Monday the 23rd, a holiday."""
    own = {"business_id": noor.business_id}
    with services.door.for_business(noor.business_id) as session:
        for day, opens, closes in WEEK:
            hours = OpeningHours(**own, weekday=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
            session.add(hours)
        session.add(Holiday(**own, date=date(2026, 11, 23), name_en="Founding Day", name_ar="يوم التأسيس"))


def _requests(services: Services) -> list[tuple[str, str | None]]:
    with services.door.for_every_business() as session:
        return [(one.kind, one.note) for one in session.scalars(select(Ticket))]


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        ("2026-11-22T09:30", "Our staff are here now."),
        ("2026-11-22T07:59", "Our staff are back today at 08:00."),
        ("2026-11-22T12:00", "Our staff are back today at 13:00."),
        ("2026-11-21T10:00", "Our staff are back tomorrow at 08:00."),
        ("2026-11-22T17:00", "Our staff are back on Thursday at 08:00."),
        ("2026-11-23T10:00", "Today is a holiday: Founding Day."),
        ("2026-11-26T14:00", "Our staff are back on Sunday at 08:00."),
    ],
)
def test_it_is_said_when_somebody_is_there(
    sara: Chat, hours: None, at: Callable[[str], None], now: str, heard: str
) -> None:
    at(now)
    sara.says("english")
    sara.says("agent")
    sara.hears(heard, "What is it about?", "1. Skip")


def test_in_arabic_over_sms(sara_sms: Chat, hours: None, at: Callable[[str], None], services: Services) -> None:
    at("2026-11-22T18:00")
    sara_sms.says("موظف")
    sara_sms.hears("يعود موظفونا يوم الخميس الساعة 08:00.", "ما موضوع طلبكم؟", "1. تخطي")
    sara_sms.says("الفاتورة الأخيرة غير صحيحة")
    sara_sms.hears("سيردّ عليكم موظفونا هنا. رقم الطلب T-1001.", "الخميس الساعة 08:00")
    assert _requests(services) == [("request", "الفاتورة الأخيرة غير صحيحة")]


def test_where_no_hours_are_kept_no_time_is_promised(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("agent")
    said = sara.hears("What is it about?")
    assert not any(word in said for word in ("here now", "back", "Nobody"))
    sara.says("skip")
    sara.hears("Our staff will read your request", "T-1001")
    assert _requests(services) == [("request", None)]


def test_hours_without_an_end_in_sight_promise_nothing(
    sara: Chat, services: Services, noor: Noor, at: Callable[[str], None]
) -> None:
    with services.door.for_business(noor.business_id) as session:
        session.add(OpeningHours(business_id=noor.business_id, weekday=0, opens=time(8), closes=time(9)))
        for week in range(60):
            day = date.fromordinal(date(2026, 11, 16).toordinal() + 7 * week)
            session.add(Holiday(business_id=noor.business_id, date=day, name_en="Holiday", name_ar="إجازة"))
    at("2026-11-22T10:00")
    sara.says("english")
    sara.says("agent")
    sara.hears("Nobody is here at the moment.", "What is it about?")


def test_a_request_is_left_once(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("agent")
    sara.says("My invoice is wrong")
    sara.hears("Our staff will read your request")
    sara.says("agent")
    sara.hears("already with our staff")
    sara.says("balance")
    sara.hears("Amount due")
    assert _requests(services) == [("request", "My invoice is wrong")]
    sara.says("my tickets")
    sara.hears("1. T-1001", "Request for a person, open")


def test_who_says_no_more_has_left_a_request_all_the_same(
    sara: Chat, later: Later, fire: Callable[[], int], services: Services
) -> None:
    sara.says("english")
    sara.says("agent")
    assert _requests(services) == []
    later(minutes=4)
    assert fire() == 1
    assert "Our staff will read your request" in sara.rows()[-1].text
    assert _requests(services) == [("request", None)]
    with services.door.for_every_business() as session:
        assert session.scalars(select(Conversation.person_wanted_at)).one() is not None


def test_a_photo_does_not_say_what_it_is_about(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("agent")
    sara.says(NumMedia="1", MediaUrl0="https://x/p", MediaContentType0="image/jpeg")
    sara.hears("can't use it here", "What is it about?")
    assert _requests(services) == []
