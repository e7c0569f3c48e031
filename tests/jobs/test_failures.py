"""What an error means: tried again, another way, or the end of it; and who is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.channels.twilio_errors import MEANINGS, REASONS
from bot.jobs.outbox import give_up_late, send_all
from bot.jobs.worker_services import WorkerServices
from domain.contacts import Consent, Contact
from domain.conversations import Conversation
from domain.kinds import KINDS
from domain.messages import Message
from domain.notifications import Notification
from locales.catalogue import LANGUAGES, catalogue
from tests.conftest import Later
from tests.jobs.conftest import Phone, wait_for
from tests.jobs.saying import Says
from tests.noor import OMAR, SARA

Do = Callable[[], None]
Outbox = Callable[[], list[Message]]


@pytest.fixture
def told(workers: WorkerServices) -> Callable[[], list[Notification]]:
    """What staff was told."""

    def read() -> list[Notification]:
        with workers.door.for_every_business() as session:
            return list(session.scalars(select(Notification).order_by(Notification.created_at)))

    return read


def settled(send: Do, fold: Do, phone: Phone) -> None:
    """Send, and fold all that comes back."""
    send()
    wait_for(lambda: all(map(_is_over, phone.received())))
    fold()


def _is_over(one: dict[str, Any]) -> bool:
    """Tell whether a message came to its end, and the callback that says so was answered."""
    told = {call["status"] for call in one["callbacks"] if call["http"]}
    return one["status"] in {"delivered", "undelivered", "failed"} and one["status"] in told


def test_another_channel_is_taken_when_whatsapp_does_not_work_there(
    phone: Phone, says: Says, send: Do, fold: Do
) -> None:
    says.heard_from(OMAR)
    phone.fault("callback", "error_code", params={"code": 63003}, match={"channel": "whatsapp"})
    says(OMAR, "Works on Friday from 9 to 11.")
    settled(send, fold, phone)
    first, second = says.rows()
    assert (first.channel, first.status, first.reason) == ("whatsapp", "failed", "63003")
    assert first.replaced_by == second.id
    settled(send, fold, phone)
    assert says.by_id(second.id).status == "delivered"
    assert [(one["channel"], one["body"]) for one in phone.received()] == [
        ("whatsapp", "Works on Friday from 9 to 11."),
        ("sms", "Works on Friday from 9 to 11."),
    ]
    assert second.segments == 1


def test_an_address_that_is_nobodys_is_left_alone_until_they_write(
    phone: Phone, says: Says, send: Do, workers: WorkerServices, told: Callable[[], list[Notification]]
) -> None:
    phone.fault("create", "error_code", params={"code": 21211}, count=1)
    says(SARA, "one", channels=("sms",))
    send()
    says(SARA, "two", channels=("sms",))
    send()
    assert [(row.status, row.reason) for row in says.rows()] == [("failed", "21211"), ("skipped", "address_invalid")]
    assert phone.received() == []
    with workers.door.for_every_business() as session:
        (contact,) = session.scalars(select(Contact).where(Contact.invalid_at.is_not(None)))
        assert (contact.address, contact.channel, contact.invalid_for) == (SARA, "sms", "21211")
    assert [(one.kind, one.facts["code"], one.times) for one in told()] == [
        ("messages_failed", "21211", 1),
    ]
    phone.writes("hello", channel="sms")
    says(SARA, "three", channels=("sms",))
    says.let_pass(60)
    send()
    assert says.rows()[-1].status == "accepted"


def test_after_ninety_days_an_address_is_tried_again(
    phone: Phone, says: Says, send: Do, later: Later, workers: WorkerServices
) -> None:
    phone.fault("create", "error_code", params={"code": 21614}, count=1)
    says(SARA, "one", channels=("sms",))
    send()
    later(days=91)
    says(SARA, "two", channels=("sms",))
    send()
    assert [row.status for row in says.rows()] == ["failed", "accepted"]


@pytest.mark.parametrize("scope", ["create", "callback"])
def test_who_stopped_us_at_twilio_has_stopped_us(
    phone: Phone, says: Says, send: Do, fold: Do, workers: WorkerServices, scope: str
) -> None:
    phone.fault(scope, "error_code", params={"code": 21610}, count=1)
    says(SARA, "one", channels=("sms",))
    settled(send, fold, phone)
    says(SARA, "two", channels=("sms",))
    with workers.door.for_every_business() as session:
        (talk,) = session.scalars(select(Conversation))
        assert talk.carrier_stopped
        assert talk.opted_out_at is not None
        (consent,) = session.scalars(select(Consent))
        assert (consent.granted, consent.source, consent.evidence) == (False, "carrier", "21610")
    assert [(row.status, row.reason) for row in says.rows()][1:] == [("skipped", "opted_out")]
    phone.writes("START", channel="sms")
    says(SARA, "three", channels=("sms",))
    says.let_pass(60)
    send()
    assert says.rows()[-1].status == "accepted"


def test_what_failed_on_its_way_is_tried_again_as_another_message(
    phone: Phone, says: Says, send: Do, fold: Do, told: Callable[[], list[Notification]]
) -> None:
    phone.fault("callback", "error_code", params={"code": 30008}, count=2)
    says(SARA, "one", channels=("sms",))
    for _ in range(3):
        settled(send, fold, phone)
        says.make_due()
        says.let_pass(60)
    first, second = says.rows()
    assert (first.status, first.replaced_by) == ("undelivered", second.id)
    assert (second.status, second.reason, second.replaced_by) == ("undelivered", "30008", None)
    assert (first.failures, second.failures) == (0, 1)
    assert [one.facts["code"] for one in told()] == ["30008"]


def test_a_sender_that_is_refused_pauses_and_nothing_is_lost(
    phone: Phone, says: Says, send: Do, later: Later, told: Callable[[], list[Notification]]
) -> None:
    phone.fault("create", "error_code", params={"code": 20003}, count=1)
    says(SARA, "one", channels=("sms",))
    send()
    says(OMAR, "two", channels=("sms",))
    send()
    assert [row.status for row in says.rows()] == ["queued", "queued"]
    assert says.sender("sms").paused_for == "account_refused"
    assert phone.received() == []
    assert [(one.kind, one.severity) for one in told()] == [("sender_paused", "critical")]
    later(minutes=20)
    send()
    assert [row.status for row in says.rows()] == ["accepted", "accepted"]


def test_an_unknown_error_is_tried_again_a_few_times_and_told(
    phone: Phone, says: Says, send: Do, told: Callable[[], list[Notification]]
) -> None:
    phone.fault("create", "error_code", params={"code": 49999})
    says(SARA, "one", channels=("sms",))
    for _ in range(5):
        send()
        says.make_due()
    (row,) = says.rows()
    assert (row.status, row.reason, row.attempts, row.failures) == ("failed", "49999", 3, 2)
    assert [(one.facts["code"], one.facts["reason"], one.severity) for one in told()] == [
        ("49999", "unknown_error", "warning")
    ]


def test_many_failures_of_a_kind_are_one_notification(
    phone: Phone, says: Says, send: Do, told: Callable[[], list[Notification]]
) -> None:
    phone.fault("create", "error_code", params={"code": 21617})
    for number in range(12):
        says(f"+9665000011{number:02d}", "too long", channels=("sms",))
    send()
    assert [(one.kind, one.times) for one in told()] == [("messages_failed", 12)]


def test_what_comes_too_late_is_a_row_with_its_reason(
    phone: Phone, says: Says, send: Do, later: Later, workers: WorkerServices
) -> None:
    says(SARA, "one", channels=("sms",))
    says.change_sender("sms", enabled=False)
    later(hours=25)
    give_up_late(workers)
    assert [(row.status, row.reason) for row in says.rows()] == [("skipped", "too_late")]
    assert phone.received() == []


def test_too_many_requests_wait_and_the_sender_slows_down(phone: Phone, says: Says, workers: WorkerServices) -> None:
    phone.fault("create", "status_429", count=3)
    for person in (SARA, OMAR, "+966500001234"):
        says(person, "one", channels=("sms",))
    send_all(workers, 30)
    assert {row.status for row in says.rows()} == {"queued"}
    assert {row.failures for row in says.rows()} == {0}
    pace = says.pace("sms")
    assert pace.slowed_at is not None
    assert pace.factor == 0.5
    says.make_due()
    send_all(workers, 30)
    assert {row.status for row in says.rows()} == {"accepted"}


def test_a_deadline_ends_even_what_is_never_the_messages_fault(
    phone: Phone, says: Says, workers: WorkerServices, later: Later
) -> None:
    phone.fault("create", "status_429")
    says(SARA, "one", channels=("sms",))
    send_all(workers, 10)
    later(hours=23, minutes=59, seconds=58)
    says.make_due()
    send_all(workers, 10)
    assert [(row.status, row.reason) for row in says.rows()] == [("failed", "20429")]


def test_every_reason_has_words_in_both_languages() -> None:
    for reason in REASONS:
        for language in LANGUAGES:
            assert catalogue(language).has(f"reason.{reason}")
    assert len(MEANINGS) > 100


def test_the_database_knows_how_urgent_each_kind_is(says: Says, workers: WorkerServices) -> None:
    for kind in KINDS:
        says(SARA, "hello", kind=kind, channels=("sms",))
    with workers.door.for_every_business() as session:
        found = dict(session.execute(text("SELECT kind, priority FROM message")).all())
    assert found == {name: kind.priority for name, kind in KINDS.items()}
    assert KINDS["code"].deadline == timedelta(minutes=10)
