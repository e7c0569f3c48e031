"""Tells customers of their invoices: over WhatsApp, SMS or e-mail, with the invoice itself.

Each function puts one message into the outbox, in the transaction of whoever calls it; who commits rings the bell of
`queue_of(letter.kind, letter.channel)` then. Who can't be reached at all is told nothing, and None is returned.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from bot.channels.approved import text_of, values_of
from bot.channels.render import render
from bot.links import Link, link_to
from bot.saying import Document, NoWay, Recipient, Saying, letter, letters
from bot.services import Services
from domain.billed import Billed, BilledInvoice, billed_invoice, billed_invoices
from domain.door import Visit
from domain.senders import EMAIL
from domain.speaking import Letter, speak
from domain.ways import BEST_FIRST
from flows.reply import Paragraph, Reply, reply
from locales.text import Code, Name, Text, Value, text

_NO_TURN: Final = 0


class NoSuchInvoice(LookupError):
    """There is no such invoice."""


@dataclass(frozen=True, slots=True)
class How:
    """How a notice goes out: over which channels, the best first, and when; at once if nothing is said."""

    channels: tuple[str, ...] = BEST_FIRST
    due_at: datetime | None = None


BY_ITSELF: Final = How()


@dataclass(frozen=True, slots=True)
class _Notice:
    """What is said to whom: the text `name`, with `values`, and the invoice that goes with it."""

    name: str
    whom: Billed
    values: Mapping[str, Value]
    invoice_id: UUID


def invoice_issued(visit: Visit, services: Services, invoice_id: UUID, how: How = BY_ITSELF) -> Letter | None:
    """Send a customer an invoice. Raises NoSuchInvoice."""
    return _tell(visit, services, _issued(_found(visit, invoice_id)), how)


def invoices_issued(visit: Visit, services: Services, invoices: Sequence[UUID], how: How = BY_ITSELF) -> list[UUID]:
    """Send customers of one business their invoices, in few questions. Returns the messages, queued and skipped."""
    notices = [_issued(one) for one in billed_invoices(visit, invoices)]
    if not notices:
        return []
    business_id = notices[0].whom.business_id
    wanted = [(_to(one, how), _saying(services, one)) for one in notices]
    written = [replace(one, due_at=how.due_at) for one in letters(visit, services.accounts, business_id, wanted) if one]
    return speak(visit, business_id, written)


def invoice_reminder(visit: Visit, services: Services, one: "Reminding", how: How = BY_ITSELF) -> Letter | None:
    """Remind a customer of what is still owed of an invoice: that it is due, or overdue. Raises NoSuchInvoice."""
    return _tell(visit, services, _reminding(_found(visit, one.invoice_id), one), how, one.reminder_id)


@dataclass(frozen=True, slots=True)
class Reminding:
    """A reminder to be written: the text `name` about an invoice, with values of its own; what the invoice itself says
    need not be among them. Without a name it is that the invoice is due, or overdue.
    """

    reminder_id: UUID
    invoice_id: UUID
    name: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


def remind(visit: Visit, services: Services, wanted: Sequence[Reminding], how: How = BY_ITSELF) -> dict[UUID, UUID]:
    """Write reminders to customers of one business, in few questions. Returns the message that each reminder became.

    Whoever can't be reached at all has none.
    """
    invoices = {one.invoice_id: one for one in billed_invoices(visit, [one.invoice_id for one in wanted])}
    notices = [_reminding(invoices[one.invoice_id], one) for one in wanted]
    business_id = notices[0].whom.business_id
    asked = [(_to(notice, how), _saying(services, notice)) for notice in notices]
    found = zip(wanted, letters(visit, services.accounts, business_id, asked), strict=True)
    written = [replace(one, due_at=how.due_at, reminder_id=which.reminder_id) for which, one in found if one]
    spoken = set(speak(visit, business_id, written))
    return {one.reminder_id: one.message_id for one in written if one.reminder_id and one.message_id in spoken}


def _reminding(invoice: BilledInvoice, one: Reminding) -> _Notice:
    name = one.name or ("invoice_overdue" if invoice.is_overdue else "invoice_reminder")
    values: dict[str, Value] = {"invoice": Code(invoice.invoice_no), "owed": invoice.owed, "due": invoice.due_date}
    return _Notice(name, invoice.whom, {**values, **one.values}, invoice.invoice_id)


def _issued(invoice: BilledInvoice) -> _Notice:
    values: dict[str, Value] = {"invoice": Code(invoice.invoice_no), "total": invoice.total, "due": invoice.due_date}
    return _Notice("invoice_issued", invoice.whom, values, invoice.invoice_id)


def _found(visit: Visit, invoice_id: UUID) -> BilledInvoice:
    found = billed_invoice(visit, invoice_id)
    if found is None:
        raise NoSuchInvoice(str(invoice_id))
    return found


def _tell(
    visit: Visit, services: Services, notice: _Notice, how: How, reminder_id: UUID | None = None
) -> Letter | None:
    try:
        said = letter(visit, services.accounts, _to(notice, how), _saying(services, notice))
    except NoWay:
        return None
    written = replace(said, due_at=how.due_at, reminder_id=reminder_id)
    speak(visit, notice.whom.business_id, [written])
    return written


def _to(notice: _Notice, how: How) -> Recipient:
    whom = notice.whom
    return Recipient(whom.business_id, whom.phone, whom.language, how.channels, whom.email)


def _saying(services: Services, notice: _Notice) -> Saying:
    def link(language: str) -> str:
        return link_to(services.settings, Link(notice.whom.business_id, notice.invoice_id, language))

    def words(channel: str, language: str) -> str:
        return "\n".join(part.text for part in render(_reply(notice, channel, language), language, channel, _NO_TURN))

    def values(names: list[str], language: str) -> list[str]:
        return values_of(text_of(notice.name, **notice.values, link=link(language)), names, language)

    return Saying(
        kind="notice",
        words=words,
        template=notice.name,
        values=values,
        customer_id=notice.whom.customer_id,
        subject=Text(f"mail.{notice.name}", notice.values),
        document=Document(notice.invoice_id, link),
    )


def _reply(notice: _Notice, channel: str, language: str) -> Reply:
    return reply(*_paragraphs(notice, language)) if channel == EMAIL else reply(_news(notice))


def _paragraphs(notice: _Notice, language: str) -> Iterator[Paragraph]:
    """Yield what a mail says: it has room for a greeting, and for what is attached."""
    yield text("mail.dear", name=Name(notice.whom.name_in(language)))
    yield _news(notice)
    yield text("mail.attached")


def _news(notice: _Notice) -> Text:
    return Text(f"notice.{notice.name}", notice.values)
