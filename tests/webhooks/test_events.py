"""Callbacks are kept as they came, and a status never goes back."""

from collections.abc import Callable
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select, text

from bot.jobs.events import fold_all
from bot.jobs.worker_services import WorkerServices, make_worker_services
from bot.services import Services
from bot.settings import Settings
from domain.messages import DeliveryEvent, Message
from tests.chat import Chat
from tests.noor import SARA, WHATSAPP, Noor
from tests.twilio import inbound, post

SID = "SM" + "7" * 32


@pytest.fixture
def sent(app: Flask, noor: Noor, services: Services) -> Message:
    """A reply that Twilio accepted."""
    chat = Chat(app, SARA)
    chat.says("hi")
    with services.door.for_every_business() as session:
        session.execute(
            text("UPDATE message SET status = 'accepted', provider_sid = :sid WHERE direction = 'outbound'"),
            {"sid": SID},
        )
    return chat.rows()[0]


@pytest.fixture
def fold(settings: Settings) -> Callable[[], None]:
    def do() -> None:
        workers: WorkerServices = make_worker_services(settings)
        assert fold_all(workers, 10)
        workers.close()

    return do


def _calls_back(app: Flask, message: object, *statuses: str, sid: str = SID) -> None:
    for status in statuses:
        form = {**inbound("whatsapp", WHATSAPP, SARA), "MessageSid": sid, "MessageStatus": status}
        form |= {"ErrorCode": "63016"} if status in {"failed", "undelivered"} else {}
        assert post(app, f"/webhooks/twilio/status?message={message}", form).status_code == 204


def _row(services: Services) -> Message:
    with services.door.for_every_business() as session:
        return session.scalars(select(Message).where(Message.direction == "outbound")).one()


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
@pytest.mark.parametrize("one_at_a_time", [True, False])
def test_whatever_the_order_read_is_read(
    app: Flask, sent: Message, services: Services, fold: Callable[[], None], order: tuple[str, ...], one_at_a_time: bool
) -> None:
    for status in order:
        _calls_back(app, sent.id, status)
        if one_at_a_time:
            fold()
    fold()
    assert _row(services).status == "read"


@pytest.mark.parametrize(
    ("statuses", "ends"),
    [
        (("sent", "sent", "sent"), "sent"),
        (("delivered", "failed"), "delivered"),
        (("delivered", "sent"), "delivered"),
        (("read", "undelivered"), "read"),
        (("failed", "sent"), "failed"),
        (("undelivered", "sent"), "undelivered"),
        (("canceled",), "failed"),
        (("queued", "sending", "accepted"), "accepted"),
        (("partially_delivered", "receiving", "", "nonsense"), "accepted"),
    ],
)
def test_a_status_never_goes_back(
    app: Flask, sent: Message, services: Services, fold: Callable[[], None], statuses: tuple[str, ...], ends: str
) -> None:
    for status in statuses:
        _calls_back(app, sent.id, status)
        fold()
    assert _row(services).status == ends


def test_why_it_failed_is_known(app: Flask, sent: Message, services: Services, fold: Callable[[], None]) -> None:
    _calls_back(app, sent.id, "failed")
    fold()
    row = _row(services)
    assert (row.status, row.reason) == ("failed", "63016")
    assert row.failed_at is not None


def test_a_callback_before_our_own_note_brings_the_sid(
    app: Flask, noor: Noor, services: Services, fold: Callable[[], None]
) -> None:
    chat = Chat(app, SARA)
    chat.says("hi")
    _calls_back(app, chat.rows()[0].id, "delivered")
    fold()
    assert (_row(services).status, _row(services).provider_sid) == ("delivered", SID)


def test_without_our_id_the_sid_tells(app: Flask, sent: Message, services: Services, fold: Callable[[], None]) -> None:
    _calls_back(app, "", "delivered")
    fold()
    assert _row(services).status == "delivered"


def test_an_event_of_another_send_changes_nothing(
    app: Flask, sent: Message, services: Services, fold: Callable[[], None]
) -> None:
    _calls_back(app, sent.id, "failed", sid="SM" + "8" * 32)
    _calls_back(app, "01a1fc38-0000-7000-8000-000000000000", "failed", sid="SM" + "9" * 32)
    fold()
    assert _row(services).status == "accepted"


def test_every_callback_is_kept_as_it_came(app: Flask, sent: Message, services: Services) -> None:
    _calls_back(app, sent.id, "sent", "sent", "nonsense")
    with services.door.for_every_business() as session:
        events = session.scalars(select(DeliveryEvent).order_by(DeliveryEvent.seq)).all()
    assert [event.status for event in events] == ["sent", "sent", "nonsense"]
    assert events[0].params["ApiVersion"] == "2010-04-01"
    assert all(event.business_id == sent.business_id for event in events)
