"""Mails go in over SMTP, and come out on the page and the control interface."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.mail.catcher import Mailbox, caught

TO = "sara@customer.example"


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with caught(tmp_path) as mailbox:
        yield mailbox


def _send(mailbox: Mailbox, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=5) as smtp:
        smtp.send_message(message)


def _message() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "فاتورتك INV-7", "Noor <no-reply@noor.example>", TO
    message.set_content("المبلغ 115.00 ريال\n")
    message.add_alternative("<p dir=rtl>المبلغ <b>115.00</b> ريال</p><script>1</script>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="فاتورة.pdf")
    return message


def test_a_mail_is_kept_whole(mailbox: Mailbox) -> None:
    _send(mailbox, _message())
    mail = mailbox.mails()[0]
    assert (mail["subject"], mail["text"]) == ("فاتورتك INV-7", "المبلغ 115.00 ريال\n")
    assert "<b>115.00</b>" in mail["html"]
    assert mail["envelope"] == {"from": "no-reply@noor.example", "to": [TO]}
    assert mail["attachments"] == [{"name": "فاتورة.pdf", "content_type": "application/pdf", "size": 8}]
    assert mailbox.get("/control/mails?to=nobody@x.example").json()["items"] == []


def test_it_is_shown_in_both_languages_and_runs_nothing(mailbox: Mailbox) -> None:
    _send(mailbox, _message())
    number = mailbox.mails()[0]["id"]
    assert 'dir="rtl"' in mailbox.get("/").text
    assert "فاتورتك INV-7" in mailbox.get("/?lang=en").text
    page = mailbox.get(f"/mails/{number}?lang=en").text
    assert "فاتورة.pdf" in page
    assert "المبلغ 115.00 ريال" in page
    html = mailbox.get(f"/mails/{number}/html")
    assert html.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    file = mailbox.get(f"/mails/{number}/attachments/0")
    assert (file.content, file.headers["Content-Type"]) == (b"%PDF-1.4", "application/pdf")
    assert b"Subject:" in mailbox.get(f"/mails/{number}/source").content
    for missing in ("/mails/99", f"/mails/{number}/attachments/1"):
        assert mailbox.get(missing).status_code == 404


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        ("refuse_recipient", smtplib.SMTPRecipientsRefused, 0),
        ("refuse_now", smtplib.SMTPRecipientsRefused, 0),
        ("refuse_policy", smtplib.SMTPRecipientsRefused, 0),
        ("mailbox_full", smtplib.SMTPRecipientsRefused, 0),
        ("refuse_content", smtplib.SMTPDataError, 0),
        ("put_off", smtplib.SMTPDataError, 0),
        ("drop", smtplib.SMTPServerDisconnected, 0),
        ("drop_after", smtplib.SMTPServerDisconnected, 1),
    ],
)
def test_faults(mailbox: Mailbox, kind: str, error: type[Exception], kept: int) -> None:
    assert mailbox.control("/faults", {"kind": kind, "count": 1, "to": TO}).status_code == 201
    with pytest.raises((error, ConnectionError)):
        _send(mailbox, _message())
    assert len(mailbox.mails()) == kept
    _send(mailbox, _message())
    assert len(mailbox.mails()) == kept + 1


def test_nonsense_is_refused_in_words_and_reset_empties(mailbox: Mailbox) -> None:
    assert "kind is one of" in mailbox.control("/faults", {"kind": "moon"}).json()["error"]
    _send(mailbox, _message())
    mailbox.control("/reset", {})
    assert mailbox.mails() == []


def test_a_mail_that_is_broken_is_shown_all_the_same(mailbox: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=5) as smtp:
        raw = b"Content-Type: text/plain; charset=klingon\r\nSubject: =?utf-8?b?%%%?=\r\n\r\n\xff\xfe hello"
        smtp.sendmail("a@b.example", [TO], raw)
    assert mailbox.get("/").status_code == 200
    assert "hello" in mailbox.get(f"/mails/{mailbox.mails()[0]['id']}").text
