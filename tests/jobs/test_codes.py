"""One-time codes on their way to a phone: no trace is left of them once they are sent, or never will be."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.jobs.doubts import settle_older_than
from bot.jobs.outbox import send_batch
from bot.jobs.worker_services import WorkerServices, make_worker_services
from bot.settings import read_settings
from domain import clock
from domain.hiding import shown
from domain.messages import Message
from tests.jobs.conftest import Phone, wait_for
from tests.noor import SARA, STRANGER

Do = Callable[[], None]
Outbox = Callable[[], list[Message]]


@pytest.fixture
def code(phone: Phone, outbox: Outbox, workers: WorkerServices) -> Callable[[], Message]:
    """A stranger has asked for a code, and everything else is sent; the message that carries the code."""
    for said in ("english", "link my account", "1001"):
        phone.writes(said, sender=STRANGER)

    def read() -> Message:
        return next(row for row in outbox() if row.kind == "code")

    with workers.door.for_every_business() as session:
        session.execute(text("UPDATE message SET status = 'delivered' WHERE status = 'queued' AND kind <> 'code'"))
    assert digits(read().text) is not None
    assert shown("code", read().text).count("••••••") == 1
    return read


def digits(said: str) -> str | None:
    return next((word for word in said.split() if word.isdigit() and len(word) == 6), None)


def test_it_is_hidden_once_it_is_accepted(phone: Phone, code: Callable[[], Message], send: Do) -> None:
    known = digits(code().text)
    send()
    (received,) = phone.received()
    assert (received["to"], received["channel"]) == (SARA, "sms")
    assert digits(received["body"]) == known
    assert code().status in {"accepted", "sent", "delivered"}
    assert digits(code().text) is None
    assert "••••••" in code().text


def test_it_is_hidden_when_it_is_refused(phone: Phone, code: Callable[[], Message], send: Do) -> None:
    phone.fault("create", "error_code", params={"code": 21610}, count=1)
    send()
    assert (code().status, digits(code().text)) == ("failed", None)


def test_it_stays_while_it_is_tried_again(phone: Phone, code: Callable[[], Message], workers: WorkerServices) -> None:
    phone.fault("create", "status_429", count=1)
    send_batch(workers)
    assert code().status == "queued"
    assert digits(code().text) is not None


@pytest.mark.parametrize(("fault", "status"), [("accept_and_drop_response", "accepted"), ("status_500", "failed")])
def test_it_is_hidden_when_a_doubt_is_settled_and_not_sent_twice(
    phone: Phone, code: Callable[[], Message], workers: WorkerServices, fault: str, status: str
) -> None:
    phone.fault("callback", "drop", probability=1)
    phone.fault("create", fault, count=1)
    send_batch(workers)
    assert code().status == "in_doubt"
    assert digits(code().text) is not None
    settle_older_than(workers, 0)
    assert (code().status, digits(code().text)) == (status, None)
    assert send_batch(workers) == 0
    assert len(phone.received()) == (status == "accepted")


def test_it_is_hidden_when_a_callback_settles_the_doubt(
    phone: Phone, code: Callable[[], Message], workers: WorkerServices, fold: Do
) -> None:
    phone.fault("create", "accept_and_drop_response", count=1)
    send_batch(workers)
    wait_for(lambda: fold() or code().status == "delivered")
    assert digits(code().text) is None


def test_it_is_hidden_when_staging_skips_it(
    phone: Phone, code: Callable[[], Message], environment: dict[str, str]
) -> None:
    staging = make_worker_services(read_settings({**environment, "SEND_ONLY_TO": "+15550000000"}))
    send_batch(staging)
    staging.close()
    assert (code().status, code().reason, digits(code().text)) == ("skipped", "send_only_to", None)


def test_after_ten_minutes_it_is_not_sent_any_more(
    phone: Phone, code: Callable[[], Message], send: Do, tmp_path: Path
) -> None:
    (tmp_path / "clock").write_text((code().created_at + timedelta(minutes=10)).isoformat())
    clock.use_file(tmp_path / "clock")
    try:
        send()
    finally:
        clock.use_file(None)
    assert (code().status, code().reason, digits(code().text)) == ("skipped", "too_late", None)
    assert phone.received() == []


def test_the_database_itself_keeps_no_code_that_is_sent(code: Callable[[], Message], workers: WorkerServices) -> None:
    for status in ("accepted", "sent", "delivered", "read", "undelivered", "failed", "skipped"):
        with pytest.raises(IntegrityError, match="no_code_left"), workers.door.for_every_business() as session:
            session.execute(text("UPDATE message SET status = :status WHERE kind = 'code'"), {"status": status})
