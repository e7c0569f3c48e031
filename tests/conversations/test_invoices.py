"""Invoices in the chat: looked at, sent here as PDF, and by e-mail where an address is known."""

import re

import pytest
from flask import Flask
from sqlalchemy import update

from bot.services import Services
from domain.customers import Customer
from tests.chat import Chat, mails_sent
from tests.noor import SARA_MAIL
from tests.world import BASE_URL

_LINK = re.compile(r"https?://\S+/i/[A-Za-z0-9_-]+")


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "SMTP_HOST": "127.0.0.1", "SMTP_FROM": "no-reply@noor.example"}


def _is_pdf(app: Flask, link: str) -> bool:
    answer = app.test_client().get(link.removeprefix(BASE_URL))
    return answer.status_code == 200 and answer.data.startswith(b"%PDF-")


def test_on_whatsapp_the_pdf_comes_as_a_document(app: Flask, sara: Chat) -> None:
    sara.says("english")
    sara.says("my invoices")
    sara.says("1")
    sara.hears("Invoice INV-1", "1. Pay this", "2. Send me the PDF", "3. Send it by e-mail", "4. All my invoices")
    sara.says("send me the pdf")
    assert ["as a PDF" in said for said in sara.answers] == [False, True]
    document, words = sara.rows()[-2:]
    assert _is_pdf(app, document.media[0]["url"])
    assert words.media == []


def test_on_sms_the_link_stands_on_a_line_of_its_own(app: Flask, sara_sms: Chat) -> None:
    sara_sms.says("عربي")
    sara_sms.says("فواتيري")
    sara_sms.says("1")
    sara_sms.says("ارسل الفاتورة")
    lines = sara_sms.hears("هذه فاتورتكم").split("\n")
    (link,) = [line for line in lines if "/i/" in line]
    assert _LINK.fullmatch(link)
    assert _is_pdf(app, link)
    assert sara_sms.rows()[-1].media == []


def test_by_email_it_goes_to_the_address_on_file_once(app: Flask, sara: Chat) -> None:
    sara.says("english")
    sara.says("my invoices")
    sara.says("2")
    sara.says("by email")
    sara.hears("Invoice INV-2 is on its way to your e-mail address s•••@customer.example.", "2. All my invoices")
    (mail,) = mails_sent(app)
    assert (mail.kind, mail.status, mail.media[0]["language"]) == ("notice", "queued", "en")
    assert mail.mail == {"subject": "Invoice INV-2", "language": "en", "sender": "Noor Electricity"}
    assert SARA_MAIL not in "".join(row.text for row in sara.rows())
    sara.says("menu")
    assert len(mails_sent(app)) == 1


def test_without_an_address_nothing_is_offered_by_email(services: Services, sara: Chat) -> None:
    with services.door.for_every_business() as session:
        session.execute(update(Customer).values(email=None))
    sara.says("english")
    sara.says("my invoices")
    sara.says("1")
    sara.hears("2. Send me the PDF", "3. All my invoices")
