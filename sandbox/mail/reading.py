"""What a mail says: its headers, its text, its HTML and what is attached."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from sandbox.mail.books import Mail
from sandbox.twilio.clock import iso


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    sender: str
    to: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    headers: tuple[tuple[str, str], ...]


def read(mail: Mail) -> Letter:
    """Read a mail. What is broken in it is shown as well as it can be."""
    message = message_from_bytes(mail.raw, policy=default)
    return Letter(
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", mail.sender)),
        to=str(message.get("To", ", ".join(mail.recipients))),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
        headers=tuple((name, str(value)) for name, value in message.items()),
    )


def document(mail: Mail) -> dict[str, Any]:
    """A mail as the control interface shows it."""
    letter = read(mail)
    return {
        "id": mail.id,
        "at": iso(mail.at),
        "envelope": {"from": mail.sender, "to": list(mail.recipients)},
        "from": letter.sender,
        "to": letter.to,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "headers": dict(letter.headers),
        "attachments": [
            {"name": one.name, "content_type": one.content_type, "size": len(one.content)} for one in letter.attachments
        ],
    }


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    try:
        text = content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:  # a character set that nobody knows
        text = content.decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n")


def _attachment(part: EmailMessage) -> Attachment:
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else part.as_bytes()
    return Attachment(part.get_filename() or "attachment", part.get_content_type(), content)
