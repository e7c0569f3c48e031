"""A customer reports a fault, and is told first what we know ourselves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from bot.services import Services
from domain import clock
from domain.businesses import Business
from domain.customers import Customer
from domain.meters import Meter
from domain.outages import Outage
from domain.subscriptions import Subscription
from domain.tickets import Ticket, TicketEvent
from tests.chat import Chat
from tests.conftest import Later
from tests.noor import HUDA, OMAR, SARA, STRANGER, Noor

PHOTO = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/photo", "MediaContentType0": "image/jpeg"}
LOCATION = {"Latitude": "21.5433", "Longitude": "39.1728", "Label": "Corniche Mosque"}
Change = Callable[[object], None]


@pytest.fixture
def tickets(services: Services) -> Callable[[], list[Ticket]]:
    """Every ticket, in the order of their numbers."""

    def read() -> list[Ticket]:
        with services.door.for_every_business() as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.number)))

    return read


@pytest.fixture
def change(services: Services) -> Change:
    """Changes what the company knows, by a statement."""

    def run(statement: object) -> None:
        with services.door.for_every_business() as session:
            session.execute(statement)  # type: ignore[call-overload]

    return run


@pytest.fixture
def outage(services: Services, noor: Noor, change: Change) -> Callable[..., None]:
    """Adds an outage in Olaya, from and until so many hours from now, where Sara's meters are."""
    change(update(Meter).where(Meter.meter_no == "04012345678").values(area=" olaya"))

    def add(starts: float, ends: float | None, kind: str = "planned", reason: str | None = "Works") -> None:
        now = clock.now()
        with services.door.for_business(noor.business_id) as session:
            session.add(
                Outage(
                    business_id=noor.business_id,
                    reference=f"{starts}",
                    area="Olaya",
                    starts_at=now + timedelta(hours=starts),
                    ends_at=None if ends is None else now + timedelta(hours=ends),
                    kind=kind,
                    reason_en=reason,
                )
            )

    return add


def test_from_the_fault_to_the_number(sara: Chat, tickets: Callable[[], list[Ticket]]) -> None:
    sara.says("english")
    sara.hears("5. Report a fault")
    sara.says("5")
    sara.hears(
        "What is wrong?", "1. No power", "2. Weak or flickering", "3. Meter fault", "4. Dangerous wire", "5. Something"
    )
    sara.says("2")
    sara.hears("Where is it? Choose a meter", "1. البيت", "Meter 04012345678", "2. Meter 07098765432")
    sara.says("1")
    sara.hears("Would you like to add something?", "send a photo", "1. Skip")
    sara.says("Every evening at seven", **PHOTO)
    sara.hears(
        "Please check your report:",
        "Fault: Weak or flickering",
        "البيت: meter 04012345678",
        "Note: Every evening at seven",
        "One photo",
        "1. Send the report",
        "2. Another place",
        "3. Don't send",
    )
    sara.says("yes")
    sara.hears("Your ticket number is T-1001.", "1. My tickets", "2. Menu")
    (ticket,) = tickets()
    assert (ticket.kind, ticket.status, ticket.note) == ("voltage", "open", "Every evening at seven")
    assert ticket.customer_id is not None
    assert ticket.meter_id is not None
    assert ticket.media == [{"url": "https://api.twilio.com/photo", "content_type": "image/jpeg"}]
    sara.says("menu")
    sara.hears("5. Report a fault", "6. My tickets")


def test_in_arabic_over_sms(sara_sms: Chat, tickets: Callable[[], list[Ticket]]) -> None:
    sara_sms.says("النور قاطع عندنا")
    sara_sms.hears("أين مكان العطل؟ اختاروا العدّاد", "1. البيت", "2. عدّاد")
    sara_sms.says("البيت")
    sara_sms.hears("هل تودّون إضافة شيء؟", "1. تخطي")
    sara_sms.says("لا")
    sara_sms.hears("نرجو مراجعة البلاغ:", "العطل: انقطاع الكهرباء", "البيت", "1. إرسال البلاغ")
    sara_sms.says("١")
    sara_sms.hears("رقم البلاغ T-1001")
    assert [ticket.kind for ticket in tickets()] == ["no_power"]


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("report", "ما العطل؟"),
        ("الإبلاغ عن عطل", "ما العطل؟"),
        ("عندي عطل", "ما العطل؟"),
        ("why is my power off", "أين مكان العطل؟"),
        ("الكهرباء مقطوعة", "أين مكان العطل؟"),
        ("طافية", "أين مكان العطل؟"),
        ("ما في كهرب", "أين مكان العطل؟"),
        ("ليش النور قاطع؟", "أين مكان العطل؟"),
        ("فيه شرر من السلك", "ابتعدوا عن المكان"),
        ("العداد خربان", "أين مكان العطل؟"),
        ("my meter is broken", "أين مكان العطل؟"),
        ("عندنا تذبذب", "أين مكان العطل؟"),
    ],
)
def test_the_words_that_begin_it(sara: Chat, typed: str, heard: str) -> None:
    sara.says(typed)
    sara.hears(heard)


