"""Mails go through the same outbox, over a mail server that does to us what such servers do."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.jobs.doubts import settle_older_than
from bot.jobs.outbox import Drain, doubt_older_than, send_all, send_all_mails
from bot.jobs.waking import ring_for_due
from bot.jobs.worker_services import WorkerServices
from bot.saying import Recipient, letter, plain
from domain.contacts import Contact
from domain.conversations import Conversation
from domain.door import Visit
from domain.kinds import PRIORITIES
from domain.messages import Message
from domain.notifications import Notification
from domain.speaking import speak
from sandbox.servers.processes import free_port
from tests.jobs.conftest import wait_for
from tests.jobs.saying import Says
from tests.mail.catcher import Mailbox, caught
from tests.noor import SARA

TO = "sara@customer.example"
Mails = Callable[[], list[Message]]


@pytest.fixture
def smtp_port() -> int:
    return free_port()


@pytest.fixture
def environment(environment: dict[str, str], smtp_port: int) -> dict[str, str]:
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(smtp_port), "SMTP_SECURITY": "none"}
    return {**environment, **mail, "SMTP_FROM": "no-reply@noor.example"}


@pytest.fixture
def mailbox(tmp_path: Path, smtp_port: int) -> Iterator[Mailbox]:
    with caught(tmp_path / "mails", smtp_port) as mailbox:
        yield mailbox


@pytest.fixture
def deliver(workers: WorkerServices) -> Callable[[], None]:
    """Send all mails that are due."""

    def do() -> None:
        assert send_all_mails(workers, 30)

    return do


@pytest.fixture
def deliver_some(workers: WorkerServices) -> Callable[[], None]:
    """Send what may be sent now: others wait for their turn."""

    def do() -> None:
        Drain(workers, *PRIORITIES, mails=True).batch()
        assert workers.mails is not None
        workers.mails.close()

    return do


class Post:
    """The company, sending mails."""

    def __init__(self, says: Says, workers: WorkerServices) -> None:
        self.says = says
        self._workers = workers

    def __call__(self, *words: str, to: str = TO, kind: str = "notice", language: str = "en") -> None:
        business = self.says.business_id
        with self._workers.door.for_business(business) as session:
            visit = Visit.within(session)
            for one in words:
                whom = Recipient(business, None, language, ("email",), to)
                speak(visit, business, [letter(visit, self._workers.accounts, whom, plain(kind, one))])

    def rows(self) -> list[Message]:
        return self.says.rows()

    def doubts_pass(self) -> None:
        """Let the minute pass after which a doubt about a mail is settled, and settle it."""
        self.says.let_pass(61)
        settle_older_than(self._workers, 30)
        self.says.let_pass(10)


@pytest.fixture
def post(says: Says, workers: WorkerServices) -> Post:
    return Post(says, workers)


Do = Callable[[], None]


def test_a_mail_arrives_once_in_both_forms_from_the_business(mailbox: Mailbox, post: Post, deliver: Do) -> None:
    post("Works on Friday.\n\nSee https://noor.example/works?a=1&b=2 <soon>")
    deliver()
    deliver()
    (mail,) = mailbox.mails()
    assert mail["envelope"] == {"from": "no-reply@noor.example", "to": [TO]}
    assert mail["from"] == "Noor Electricity <no-reply@noor.example>"
    assert mail["subject"] == "A message from Noor Electricity"
    assert mail["text"].startswith("Works on Friday.")
    assert 'dir="ltr"' in mail["html"]
    assert '<a href="https://noor.example/works?a=1&amp;b=2"' in mail["html"]
    assert "&lt;soon&gt;" in mail["html"]
    (row,) = post.rows()
    assert (row.channel, row.status, row.attempts) == ("email", "sent", 1)
    assert row.provider_sid == mail["headers"]["Message-ID"] == f"<{row.id}@noor.example>"
    assert row.sent_at is not None


def test_in_arabic_it_is_right_to_left_and_its_headers_are_ascii_on_the_wire(
    mailbox: Mailbox, post: Post, deliver: Do
) -> None:
    post("أعمال صيانة يوم الجمعة", language="ar")
    deliver()
    (mail,) = mailbox.mails()
    assert mail["subject"] == "رسالة من \u2068كهرباء النور\u2069"
    assert mail["from"].startswith("كهرباء النور")
    assert '<html lang="ar" dir="rtl">' in mail["html"]
    assert "أعمال صيانة" in mail["text"]
    raw = mailbox.get(f"/mails/{mail['id']}/source").content
    assert raw.isascii()
    assert message_from_bytes(raw, policy=default)["Subject"] == mail["subject"]


def test_nothing_that_is_said_becomes_a_header(mailbox: Mailbox, post: Post, deliver: Do, says: Says) -> None:
    post("hello\r\nBcc: everybody@evil.example\r\n\r\nmore")
    with says._workers.door.for_every_business() as session:
        evil = {
            "subject": "Hi\r\nBcc: a@evil.example",
            "language": "en",
            "sender": 'Noor"\r\nX-Evil: 1 <b@evil.example>',
        }
        session.execute(update(Message).values(mail=evil))
    deliver()
    (mail,) = mailbox.mails()
    assert mail["envelope"]["to"] == [TO]
    assert not {"Bcc", "X-Evil"} & set(mail["headers"])
    assert mail["subject"] == "Hi Bcc: a@evil.example"


@pytest.mark.parametrize(
    "address", ["a@b.example\nRCPT TO:<c@d.example>", "no address", "ü@b.example", "<a@b.example>"]
)
def test_an_address_that_is_none_is_never_asked_for(mailbox: Mailbox, post: Post, deliver: Do, address: str) -> None:
    post("hello", to=address)
    deliver()
    assert mailbox.mails() == []
    assert [(row.status, row.reason) for row in post.rows()] == [("failed", "mail_address")]


def test_auto_falls_to_a_mail_where_the_phone_is_not_to_be_reached(
    mailbox: Mailbox, says: Says, workers: WorkerServices, deliver: Do, phone: Any, send: Do
) -> None:
    phone.fault("create", "error_code", params={"code": 21211}, count=1)
    with workers.door.for_business(says.business_id) as session:
        visit = Visit.within(session)
        whom = Recipient(says.business_id, SARA, "en", email=TO)
        speak(visit, says.business_id, [letter(visit, workers.accounts, whom, plain("notice", "Works on Friday"))])
    send()
    deliver()
    assert [mail["text"].strip() for mail in mailbox.mails()] == ["Works on Friday"]
    assert [(row.channel, row.status) for row in says.rows()] == [("sms", "failed"), ("email", "sent")]


@pytest.mark.parametrize("kind", ["reply", "code"])
def test_replies_and_codes_never_go_by_mail(says: Says, workers: WorkerServices, kind: str) -> None:
    with workers.door.for_business(says.business_id) as session:
        whom = Recipient(says.business_id, SARA, "en", email=TO)
        said = letter(Visit.within(session), workers.accounts, whom, plain(kind, "123456"))
    assert said.channel == "sms"
    assert said.ways == []


def test_a_server_that_puts_off_is_asked_again_later(mailbox: Mailbox, post: Post, deliver: Do) -> None:
    for fault in ("refuse_now", "put_off"):
        mailbox.fault(fault, count=1)
        post.says.make_due() if post.rows() else post("hello")
        deliver()
        (row,) = post.rows()
        assert (row.status, row.reason) == ("queued", "mail_later")
        assert row.due_at is not None
        assert row.due_at - row.created_at > timedelta(minutes=3)
        post.says.let_pass(10)
    post.says.make_due()
    deliver()
    assert len(mailbox.mails()) == 1


@pytest.mark.parametrize(
    ("fault", "status", "reason", "invalid"),
    [
        ("refuse_recipient", "failed", "mail_address", True),
        ("refuse_policy", "failed", "mail_refused", False),
        ("refuse_content", "failed", "mail_refused", False),
        ("mailbox_full", "queued", "mail_full", False),
    ],
)
def test_what_is_refused_for_good_is_final(
    mailbox: Mailbox, post: Post, deliver: Do, fault: str, status: str, reason: str, invalid: bool
) -> None:
    mailbox.fault(fault, count=1)
    post("hello")
    deliver()
    assert [(row.status, row.reason) for row in post.rows()] == [(status, reason)]
    with post.says._workers.door.for_every_business() as session:
        contact = session.scalars(select(Contact).where(Contact.channel == "email", Contact.address == TO)).one()
    assert (contact.invalid_at is not None) is invalid
    if invalid:
        post("again")
        assert post.rows()[-1].status == "skipped"


def test_who_opted_out_gets_no_mail(mailbox: Mailbox, post: Post, deliver: Do, workers: WorkerServices) -> None:
    post("hello")
    with workers.door.for_every_business() as session:
        session.execute(update(Conversation).values(opted_out_at=text("now()")))
    deliver()
    assert mailbox.mails() == []
    assert [(row.status, row.reason) for row in post.rows()] == [("skipped", "opted_out")]


def test_while_our_address_is_refused_all_waits_and_staff_is_told(
    mailbox: Mailbox, post: Post, deliver: Do, workers: WorkerServices
) -> None:
    mailbox.fault("refuse_sender", count=1)
    post("hello")
    deliver()
    assert [(row.status, row.reason) for row in post.rows()] == [("queued", "mail_sender")]
    with workers.door.for_every_business() as session:
        assert session.scalars(select(Notification.kind)).all() == ["sender_paused"]
    post.says.change_sender("email", paused_until=None)
    post.says.make_due()
    post.says.let_pass(10)
    deliver()
    assert len(mailbox.mails()) == 1


def test_with_the_server_away_nothing_is_lost(post: Post, deliver: Do, tmp_path: Path, smtp_port: int) -> None:
    post("hello")
    deliver()
    assert [(row.status, row.reason, row.failures) for row in post.rows()] == [("queued", "unreachable", 0)]
    post.says.make_due()
    post.says.let_pass(10)
    with caught(tmp_path / "mails", smtp_port) as mailbox:
        deliver()
        assert len(mailbox.mails()) == 1


@pytest.mark.parametrize(("fault", "kept"), [("drop", 1), ("drop_after", 2)])
def test_a_doubt_is_sent_once_more_and_bears_the_same_id(
    mailbox: Mailbox, post: Post, deliver_some: Do, fault: str, kept: int
) -> None:
    mailbox.fault(fault, count=1)
    post("hello", "and then")
    deliver_some()
    assert [row.status for row in post.rows()] == ["in_doubt", "queued"]
    post.doubts_pass()
    deliver_some()
    first = post.rows()[0]
    assert (first.status, first.resends) == ("sent", 1)
    ids = [mail["headers"]["Message-ID"] for mail in mailbox.mails() if mail["text"] == "hello\n"]
    assert ids == [first.provider_sid] * kept


def test_a_campaign_in_doubt_is_not_sent_again(mailbox: Mailbox, post: Post, deliver: Do) -> None:
    mailbox.fault("drop_after", count=1)
    post("hello", kind="campaign")
    deliver()
    post.doubts_pass()
    deliver()
    assert [(row.status, row.reason) for row in post.rows()] == [("failed", "unsettled")]
    assert len(mailbox.mails()) == 1


def test_a_server_that_hangs_after_the_mail_leaves_it_in_doubt(
    mailbox: Mailbox, post: Post, deliver: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.smtp._TO_TAKE", 0.3)
    mailbox.fault("hang_after", count=1, seconds=1)
    post("hello")
    deliver()
    assert [(row.status, row.reason) for row in post.rows()] == [("in_doubt", "SMTPServerDisconnected")]


def test_a_server_that_hangs_before_the_mail_was_certainly_not_told_it(
    mailbox: Mailbox, post: Post, deliver: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.smtp._TO_BEGIN", 0.3)
    mailbox.fault("hang_before", count=1, seconds=1)
    post("hello")
    deliver()
    assert [(row.status, row.reason) for row in post.rows()] == [("queued", "unreachable")]
    post.says.make_due()
    post.says.let_pass(10)
    deliver()
    assert len(mailbox.mails()) == 1


def test_several_are_in_flight_and_no_connection_is_held(
    mailbox: Mailbox, post: Post, workers: WorkerServices, deliver: Do
) -> None:
    for number in range(16):
        post(f"hello {number}", to=f"a{number}@customer.example")
    mailbox.fault("slow", count=16, seconds=1)
    post.says.change_pace("email", free_at=None)
    post.says.change_sender("email", messages_per_second=1000)
    began = monotonic()
    deliver()
    assert len(mailbox.mails()) == 16
    assert monotonic() - began < 12  # one after the other it would be sixteen


def test_a_slow_mail_server_delays_nobody_who_chats(
    mailbox: Mailbox, post: Post, workers: WorkerServices, phone: Any
) -> None:
    mailbox.fault("slow", seconds=10)
    post("hello", kind="staff")
    phone.writes("hi")
    began = monotonic()
    assert send_all(workers, 20)
    assert monotonic() - began < 9
    assert phone.received()
    assert mailbox.mails() == []
    assert "mails" in ring_for_due(workers)


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(
    mailbox: Mailbox, post: Post, workers: WorkerServices, deliver: Do, environment: dict[str, str]
) -> None:
    mailbox.fault("hang_after", count=1, seconds=5)
    post("hello")
    code = "from bot.jobs.outbox import send_mails; send_mails()"
    with subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **environment}) as process:
        wait_for(mailbox.mails, 15)
        os.kill(process.pid, signal.SIGKILL)
    assert [row.status for row in post.rows()] == ["sending"]
    post.says.let_pass(61)
    doubt_older_than(workers, 30)
    post.doubts_pass()
    deliver()
    assert [(row.status, row.resends) for row in post.rows()] == [("sent", 1)]
    assert len({mail["headers"]["Message-ID"] for mail in mailbox.mails()}) == 1


def test_mails_to_one_person_keep_their_order(mailbox: Mailbox, post: Post, deliver_some: Do) -> None:
    mailbox.fault("refuse_now", count=1)
    post("first", "second")
    deliver_some()
    assert mailbox.mails() == []
    for _ in range(2):
        post.says.make_due()
        post.says.let_pass(10)
        deliver_some()
    assert [mail["text"].strip() for mail in reversed(mailbox.mails())] == ["first", "second"]
