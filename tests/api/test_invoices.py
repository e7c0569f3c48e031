"""Invoices by the staff API: as PDF, sent, and reminded of."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from bot.services import Services
from domain.customers import Customer
from domain.door import Visit
from domain.dunning.disputing import open_dispute
from domain.dunning.plans import Agreed, agree
from domain.dunning.rules import Rules
from domain.invoices import Invoice
from domain.kinds import NOTICES
from domain.messages import Message
from domain.outbox import claim_due
from tests.api.people import Asker
from tests.invoices.test_pdf import by_pypdf
from tests.noor import SARA, SARA_MAIL, Noor


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "SMTP_HOST": "127.0.0.1", "SMTP_FROM": "no-reply@noor.example"}


def _invoice(services: Services, noor: Noor, number: str) -> UUID:
    with services.door.for_business(noor.business_id) as session:
        return session.scalars(select(Invoice.id).where(Invoice.invoice_no == number)).one()


def _said(services: Services) -> Message:
    with services.door.for_every_business() as session:
        return session.scalars(select(Message).order_by(Message.seq.desc())).all()[0]


@pytest.mark.parametrize(("language", "says"), [("en", "INV-1"), ("ar", "INV-1")])
def test_the_pdf(agent: Asker, services: Services, noor: Noor, language: str, says: str) -> None:
    answer = agent.asks("GET", f"/invoices/{_invoice(services, noor, 'INV-1')}/pdf?language={language}")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert says in by_pypdf(answer.data)


def test_it_is_sent_over_the_best_way_with_its_document(agent: Asker, services: Services, noor: Noor) -> None:
    invoice_id = _invoice(services, noor, "INV-2")
    taken = agent.asks("POST", f"/invoices/{invoice_id}/send", {})
    assert (taken.status_code, taken.json["channel"], taken.json["status"]) == (202, "sms", "queued")
    sms = _said(services)
    assert "INV-2" in sms.text
    assert "/i/" in sms.text.splitlines()[-1]
    assert sms.ways[0]["channel"] == "email"
    mailed = agent.asks("POST", f"/invoices/{invoice_id}/send", {"channel": "email"})
    assert mailed.json["channel"] == "email"
    mail = _said(services)
    assert mail.media == [{"document": str(invoice_id), "language": "ar"}]
    assert mail.mail is not None
    assert "INV-2" in mail.mail["subject"]


def test_a_reminder_says_whether_it_is_overdue(agent: Asker, services: Services, noor: Noor) -> None:
    for number, says in (("INV-1", "متأخرة السداد"), ("INV-2", "تذكير")):
        taken = agent.asks("POST", f"/invoices/{_invoice(services, noor, number)}/remind", {})
        assert taken.status_code == 202
        assert says in _said(services).text


def test_what_is_paid_or_cancelled_is_not_reminded_of(agent: Asker, services: Services, noor: Noor) -> None:
    answer = agent.asks("POST", f"/invoices/{_invoice(services, noor, 'INV-3')}/remind", {})
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_owed")
    with services.door.for_every_business() as session:
        session.execute(text("UPDATE invoice SET status = 'cancelled' WHERE invoice_no = 'INV-2'"))
    for what in ("send", "remind"):
        answer = agent.asks("POST", f"/invoices/{_invoice(services, noor, 'INV-2')}/{what}", {})
        assert (answer.status_code, answer.json["code"]) == (409, "invoice_cancelled")


def _settled(services: Services, noor: Noor, invoice_id: UUID, how: str) -> None:
    """Let something happen that stops reminders of an invoice."""
    with services.door.for_business(noor.business_id) as session:
        visit = Visit.within(session)
        if how == "paid":
            session.execute(text("UPDATE invoice SET paid_minor = total_minor, status = 'paid' WHERE id = :id"),
                            {"id": invoice_id})  # fmt: skip
        elif how == "disputed":
            open_dispute(visit, invoice_id, "Not mine")
        else:
            agree(visit, noor.business_id, invoice_id, 2, Rules(), Agreed("staff", noor.today))


@pytest.mark.parametrize("how", ["paid", "disputed", "instalments"])
def test_what_is_settled_before_it_is_sent_is_not_reminded_of(
    agent: Asker, services: Services, noor: Noor, how: str
) -> None:
    invoice_id = _invoice(services, noor, "INV-2")
    twice = [agent.asks("POST", f"/invoices/{invoice_id}/remind", {}).json["status"] for _ in range(2)]
    assert twice == ["queued", "queued"]
    _settled(services, noor, invoice_id, how)
    with services.door.for_every_business() as session:
        assert [one.refused for one in claim_due(session, 10, NOTICES)] == [how]
    told = agent.gets("/reminders", kind="asked")["items"]
    assert [one["message_id"] is None for one in told] == [False, False]


@pytest.mark.parametrize(("how", "code"), [("disputed", "disputed"), ("instalments", "instalments")])
def test_nobody_asks_for_a_reminder_of_what_is_settled(
    agent: Asker, services: Services, noor: Noor, how: str, code: str
) -> None:
    invoice_id = _invoice(services, noor, "INV-2")
    _settled(services, noor, invoice_id, how)
    answer = agent.asks("POST", f"/invoices/{invoice_id}/remind", {})
    assert (answer.status_code, answer.json["code"]) == (409, code)


def test_who_is_reached_nowhere_is_a_clear_answer(agent: Asker, services: Services, noor: Noor) -> None:
    with services.door.for_every_business() as session:
        sara = session.scalars(select(Customer).where(Customer.phone == SARA)).one()
        sara.phone = sara.email = None
    answer = agent.asks("POST", f"/invoices/{_invoice(services, noor, 'INV-1')}/send", {})
    assert (answer.status_code, answer.json["code"]) == (422, "no_sender")


def test_the_single_send_goes_by_email_too(agent: Asker, services: Services, noor: Noor) -> None:
    for to in ({"to": "huda@customer.example"}, {"to": SARA_MAIL, "channel": "email"}):
        taken = agent.asks("POST", "/messages", {**to, "text": "Works on Friday."})
        assert (taken.status_code, taken.json["channel"]) == (202, "email")
    refused = agent.asks("POST", "/messages", {"to": "no @address", "text": "hello"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "to")
    refused = agent.asks("POST", "/messages", {"to": SARA_MAIL, "text": "hello", "channel": "sms"})
    assert (refused.status_code, refused.json["code"]) == (422, "no_sender")


def test_an_invitation_goes_by_email_and_is_shown_to_nobody(
    admin: Asker, agent: Asker, services: Services, noor: Noor
) -> None:
    made = admin.asks("POST", "/staff", {"email": "omar@noor.example", "name": "Omar", "role": "agent"})
    assert (made.status_code, made.json["mailed"]) == (201, True)
    mail = _said(services)
    assert (mail.channel, mail.kind, mail.status) == ("email", "code", "queued")
    assert made.json["token"] in mail.text
    assert made.json["token"] not in agent.asks("GET", f"/messages/{mail.id}").text
    assert made.json["token"] not in agent.asks("GET", "/messages").text
