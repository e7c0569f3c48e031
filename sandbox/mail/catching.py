"""The SMTP side: takes every mail, for anybody."""

import asyncio

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail.books import Books
from sandbox.mail.faults import Faults


class Catcher:
    """aiosmtpd calls these by name."""

    def __init__(self, books: Books, faults: Faults) -> None:
        self._books = books
        self._faults = faults

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        del server, session
        fault = self._faults.pick({"refuse_recipient", "refuse_now"}, [address])
        if fault is not None:
            return "550 5.1.1 nobody of that name" if fault.kind == "refuse_recipient" else "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or not."""
        del session
        recipients = [str(one) for one in envelope.rcpt_tos]
        fault = self._faults.pick({"refuse_content", "drop", "drop_after", "slow"}, recipients)
        kind = fault.kind if fault else ""
        if kind == "refuse_content":
            return "554 5.6.0 this mail is not taken"
        if kind == "slow" and fault is not None:
            await asyncio.sleep(fault.seconds)
        if kind != "drop":
            content = envelope.original_content or b""
            self._books.keep(str(envelope.mail_from or ""), recipients, content)
        if kind.startswith("drop") and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 OK: kept"


def make_controller(books: Books, faults: Faults, host: str, port: int) -> Controller:
    return Controller(Catcher(books, faults), hostname=host, port=port, ident="sandbox", enable_SMTPUTF8=True)
