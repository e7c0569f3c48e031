"""A chat, as a test tells it: what the customer types, and what is answered."""

import re
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain.contacts import Contact
from domain.messages import Message
from tests.noor import SMS, WHATSAPP
from tests.twilio import deliver, inbound

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200f"))


@dataclass
class Chat:
    """A customer with a phone, talking to one of our numbers."""

    app: Flask
    phone: str
    channel: str = "whatsapp"
    answers: list[str] = field(default_factory=list)
    _read: int = 0

    def says(self, text: str = "", **params: str) -> None:
        """Type `text` and send it, or send what `params` describe."""
        to = WHATSAPP if self.channel == "whatsapp" else SMS
        response = deliver(self.app, inbound(self.channel, self.phone, to, text, **params))
        assert response.status_code == 200
        assert b"<Response/>" in response.data
        self.reads()

    def reads(self) -> list[str]:
        """Read what has come since, be it an answer or something that we said of our own accord. Returns it."""
        rows = self.rows()
        self.answers = [row.text for row in rows[self._read :]]
        self._read = len(rows)
        return self.answers

    def hears(self, *parts: str) -> str:
        """Assert that there was one answer, which says all of `parts`, in this order. Returns it as it was sent."""
        assert len(self.answers) == 1, self.answers
        said, at = self.answers[0].translate(_ISOLATES).replace("\u00a0", " "), 0
        for part in parts:
            found = said.find(part, at)
            assert found >= 0, f"{part!r} is not said, or not here:\n{said}"
            at = found + len(part)
        return self.answers[0]

    def hears_nothing(self) -> None:
        """Assert that nothing was answered."""
        assert self.answers == []

    def types_the_code(self, phone: str | None = None) -> None:
        """Read the newest code that came to `phone` (default: to anybody) and send it."""
        self.says(code_on(self.app, phone))

    def rows(self) -> list[Message]:
        """Return everything that was said to this phone on this channel, in order."""
        services: Services = self.app.extensions["raseed"]
        with services.door.for_every_business() as session:
            return list(
                session.scalars(
                    select(Message)
                    .join(Contact, Contact.id == Message.contact_id)
                    .where(Contact.address == self.phone, Contact.channel == self.channel)
                    .where(Message.direction == "outbound")
                    .order_by(Message.seq)
                )
            )


def codes_sent(app: Flask, phone: str | None = None) -> list[Message]:
    """Return every message with a one-time code to `phone`, or to anybody, in order."""
    services: Services = app.extensions["raseed"]
    with services.door.for_every_business() as session:
        said = select(Message).join(Contact, Contact.id == Message.contact_id).where(Message.kind == "code")
        to = said.where(Contact.address == phone) if phone else said
        return list(session.scalars(to.order_by(Message.seq)))


def mails_sent(app: Flask) -> list[Message]:
    """Return every mail, in order."""
    services: Services = app.extensions["raseed"]
    with services.door.for_every_business() as session:
        return list(session.scalars(select(Message).where(Message.channel == "email").order_by(Message.seq)))


def code_on(app: Flask, phone: str | None = None) -> str:
    """Return the newest code that `phone`, or anybody, shows."""
    found = _CODE.search(codes_sent(app, phone)[-1].text)
    assert found
    return found[0]
