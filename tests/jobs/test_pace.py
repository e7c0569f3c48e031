"""How fast we speak: each sender at its pace, whoever sends; nobody gets too much at once; replies before all else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from sqlalchemy import text

from bot.jobs.outbox import send_all, send_batch
from bot.jobs.worker_services import WorkerServices
from domain.kinds import CAMPAIGNS, NOTICES, REPLIES
from domain.outbox import claim_due
from tests.jobs.conftest import Phone, wait_for
from tests.jobs.saying import Says
from tests.noor import OMAR, SARA

Do = Callable[[], None]

PEOPLE = [f"+9665000020{number:02d}" for number in range(40)]


def claimed(workers: WorkerServices, priority: int, limit: int = 100) -> int:
    with workers.door.for_every_business() as session:
        return len(claim_due(session, limit, priority))


@pytest.mark.parametrize(("kind", "priority", "at_once"), [("campaign", CAMPAIGNS, 5), ("notice", NOTICES, 10)])
def test_no_more_is_taken_at_once_than_the_pace_allows(
    says: Says, workers: WorkerServices, kind: str, priority: int, at_once: int
) -> None:
    says.change_sender("sms", messages_per_second=20)
    for person in PEOPLE:
        says(person, "hello", kind=kind, channels=("sms",))
    assert claimed(workers, priority) == at_once
    assert claimed(workers, priority) <= 1


def test_many_workers_together_keep_one_pace(phone: Phone, says: Says, workers: WorkerServices) -> None:
    says.change_sender("sms", messages_per_second=20)
    for person in PEOPLE:
        says(person, "hello", kind="campaign", channels=("sms",))
    began = monotonic()
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: send_all(workers, 60, CAMPAIGNS), range(4)))
    took = monotonic() - began
    assert len(phone.received()) == len(PEOPLE)
    # Forty at twenty a second, less what may be taken ahead; however slow the machine is, never faster.
    assert took > len(PEOPLE) / 20 - 0.5


def test_on_sms_segments_count(says: Says, workers: WorkerServices) -> None:
    says.change_sender("sms", messages_per_second=20)
    for person in PEOPLE:
        says(person, "ب" * 200, kind="notice", channels=("sms",))
    assert says.rows()[0].segments == 3
    assert claimed(workers, NOTICES) == 3  # nine segments of the ten


def test_what_is_slower_than_one_a_second_is_sent_all_the_same(
    phone: Phone, says: Says, workers: WorkerServices
) -> None:
    says.change_sender("sms", messages_per_second=0.5)
    says(SARA, "hello", kind="campaign", channels=("sms",))
    says(OMAR, "hello", kind="campaign", channels=("sms",))
    assert send_batch(workers, CAMPAIGNS) == 1
    assert send_batch(workers, CAMPAIGNS) == 0
    wait_for(lambda: send_batch(workers, CAMPAIGNS) == 1)
    assert len(phone.received()) == 2


def test_replies_go_before_the_pace_of_all_else(phone: Phone, says: Says, workers: WorkerServices) -> None:
    says.change_sender("sms", messages_per_second=10)
    for person in PEOPLE:
        says(person, "hello", kind="campaign", channels=("sms",))
    while claimed(workers, CAMPAIGNS):
        pass
    phone.writes("hi", channel="sms")
    assert send_batch(workers, REPLIES) == 1


def test_a_slow_sender_is_itself_again_after_a_while(says: Says, workers: WorkerServices) -> None:
    says.change_sender("sms", messages_per_second=40)
    says.change_pace("sms", factor=0.25, slowed_at=text("now()"))
    for person in PEOPLE:
        says(person, "hello", kind="notice", channels=("sms",))
    assert claimed(workers, NOTICES) == 5
    says.change_pace("sms", free_at=None, slowed_at=text("now() - interval '10 seconds'"))
    assert claimed(workers, NOTICES) == 10
    says.change_pace("sms", free_at=None, slowed_at=text("now() - interval '60 seconds'"))
    assert claimed(workers, NOTICES) == 20


def test_nobody_gets_two_notices_at_once(says: Says, workers: WorkerServices, phone: Phone) -> None:
    says(SARA, "one", "two", channels=("sms",))
    assert send_batch(workers, NOTICES) == 1
    assert send_batch(workers, NOTICES) == 0
    says.let_pass(6)
    assert send_batch(workers, NOTICES) == 1
    assert [one["body"] for one in phone.received()] == ["one", "two"]


def test_a_conversation_is_bounded_when_it_runs_away(says: Says, workers: WorkerServices, phone: Phone) -> None:
    says.change_sender("sms", messages_per_second=1000)
    says(SARA, *(f"answer {number}" for number in range(20)), kind="reply", channels=("sms",))
    for _ in range(30):
        send_batch(workers, REPLIES)
    assert len(phone.received()) == 15
    says.let_pass(30)
    for _ in range(10):
        send_batch(workers, REPLIES)
    assert len(phone.received()) == 20


def test_a_sender_that_is_off_keeps_its_messages(says: Says, workers: WorkerServices, phone: Phone, send: Do) -> None:
    says(SARA, "one", channels=("sms",))
    says.change_sender("sms", enabled=False)
    send()
    assert [row.status for row in says.rows()] == ["queued"]
    says.change_sender("sms", enabled=True)
    send()
    assert [row.status for row in says.rows()] == ["accepted"]


def test_what_waits_for_one_in_doubt_goes_after_a_minute(says: Says, workers: WorkerServices, phone: Phone) -> None:
    phone.fault("create", "accept_and_drop_response", count=1)
    phone.fault("callback", "drop")
    says(SARA, "one", "two", kind="reply", channels=("sms",))
    send_batch(workers, REPLIES)
    assert [row.status for row in says.rows()] == ["in_doubt", "queued"]
    assert send_batch(workers, REPLIES) == 0
    says.let_pass(60)
    assert send_batch(workers, REPLIES) == 1
    assert [row.status for row in says.rows()] == ["in_doubt", "accepted"]


def test_who_holds_a_sender_holds_up_no_message(says: Says, workers: WorkerServices, phone: Phone) -> None:
    """A company's files are taken in by one long transaction, which may change a sender."""
    says(SARA, "one", kind="reply", channels=("sms",))
    with workers.door.for_every_business() as importing:
        importing.execute(text("UPDATE sender SET messages_per_second = 20"))
        assert send_batch(workers, REPLIES) == 1
    assert len(phone.received()) == 1