def test_what_is_wrong_may_be_told_in_words(omar: Chat, tickets: Callable[[], list[Ticket]]) -> None:
    omar.says("report")
    omar.says("the street lamp at the corner blinks")
    omar.hears("Where is it?", "1. Home", "Meter 01000000016")
    omar.says("King Fahd Road, beside the mosque")
    omar.hears("Would you like to add something?")
    omar.says("skip")
    omar.hears("Fault: Something else", "Place: King Fahd Road", "Note: the street lamp at the corner blinks")
    omar.says("send")
    (ticket,) = tickets()
    assert (ticket.kind, ticket.place, ticket.meter_id) == ("other", "King Fahd Road, beside the mosque", None)


def test_who_has_one_meter_is_not_asked_which_but_may_say_another_place(
    omar: Chat, tickets: Callable[[], list[Ticket]]
) -> None:
    omar.says("no power at our home")
    omar.hears("Would you like to add something?")
    omar.says("skip")
    omar.hears("Fault: No power", "Home", "2. Another place")
    omar.says("another place")
    omar.hears("Where is it?", "1. Home")
    omar.says(**LOCATION)
    omar.says("skip")
    omar.hears("Place: Corniche Mosque", "With the location that you sent")
    omar.says("send")
    (ticket,) = tickets()
    assert (ticket.latitude, ticket.longitude, ticket.meter_id) == (21.5433, 39.1728, None)


def test_back_asks_the_question_before(sara: Chat) -> None:
    sara.says("english")
    sara.says("report")
    sara.says("voltage")
    sara.says("1")
    sara.says("back")
    sara.hears("Where is it?")
    sara.says("back")
    sara.hears("What is wrong?")
    sara.says("3")
    sara.says("2")
    sara.says("skip")
    sara.hears("Fault: Meter fault", "Meter 07098765432")


def test_nothing_is_reported_before_it_is_sent(sara: Chat, tickets: Callable[[], list[Ticket]]) -> None:
    sara.says("english")
    for word in ("report", "voltage", "1", "skip", "3"):
        sara.says(word)
    sara.hears("How can we help you?")
    assert tickets() == []


def test_more_photos_are_taken_before_it_is_sent(sara: Chat, tickets: Callable[[], list[Ticket]]) -> None:
    sara.says("english")
    for word in ("report", "other", "1"):
        sara.says(word)
    sara.hears("What happened?")
    sara.says(**PHOTO)
    sara.hears("One photo")
    sara.says(**PHOTO)
    sara.hears("2 photos")
    sara.says("send")
    assert len(tickets()[0].media) == 2


def test_a_voice_note_gets_a_kind_answer_and_the_question_again(sara: Chat) -> None:
    sara.says("english")
    for word in ("report", "voltage", "1"):
        sara.says(word)
    sara.says(NumMedia="1", MediaUrl0="https://x/v", MediaContentType0="audio/ogg")
    sara.hears("can't listen", "Would you like to add something?")


@pytest.mark.parametrize("number", ["933", None])
def test_danger_is_answered_with_what_to_do_first(sara: Chat, change: Change, number: str | None) -> None:
    change(update(Business).values(emergency_number=number))
    sara.says("english")
    sara.says("there is a fallen wire")
    said = sara.hears("Please keep away from it, touch nothing", "Where is it?")
    assert ("call 933 now" in said) == (number is not None)


def test_a_stranger_reports_too(stranger: Chat, tickets: Callable[[], list[Ticket]]) -> None:
    stranger.says("english")
    stranger.hears("2. Report a fault")
    stranger.says("2")
    stranger.says("danger")
    stranger.hears("keep away", "Where is it? Write the address")
    stranger.says("Behind the school in Olaya")
    stranger.hears("What is your name?")
    stranger.says("Salem")
    stranger.says("skip")
    stranger.hears("Fault: Dangerous wire", "Place: Behind the school in Olaya", "Name: Salem")
    stranger.says("1")
    stranger.hears("T-1001")
    (ticket,) = tickets()
    assert (ticket.reporter, ticket.customer_id) == ("Salem", None)
    stranger.says("my tickets")
    stranger.hears("1. T-1001", "open")


def test_an_outage_is_told_first(sara: Chat, outage: Callable[..., None], tickets: Callable[[], list[Ticket]]) -> None:
    outage(-1, 2, reason="Works on the line")
    sara.says("english")
    sara.says("power is off")
    sara.says("1")
    sara.hears(
        "There is a planned outage in your area now.",
        "Reason: Works on the line.",
        "We expect the power back",
        " at ",
        "Do you still want to report a fault?",
        "1. Report it anyway",
        "2. Menu",
    )
    sara.says("1")
    sara.hears("Would you like to add something?")
    sara.says("skip")
    sara.says("send")
    assert len(tickets()) == 1


