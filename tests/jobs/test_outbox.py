"""What is due is sent once, in order, and what came of it is known."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.jobs.doubts import settle_older_than
from bot.jobs.outbox import doubt_older_than, send_all, send_batch
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain.kinds import NOTICES
from domain.messages import Message
from domain.outbox import Result, claim_due, record_results
from tests.jobs.conftest import Phone, wait_for
from tests.jobs.saying import Says
from tests.noor import OMAR, SARA

Do = Callable[[], None]
Outbox = Callable[[], list[Message]]


def test_a_reply_reaches_the_phone_and_its_ticks_come_back(phone: Phone, send: Do, fold: Do, outbox: Outbox) -> None:
    phone.writes("hi")
    assert [row.status for row in outbox()] == ["queued"]
    send()
    (received,) = phone.received()
    assert received["body"] == outbox()[0].text
    assert outbox()[0].provider_sid == received["sid"]
    wait_for(lambda: fold() or outbox()[0].status == "delivered")
    row = outbox()[0]
    assert row.accepted_at
    assert row.sent_at
    assert row.delivered_at


def test_over_sms_too(phone: Phone, send: Do, outbox: Outbox) -> None:
    phone.writes("english", channel="sms")
    send()
    (received,) = phone.received()
    assert received["channel"] == "sms"
    assert received["num_segments"] == outbox()[0].segments == 2


def test_replies_of_a_conversation_keep_their_order(phone: Phone, workers: WorkerServices, send: Do) -> None:
    for word in ("english", "balance", "menu", "help"):
        phone.writes(word)
    with workers.door.for_every_business() as session:
        assert len(claim_due(session, 10)) == 1
        session.rollback()
    send()
    texts = [message["body"] for message in phone.received()]
    assert [("Amount due" in said, "How can we help" in said) for said in texts] == [
        (False, True),
        (True, False),
        (False, True),
        (False, False),
    ]


def test_many_workers_at_once_send_each_message_once(phone: Phone, workers: WorkerServices) -> None:
    people = [f"+9665000010{number:02d}" for number in range(30)]
    for person in people:
        phone.writes("hi", sender=person)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: send_all(workers, 20), range(4)))
    assert sorted(message["to"] for message in phone.received()) == [f"whatsapp:{person}" for person in people]


def test_a_refusal_is_final_and_says_why(phone: Phone, send: Do, outbox: Outbox) -> None:
    phone.writes("hi")
    phone.fault("create", "error_code", params={"code": 21610}, count=1)
    send()
    assert [(row.status, row.reason) for row in outbox()] == [("failed", "21610")]
    assert outbox()[0].failed_at is not None


def test_too_many_requests_are_tried_again_a_little_later(
    phone: Phone, workers: WorkerServices, outbox: Outbox
) -> None:
    phone.writes("hi")
    phone.fault("create", "status_429", count=1)
    send_batch(workers)
    (row,) = outbox()
    assert (row.status, row.reason, row.attempts) == ("queued", "20429", 1)
    assert row.due_at is not None
    assert row.due_at > row.created_at
    _make_due(workers)
    send_batch(workers)
    assert outbox()[0].status == "accepted"
    assert len(phone.received()) == 1


def test_a_lost_answer_is_settled_by_what_twilio_lists(phone: Phone, workers: WorkerServices, outbox: Outbox) -> None:
    phone.fault("callback", "drop", probability=1)
    phone.fault("create", "accept_and_drop_response", count=1)
    phone.writes("hi")
    send_batch(workers)
    assert [row.status for row in outbox()] == ["in_doubt"]
    settle_older_than(workers, 0)
    (row,) = outbox()
    assert (row.status, row.provider_sid) == ("accepted", phone.received()[0]["sid"])
    assert len(phone.received()) == 1


def test_a_lost_answer_is_settled_by_a_callback(phone: Phone, send: Do, fold: Do, outbox: Outbox) -> None:
    phone.fault("create", "accept_and_drop_response", count=1)
    phone.writes("hi")
    send()
    wait_for(lambda: fold() or outbox()[0].status == "delivered")
    assert outbox()[0].provider_sid == phone.received()[0]["sid"]


def test_what_twilio_never_took_is_sent_again_once(phone: Phone, workers: WorkerServices, outbox: Outbox) -> None:
    phone.writes("hi")
    phone.fault("create", "status_500", count=2)
    for status in ("in_doubt", "in_doubt"):
        send_batch(workers)
        assert outbox()[0].status == status
        settle_older_than(workers, 0)
        _make_due(workers)
    assert [(row.status, row.reason) for row in outbox()] == [("failed", "unsettled")]
    assert phone.received() == []


def test_a_dead_worker_leaves_its_message_in_doubt_not_lost(
    phone: Phone, workers: WorkerServices, outbox: Outbox
) -> None:
    phone.writes("hi")
    with workers.door.for_every_business() as session:
        claim_due(session, 10)  # and here the process dies
    send_batch(workers)
    assert phone.received() == []
    doubt_older_than(workers, 0)
    settle_older_than(workers, 0)
    send_batch(workers)
    assert len(phone.received()) == 1
    assert outbox()[0].status == "accepted"


def test_twilio_unreachable_keeps_the_message(phone: Phone, workers: WorkerServices, outbox: Outbox) -> None:
    phone.writes("hi")
    nowhere = workers.settings.model_copy(update={"twilio_api_base_url": "http://127.0.0.1:9"})
    send_batch(replace(workers, settings=nowhere))
    assert [(row.status, row.reason) for row in outbox()] == [("queued", "unreachable")]


def test_a_callback_that_commits_while_the_send_is_being_recorded_stays(
    phone: Phone, workers: WorkerServices, outbox: Outbox
) -> None:
    phone.writes("hi")
    with workers.door.for_every_business() as session:
        (claimed,) = claim_due(session, 10)
    with workers.door.for_every_business() as other:
        other.execute(text("UPDATE message SET status = 'delivered', delivered_at = now() WHERE status = 'sending'"))
    with workers.door.for_every_business() as session:
        record_results(session, [Result(claimed.message_id, 1, "accepted", provider_sid="SM" + "0" * 32)])
    (row,) = outbox()
    assert (row.status, row.provider_sid) == ("delivered", "SM" + "0" * 32)


def test_in_staging_nobody_else_is_written_to(phone: Phone, workers: WorkerServices, outbox: Outbox) -> None:
    staging = replace(workers, settings=workers.settings.model_copy(update={"send_only_to": (OMAR,)}))
    phone.writes("hi", sender=SARA)
    phone.writes("hi", sender=OMAR)
    while send_batch(staging):
        pass
    assert [(row.status, row.reason) for row in outbox()] == [("skipped", "send_only_to"), ("accepted", None)]
    assert [message["to"] for message in phone.received()] == [f"whatsapp:{OMAR}"]


@pytest.mark.parametrize("flushed", [True, False])
def test_redis_emptied_loses_nothing(phone: Phone, services: Services, send: Do, flushed: bool) -> None:
    phone.writes("hi")
    if flushed:
        services.redis.flushall()
    send()
    assert len(phone.received()) == 1


def _make_due(workers: WorkerServices) -> None:
    with workers.door.for_every_business() as session:
        session.execute(text("UPDATE message SET due_at = created_at WHERE status = 'queued'"))


def test_what_is_written_for_the_morning_holds_up_nothing_that_is_said_in_the_night(
    workers: WorkerServices, says: Says, outbox: Outbox
) -> None:
    says.heard_from(OMAR)
    says(OMAR, "For the morning", "For now", channels=("whatsapp",))
    later, now = outbox()[-2:]
    with workers.door.for_every_business() as session:
        session.execute(text("UPDATE message SET status = 'accepted' WHERE seq < :seq"), {"seq": later.seq})
        wait = text("UPDATE message SET attempts = :tries, due_at = due_at + interval '9 hours' WHERE id = :id")
        # One that was tried already keeps its place.
        session.execute(wait, {"tries": 1, "id": later.id})
        assert claim_due(session, 10, NOTICES) == []
        session.execute(wait, {"tries": 0, "id": later.id})
        assert [one.message_id for one in claim_due(session, 10, NOTICES)] == [now.id]
