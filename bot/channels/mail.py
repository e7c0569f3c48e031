"""A mail: its headers, its text in both forms, and what is attached."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from uuid import UUID

from bot.documents.files import File
from bot.settings import ADDRESS
from domain import clock

_LINK: Final = re.compile(r"https?://[^\s<>\"\u2066-\u2069]+")
_LONGEST_SUBJECT: Final = 150
# They keep numbers in their order within an Arabic line.
_ISOLATES: Final = frozenset("\u2066\u2067\u2068\u2069")
# Nothing of it is fetched from anywhere, and it reads well without any of its looks.
_PAGE: Final = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\
<meta name="color-scheme" content="light dark"><title>{subject}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f6f8">
<div dir="{direction}" style="max-width:560px;margin:0 auto;background:#ffffff;color:#1c2430;border:1px solid #dfe4ea;\
border-radius:12px;padding:28px;font:16px/1.7 'Segoe UI',Tahoma,'Noto Sans Arabic',Arial,sans-serif;text-align:{start}">
<p style="margin:0 0 20px;padding:0 0 14px;border-bottom:2px solid #0b6e6e;color:#0b6e6e;font-size:18px;\
font-weight:bold">{sender}</p>
{paragraphs}
</div>
</body>
</html>
"""
_PARAGRAPH: Final = '<p dir="{direction}" style="margin:0 0 16px">{lines}</p>'
_ANCHOR: Final = '<a href="{0}" style="color:#0b6e6e;word-break:break-all" dir="ltr">{0}</a>'


class BadAddress(ValueError):
    """No mail can go to such an address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What is said by e-mail: to whom, in whose name, about what."""

    message_id: UUID
    to: str
    sender: str
    subject: str
    text: str
    language: str
    files: Sequence[File] = ()


def mail_id_of(message_id: UUID, sent_from: str) -> str:
    """Return the Message-ID of a message: the same however often it has to be sent."""
    return f"<{message_id}@{sent_from.rpartition('@')[2]}>"


def composed(mail: Mail, sent_from: str) -> EmailMessage:
    """Return `mail` as it is handed over. Raises BadAddress.

    No value of it can make a header of its own: each is one line, and the addresses have nothing that means anything.
    """
    if not ADDRESS.fullmatch(mail.to):
        raise BadAddress("not an address that a mail can go to")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_one_line(mail.sender), addr_spec=sent_from)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = mail_id_of(mail.message_id, sent_from)
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="base64")
    message.add_alternative(_html(mail), subtype="html", cte="base64")
    for file in mail.files:
        message.add_attachment(file.content, maintype="application", subtype="pdf", filename=file.name)
    return message


def _html(mail: Mail) -> str:
    direction, start = ("rtl", "right") if mail.language == "ar" else ("ltr", "left")
    paragraphs = (
        _PARAGRAPH.format(direction=direction, lines="<br>\n".join(map(_line, part.split("\n"))))
        for part in mail.text.split("\n\n")
    )
    return _PAGE.format(
        language=mail.language,
        direction=direction,
        start=start,
        subject=html.escape(mail.subject),
        sender=html.escape(mail.sender),
        paragraphs="\n".join(paragraphs),
    )


def _line(line: str) -> str:
    """Return a line as HTML, with its links to be followed."""
    parts, at = [], 0
    for found in _LINK.finditer(line):
        parts += [html.escape(line[at : found.start()]), _ANCHOR.format(html.escape(found[0]))]
        at = found.end()
    return "".join([*parts, html.escape(line[at:])])


def _one_line(words: str) -> str:
    """Return `words` as a header may have them: one line, without control characters, not endless."""
    harmless = "".join(letter if letter.isprintable() or letter in _ISOLATES else " " for letter in words)
    return " ".join(harmless.split())[:_LONGEST_SUBJECT]
