"""What people wrote and never reached us is found in Twilio's list, and taken in once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot.jobs import missed
from bot.jobs.missed import Net
from bot.jobs.worker_services import WorkerServices
from domain import clock
from domain.contacts import Consent
from domain.conversations import Conversation
from domain.messages import Message
from domain.senders import Sender
from tests.conftest import Later
from tests.jobs.conftest import Phone
from tests.noor import OMAR, SARA, SMS, WHATSAPP

Do = Callable[[], None]
Outbox = Callable[[], list[Message]]
PEOPLE = [f"+9665000020{number:02d}" for number in range(10)]


@pytest.fixture
def later(workers: WorkerServices, tmp_path: Path) -> Iterator[Later]:
    """The service's clock, a little behind Twilio's, which knows whole seconds only and goes on as it does."""
    later = Later(tmp_path / "clock")
    later(seconds=-5)
    clock.use_file(tmp_path / "clock")
    yield later
    clock.use_file(None)


@pytest.fixture
def net(workers: WorkerServices, later: Later) -> Net:
    """The safety net, after its first look."""
    net = Net(workers)
    assert net.look() == 0
    return net


def loses(phone: Phone, body: str = "balance", sender: str = SARA, channel: str = "whatsapp", **more: Any) -> str:
    """Let somebody write while the webhook can't be reached. Returns the message's SID."""
    to = WHATSAPP if channel == "whatsapp" else SMS
    phone.fault("webhook", "drop", count=1)
    answer = phone._post("inbound", {"from": sender, "to": to, "channel": channel, "body": body, **more})
    assert answer["status"] is None
    return str(answer["sid"])


def inbound(workers: WorkerServices) -> list[Message]:
    with workers.door.for_every_business() as session:
        return list(session.scalars(select(Message).where(Message.direction == "inbound").order_by(Message.seq)))


def test_two_minutes_down_and_ten_people_are_answered_once_each(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, send: Do
) -> None:
    for person in PEOPLE:
        loses(phone, "hi", person)
    later(minutes=2)
    other = Net(workers)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.look(), (net, other)))
    net.look()
    send()
    assert sorted(message["to"] for message in phone.received()) == [f"whatsapp:{person}" for person in PEOPLE]
    assert all("Welcome to Noor Electricity" in message["body"] for message in phone.received())


@pytest.mark.parametrize(("channel", "says"), [("whatsapp", "balance"), ("sms", "كم رصيدي")])
def test_what_came_late_is_answered_as_if_it_had_not(
    phone: Phone, net: Net, later: Later, outbox: Outbox, channel: str, says: str
) -> None:
    loses(phone, says, channel=channel)
    later(minutes=2)
    assert net.look() == 1
    assert ["المبلغ المستحق" in row.text or "المستحق عليكم" in row.text for row in outbox()] == [True]
    assert net.look() == 0


def test_a_webhook_is_given_its_time(phone: Phone, net: Net, later: Later, outbox: Outbox) -> None:
    loses(phone)
    assert net.look() == 0
    later(seconds=30)
    assert net.look() == 1
    assert len(outbox()) == 1


def test_where_the_clock_stands_still_it_is_the_second_look(
    phone: Phone, net: Net, monkeypatch: pytest.MonkeyPatch, outbox: Outbox
) -> None:
    loses(phone)
    assert net.look() == 0
    monkeypatch.setattr(missed, "_NOTICED_FOR", 0.0)
    assert net.look() == 1
    assert len(outbox()) == 1


def test_a_webhook_that_arrives_at_the_same_moment_changes_nothing(
    phone: Phone, net: Net, later: Later, outbox: Outbox
) -> None:
    to = {"from": SARA, "to": WHATSAPP, "channel": "whatsapp", "body": "balance", "wait": False}
    phone.fault("webhook", "delay", count=1, params={"seconds": 0.3})
    phone._post("inbound", to)
    later(minutes=1)
    looks = [threading.Thread(target=net.look) for _ in range(3)]
    for look in looks:
        look.start()
    for look in looks:
        look.join()
    threading.Event().wait(0.5)
    net.look()
    assert len(outbox()) == 1


def test_an_old_one_is_written_down_and_the_customer_asked_again(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, outbox: Outbox
) -> None:
    phone.writes("english")
    sid = loses(phone, "balance")
    later(minutes=16)
    assert net.look() == 1
    assert [row.provider_sid for row in inbound(workers)][-1] == sid
    assert [row.text.split(",")[0] for row in outbox()[1:]] == ["Your message reached us late"]
    assert "1. Balance" in outbox()[1].text


def test_several_old_ones_are_one_question(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, outbox: Outbox
) -> None:
    for said in ("hi", "balance", "hello?"):
        loses(phone, said)
    later(minutes=30)
    assert net.look() == 3
    assert [row.text for row in inbound(workers)] == ["hi", "balance", "hello?"]
    assert ["وصلتنا رسالتكم متأخرة" in row.text for row in outbox()] == [True]
    phone.writes("رصيدي")
    loses(phone, "balance")
    later(minutes=30)
    assert net.look() == 1
    assert ["متأخرة ولم" in row.text for row in outbox()] == [True, False, True]


def test_a_whole_conversation_is_caught_up_with_in_its_order(
    phone: Phone, net: Net, later: Later, outbox: Outbox
) -> None:
    for said in ("english", "balance", "menu"):
        loses(phone, said)
    later(minutes=2)
    assert net.look() == 3
    assert ["late" in row.text for row in outbox()] == [False, False, False]
    assert "Amount due" in outbox()[1].text


def test_one_that_a_later_turn_overtook_is_asked_again(phone: Phone, net: Net, later: Later, outbox: Outbox) -> None:
    phone.writes("english")
    loses(phone, "2")
    later(minutes=1)
    phone.writes("help")
    later(minutes=1)
    assert net.look() == 1
    assert "reached us late" in outbox()[-1].text


def test_what_would_change_something_is_asked_again(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, outbox: Outbox
) -> None:
    phone.writes("english")
    phone.writes("no more messages")
    loses(phone, "1")
    later(minutes=1)
    assert net.look() == 1
    assert "reached us late" in outbox()[-1].text
    assert "1. No more notices" in outbox()[-1].text
    with workers.door.for_every_business() as session:
        assert session.scalar(select(func.count()).select_from(Consent)) == 0


def test_a_carriers_stop_holds_however_late(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, outbox: Outbox
) -> None:
    loses(phone, "STOP", channel="sms")
    later(hours=3)
    assert net.look() == 1
    assert outbox() == []
    with workers.door.for_every_business() as session:
        assert session.scalars(select(Conversation.opted_out_at)).one() is not None


def test_a_photo_comes_with_its_address_and_a_place_is_asked_for_again(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, outbox: Outbox
) -> None:
    phone.writes("english")
    sid = loses(phone, "", media="meter")
    loses(phone, "", sender=OMAR, location={"latitude": 24.7, "longitude": 46.6})
    later(minutes=1)
    assert net.look() == 2
    photo = next(row for row in inbound(workers) if row.provider_sid == sid)
    assert [file["content_type"] for file in photo.media] == ["image/jpeg"]
    assert photo.media[0]["url"].startswith("https://api.twilio.com/2010-04-01/Accounts/AC")
    assert f"/Messages/{sid}/Media/ME" in photo.media[0]["url"]
    assert not photo.media[0]["url"].endswith(".json")
    said = [row.text for row in outbox()]
    assert "we received your file" in said[1]
    assert "reached us late" in said[2]


def test_when_somebody_was_last_heard_of_is_when_they_wrote(
    phone: Phone, workers: WorkerServices, net: Net, later: Later
) -> None:
    loses(phone, "hi")
    written = clock.now()
    later(hours=5)
    net.look()
    with workers.door.for_every_business() as session:
        (talk,) = session.scalars(select(Conversation))
    assert talk.last_inbound_at is not None
    assert abs(talk.last_inbound_at - written) < timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["status_429", "status_500", "drop"])
def test_while_twilio_is_away_one_line_says_so_and_the_next_look_finds_it(
    phone: Phone, net: Net, later: Later, outbox: Outbox, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loses(phone)
    later(minutes=2)
    phone.fault("list", kind, count=2)
    monkeypatch.setattr(missed, "log", structlog.get_logger())  # one that is not bound to a stream of before
    with capture_logs() as lines:
        assert net.look() == 0
    assert [(line["event"], line["senders"]) for line in lines] == [("Twilio can't be asked what came in", 2)]
    assert net.look() == 1
    assert len(outbox()) == 1


def test_a_file_that_can_not_be_asked_for_waits_and_so_does_the_look_back(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    loses(phone, "", media="meter")
    later(minutes=2)
    monkeypatch.setattr("bot.channels.twilio_client.Twilio.files_of", _away)
    assert net.look() == 0
    looked = _listed_until(workers)
    later(minutes=2)
    assert net.look() == 0
    assert _listed_until(workers) == looked
    monkeypatch.undo()
    assert net.look() == 1


def test_more_than_a_page_is_found(
    phone: Phone, net: Net, later: Later, monkeypatch: pytest.MonkeyPatch, outbox: Outbox
) -> None:
    monkeypatch.setattr("bot.channels.twilio_client._PAGE", 3)
    for person in PEOPLE:
        loses(phone, "hi", person)
    later(minutes=1)
    assert net.look() == 10
    assert len(outbox()) == 10


def test_the_first_look_goes_back_a_little_only(
    phone: Phone, workers: WorkerServices, later: Later, outbox: Outbox
) -> None:
    loses(phone)
    later(hours=1)
    assert Net(workers).look() == 0
    assert outbox() == []


def test_after_a_long_silence_it_is_looked_from_where_we_stopped(
    phone: Phone, workers: WorkerServices, net: Net, later: Later, outbox: Outbox
) -> None:
    loses(phone)
    later(hours=7)
    assert Net(workers).look() == 1
    assert "متأخرة" in outbox()[0].text


def _listed_until(workers: WorkerServices) -> datetime | None:
    with workers.door.for_every_business() as session:
        return session.scalars(select(Sender.listed_until).where(Sender.channel == "whatsapp")).one()


def _away(*_: object) -> list[tuple[str, str]]:
    raise requests.exceptions.ConnectionError("away")
