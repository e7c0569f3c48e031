"""When nobody tells us what became of a message, we ask; and a doubt is settled by its kind."""

from collections.abc import Callable

import pytest

from bot.jobs.doubts import settle_older_than
from bot.jobs.outbox import Drain, doubt_older_than, send_all, send_batch, write_down
from bot.jobs.sending import attempt
from bot.jobs.stuck import ask_about_all
from bot.jobs.worker_services import WorkerServices
from domain.kinds import REPLIES
from domain.outbox import claim_due
from tests.conftest import Later
from tests.jobs.conftest import Phone, wait_for
from tests.jobs.saying import Says
from tests.noor import SARA

Do = Callable[[], None]


def test_lost_callbacks_are_made_up_for(
    phone: Phone, says: Says, send: Do, workers: WorkerServices, later: Later
) -> None:
    phone.fault("callback", "drop")
    says(SARA, "one", channels=("sms",))
    send()
    wait_for(lambda: phone.received()[0]["status"] == "delivered")
    assert ask_about_all(workers) == 0  # not yet
    later(minutes=16)
    assert ask_about_all(workers) == 1
    (row,) = says.rows()
    assert (row.status, row.looks) == ("delivered", 1)
    assert ask_about_all(workers) == 0


def test_a_worker_that_died_after_sending_leaves_nothing_behind(
    phone: Phone, says: Says, workers: WorkerServices, fold: Do, later: Later
) -> None:
    """The callback that it was sent comes, the one that it was delivered does not, and nobody recorded the answer."""
    says(SARA, "one", kind="reply", channels=("sms",))
    with workers.door.for_every_business() as session:
        (claimed,) = claim_due(session, 10, REPLIES)
    phone.set(offline=[SARA])
    attempt(workers, claimed, 1e12)
    wait_for(lambda: fold() or says.rows()[0].status == "sent")
    later(minutes=16)
    assert ask_about_all(workers) == 1
    assert says.rows()[0].looks == 1


def test_a_failure_that_nobody_told_us_of_has_its_consequences(
    phone: Phone, says: Says, send: Do, workers: WorkerServices, later: Later
) -> None:
    phone.fault("callback", "error_code", params={"code": 30005}, count=1)
    phone.fault("callback", "drop")
    says(SARA, "one", channels=("sms",))
    send()
    wait_for(lambda: phone.received()[0]["error_code"] == 30005)
    later(minutes=16)
    ask_about_all(workers)
    says(SARA, "two", channels=("sms",))
    assert [(row.status, row.reason) for row in says.rows()][1:] == [("skipped", "address_invalid")]


def test_twilio_is_asked_three_times_at_most(
    phone: Phone, says: Says, send: Do, workers: WorkerServices, later: Later
) -> None:
    phone.set(offline=[SARA])
    says(SARA, "one", channels=("sms",))
    send()
    wait_for(lambda: phone.received()[0]["status"] == "sent")
    asked = []
    for hours in (1, 3, 25, 50):
        later(hours=hours)
        asked.append(ask_about_all(workers))
    assert asked == [1, 1, 1, 0]


def test_twilio_away_is_no_answer(phone: Phone, says: Says, send: Do, workers: WorkerServices, later: Later) -> None:
    phone.fault("callback", "drop")
    says(SARA, "one", channels=("sms",))
    send()
    later(minutes=16)
    phone.fault("fetch", "status_500", count=1)
    assert ask_about_all(workers) == 0
    assert says.rows()[0].looks == 0
    assert ask_about_all(workers) == 1


@pytest.mark.parametrize(
    ("kind", "ends"),
    [("reply", "accepted"), ("notice", "accepted"), ("staff", "accepted"), ("campaign", "failed"), ("code", "failed")],
)
def test_what_can_not_be_found_is_sent_again_or_not_by_its_kind(
    phone: Phone, says: Says, workers: WorkerServices, kind: str, ends: str
) -> None:
    phone.fault("create", "status_500", count=1)
    says(SARA, "one", kind=kind, channels=("sms",))
    send_all(workers, 5)
    assert says.rows()[0].status == "in_doubt"
    settle_older_than(workers, 0)
    send_all(workers, 5)
    (row,) = says.rows()
    assert (row.status, row.reason if ends == "failed" else None) == (ends, "unsettled" if ends == "failed" else None)
    assert len(phone.received()) == (ends == "accepted")


def test_two_doubts_with_the_same_words_are_counted_against_what_twilio_has(
    phone: Phone, says: Says, workers: WorkerServices
) -> None:
    """Twilio took one of the two: the other is sent again, and the phone has both."""
    phone.fault("callback", "drop")
    phone.fault("create", "accept_and_drop_response", count=1)
    says(SARA, "the same", "the same", kind="reply", channels=("sms",))
    send_batch(workers)
    says.let_pass(61)
    phone.fault("create", "status_500", count=1)
    send_batch(workers)
    assert [row.status for row in says.rows()] == ["in_doubt", "in_doubt"]
    settle_older_than(workers, 0)
    send_all(workers, 5)
    assert [row.status for row in says.rows()] == ["accepted", "accepted"]
    assert len(phone.received()) == 2
    assert len({row.provider_sid for row in says.rows()}) == 2


def test_a_result_that_comes_late_is_the_messages_own(phone: Phone, says: Says, workers: WorkerServices) -> None:
    says(SARA, "one", kind="reply", channels=("sms",))
    with workers.door.for_every_business() as session:
        (claimed,) = claim_due(session, 10, REPLIES)
    result = attempt(workers, claimed, 1e12)
    doubt_older_than(workers, 0)  # the process stood still for long
    with workers.door.for_every_business() as session:
        write_down(session, [result])
    settle_older_than(workers, 0)
    send_all(workers, 5)
    assert [row.status for row in says.rows()] in (["accepted"], ["sent"], ["delivered"])
    assert len(phone.received()) == 1


def test_what_was_claimed_long_ago_is_not_sent(phone: Phone, says: Says, workers: WorkerServices) -> None:
    says(SARA, "one", kind="reply", channels=("sms",))
    with workers.door.for_every_business() as session:
        (claimed,) = claim_due(session, 10, REPLIES)
    with workers.door.for_every_business() as session:
        write_down(session, [attempt(workers, claimed, -1e12)])
    assert [row.status for row in says.rows()] == ["queued"]
    assert phone.received() == []
    assert Drain(workers, REPLIES).batch() == 1
