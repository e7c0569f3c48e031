"""The SMTP side: takes every mail, for anybody."""

import asyncio
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail.books import Books
from sandbox.mail.faults import Faults

_REFUSALS = {
    "refuse_recipient": "550 5.1.1 nobody of that name",
    "mailbox_full": "552 5.2.2 the mailbox is full",
    "refuse_policy": "550 5.7.1 not from there",
    "refuse_now": "451 4.3.0 try again later",
}
_AT_THE_END = {"refuse_content": "554 5.6.0 this mail is not taken", "put_off": "452 4.3.1 no room just now"}


class Catcher:
    """aiosmtpd calls these by name."""

    def __init__(self, books: Books, faults: Faults) -> None:
        self._books = books
        self._faults = faults

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        """Take a sender, or not."""
        del server, session
        if self._faults.pick({"refuse_sender"}, []) is not None:
            return "550 5.7.1 nothing is taken from this address"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        del server, session
        fault = self._faults.pick({*_REFUSALS, "hang_before"}, [address])
        if fault is not None and fault.kind in _REFUSALS:
            return _REFUSALS[fault.kind]
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or not."""
        del session
        recipients = [str(one) for one in envelope.rcpt_tos]
        fault = self._faults.pick({*_AT_THE_END, "drop", "drop_after", "slow", "hang", "hang_after"}, recipients)
        kind = fault.kind if fault else ""
        if kind in _AT_THE_END:
            return _AT_THE_END[kind]
        if kind == "slow" and fault is not None:
            await asyncio.sleep(fault.seconds)
        if kind not in {"drop", "hang"}:
            content = envelope.original_content or b""
            self._books.keep(str(envelope.mail_from or ""), recipients, content)
        if kind.startswith("hang") and fault is not None:
            await asyncio.sleep(fault.seconds)
        if kind.startswith("drop") and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 OK: kept"


def make_controller(books: Books, faults: Faults, host: str, port: int, **more: Any) -> Controller:
    """`more` is aiosmtpd's: TLS and who may sign in."""
    return Controller(Catcher(books, faults), hostname=host, port=port, ident="sandbox", enable_SMTPUTF8=True, **more)