@pytest.mark.parametrize(
    ("starts", "ends", "kind", "heard"),
    [
        (-3, None, "unplanned", ("We know of an outage in your area", "We don't know yet when")),
        (3, 5, "planned", ("A planned outage begins in your area", "We expect the power back")),
        (-5, -1, "unplanned", ("Would you like to add something?",)),
        (30, 35, "planned", ("Would you like to add something?",)),
        (-1, -1, "planned", ("Would you like to add something?",)),
    ],
)
def test_an_outage_that_is_going_on_or_comes_soon_is_told(
    sara: Chat, outage: Callable[..., None], starts: float, ends: float | None, kind: str, heard: tuple[str, ...]
) -> None:
    outage(starts, ends, kind, None)
    sara.says("english")
    sara.says("no power")
    sara.says("1")
    assert "Reason" not in sara.hears(*heard)


def test_an_outage_elsewhere_is_not_told(sara: Chat, outage: Callable[..., None]) -> None:
    outage(-1, 2)
    sara.says("english")
    sara.says("no power")
    sara.says("2")
    sara.hears("Would you like to add something?")
    sara.says("voltage")


def test_the_area_of_the_customer_counts_where_the_meter_has_none(
    app: Flask, outage: Callable[..., None], change: Change
) -> None:
    outage(-1, 2)
    change(update(Customer).values(area="OLAYA"))
    for phone, words in ((OMAR, ["no power"]), (HUDA, ["english", "no power", "at home"])):
        chat = Chat(app, phone)
        for word in words:
            chat.says(word)
        chat.hears("There is a planned outage in your area now.")


def test_a_meter_that_was_disconnected_for_unpaid_invoices(sara: Chat, change: Change) -> None:
    change(update(Meter).where(Meter.meter_no == "07098765432").values(active=False))
    sara.says("no power")
    sara.says("2")
    sara.hears("هذا العدّاد مفصول بسبب فاتورة واحدة متأخرة السداد بمبلغ 114.35 ر.س", "1. متابعة", "2. رصيدي")
    sara.says("2")
    sara.hears("المبلغ المستحق عليكم 214.35 ر.س")


def test_who_is_disconnected_finds_it_in_the_menu(omar: Chat, change: Change) -> None:
    change(update(Meter).values(active=False))
    omar.says("menu")
    omar.hears("Report a fault")


def test_a_subscription_that_is_not_running(sara: Chat, change: Change) -> None:
    change(update(Subscription).where(Subscription.reference == "S-1").values(status="expired"))
    sara.says("english")
    sara.says("no power")
    sara.says("1")
    sara.hears("Your subscription is not running: one invoice of SAR 114.35 is overdue.", "2. Balance")


def test_a_prepaid_meter_may_only_want_credit(omar: Chat, change: Change) -> None:
    change(update(Meter).values(kind="prepaid"))
    omar.says("no power")
    omar.hears("if its display shows no credit", "1. Report it anyway")


def _report(chat: Chat, *words: str) -> None:
    for word in ("english", "report", *words, "skip", "send"):
        chat.says(word)


def test_said_again_within_a_day_it_adds_to_the_ticket(
    app: Flask, noor: Noor, services: Services, later: Later, tickets: Callable[[], list[Ticket]]
) -> None:
    _report(Chat(app, SARA), "voltage", "1")
    later(hours=23)
    over_sms = Chat(app, SARA, "sms")
    for word in ("english", "report", "voltage", "1", "It is worse now", "send"):
        over_sms.says(word)
    over_sms.hears("This is with us already, as ticket T-1001.")
    assert len(tickets()) == 1
    with services.door.for_every_business() as session:
        events = session.execute(select(TicketEvent.action, TicketEvent.text).order_by(TicketEvent.created_at)).all()
    assert events == [("reported", None), ("repeated", "It is worse now")]
    _report(Chat(app, SARA), "voltage", "2")
    _report(Chat(app, SARA), "meter fault", "1")
    later(hours=2)
    _report(Chat(app, SARA), "voltage", "1")
    assert [ticket.number for ticket in tickets()] == [1001, 1002, 1003, 1004]


def test_a_location_that_is_told_the_second_time_is_kept(sara: Chat, tickets: Callable[[], list[Ticket]]) -> None:
    _report(sara, "voltage", "1")
    for word in ("report", "voltage", "1"):
        sara.says(word)
    sara.says(**LOCATION)
    sara.hears("With the location that you sent")
    sara.says("send")
    sara.hears("T-1001")
    (ticket,) = tickets()
    assert (ticket.latitude, ticket.place) == (21.5433, "Corniche Mosque")


def test_a_settled_ticket_is_not_added_to(sara: Chat, change: Change, tickets: Callable[[], list[Ticket]]) -> None:
    _report(sara, "voltage", "1")
    change(update(Ticket).values(status="resolved"))
    _report(sara, "voltage", "1")
    assert [ticket.number for ticket in tickets()] == [1001, 1002]


def test_two_strangers_report_two_things(app: Flask, noor: Noor, tickets: Callable[[], list[Ticket]]) -> None:
    for phone in (STRANGER, f"{STRANGER[:-1]}8"):
        chat = Chat(app, phone)
        _report(chat, "voltage", "Main street", "Salem")
        _report(chat, "voltage", "main  STREET", "Salem")
        _report(chat, "voltage", "Another street", "Salem")
    assert len(tickets()) == 4
