"""Notices of invoices and payments reach their customers: on WhatsApp as a document, by SMS as a link, by e-mail."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import requests
from sqlalchemy import select

from bot.jobs.outbox import send_all_mails
from bot.jobs.worker_services import WorkerServices
from bot.links import LASTS
from bot.notices import How, Reminding, invoice_issued, invoice_reminder
from domain.customers import Customer
from domain.door import Visit
from domain.dunning.reminding import ask_for_reminder
from domain.invoices import Invoice
from domain.kinds import KINDS
from sandbox.servers.processes import free_port
from tests.invoices.test_pdf import bare, by_pypdf
from tests.jobs.conftest import Phone
from tests.jobs.saying import Says
from tests.jobs.test_ways import Sync, approve, sync
from tests.mail.catcher import Mailbox, caught
from tests.noor import SARA, SARA_MAIL

__all__ = ["sync"]

Do = Callable[[], None]


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


class Bills:
    """The company, telling of invoice INV-2."""

    def __init__(self, says: Says, workers: WorkerServices) -> None:
        self._business = says.business_id
        self._workers = workers
        with workers.door.for_business(self._business) as session:
            self.invoice_id = session.scalars(select(Invoice.id).where(Invoice.invoice_no == "INV-2")).one()
            self.customer_id: UUID = session.scalars(select(Customer.id).where(Customer.phone == SARA)).one()

    def issued(self, *channels: str) -> None:
        with self._workers.door.for_business(self._business) as session:
            how = How(channels) if channels else How()
            assert invoice_issued(Visit.within(session), self._workers, self.invoice_id, how)

    def reminder(self) -> None:
        with self._workers.door.for_business(self._business) as session:
            visit = Visit.within(session)
            reminder_id = ask_for_reminder(visit, self.invoice_id)
            assert reminder_id is not None
            assert invoice_reminder(visit, self._workers, Reminding(reminder_id, self.invoice_id))


@pytest.fixture
def bills(says: Says, workers: WorkerServices) -> Bills:
    return Bills(says, workers)


def _pdf(link: str) -> str:
    answer = requests.get(link, timeout=5)
    assert answer.headers["Content-Type"] == "application/pdf"
    return bare(by_pypdf(answer.content))


def test_on_whatsapp_it_is_a_document_that_twilio_can_fetch(phone: Phone, bills: Bills, says: Says, send: Do) -> None:
    phone.writes("مرحبا")
    send()
    says.let_pass(10)
    bills.issued()
    send()
    message = phone.received()[-1]
    assert message["channel"] == "whatsapp"
    assert "صدرت فاتورتكم" in message["body"]
    assert "/i/" not in message["body"]
    row = says.rows()[-1]
    assert "INV-2" in _pdf(row.media[0]["url"])
    # It may wait in the outbox until its deadline, and then at Twilio for hours: the link lasts longer.
    assert 3 * KINDS["notice"].deadline + timedelta(hours=24) < LASTS


def test_outside_the_window_an_approved_template_says_it_with_the_link(
    phone: Phone, bills: Bills, says: Says, send: Do, sync: Sync, workers: WorkerServices
) -> None:
    approve(sync, phone, workers)
    bills.issued()
    bills.reminder()
    for _ in range(2):
        says.let_pass(10)
        send()
    bodies = [one["body"] for one in phone.received() if one["channel"] == "whatsapp"]
    assert ["صدرت" in bodies[0], "تذكير" in bodies[1]] == [True] * 2
    for body in bodies:
        (link,) = [line for line in body.split("\n") if "/i/" in line]
        assert "INV-2" in _pdf(link)


def test_by_sms_the_link_is_a_line_of_its_own(phone: Phone, bills: Bills, says: Says, send: Do) -> None:
    bills.issued("sms")
    send()
    lines = phone.received()[-1]["body"].split("\n")
    assert lines[0].startswith("صدرت فاتورتكم INV-2 بمبلغ 200.00")
    assert "INV-2" in _pdf(lines[1])


def test_by_email_it_is_attached_and_can_be_read(mailbox: Mailbox, bills: Bills, workers: WorkerServices) -> None:
    bills.issued("email")
    assert send_all_mails(workers, 20)
    (mail,) = mailbox.mails()
    assert mail["envelope"]["to"] == [SARA_MAIL]
    assert bare(mail["subject"]).startswith(bare("فاتورتكم INV-2"))
    assert bare("سارة الغامدي") in bare(mail["text"])
    assert "/i/" not in mail["text"]
    assert [one["name"] for one in mail["attachments"]] == ["INV-2.pdf"]
    said = bare(by_pypdf(mailbox.get(f"/mails/{mail['id']}/attachments/0").content))
    for part in ("INV-2", "200.00", "100.00"):
        assert part in said
