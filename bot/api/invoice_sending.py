"""Invoices as their customers get them: as PDF, sent, and reminded of."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal
from uuid import UUID

from flask import Response

from bot.api.calls import Call
from bot.api.messages import Status
from bot.api.routes import Resource
from bot.api.shapes import Shape
from bot.documents.files import drawn
from bot.invoices import pdf
from bot.jobs.queues import queue_of
from bot.notices import How, NoSuchInvoice, Reminding, invoice_issued, invoice_reminder
from bot.problems import Problem
from bot.services import Services
from domain.billed import billed_invoice
from domain.documents import document_of
from domain.door import Visit
from domain.dunning.reminding import ask_for_reminder, note_told
from domain.dunning.stopping import what_stops
from domain.speaking import Letter
from domain.staff import AGENT, VIEWER
from domain.ways import BEST_FIRST

invoices = Resource("invoices", "Invoices: as PDF, sent to their customers, and reminded of.")

_AUTO: Final = "auto"
_NOT_NOW: Final = {
    409: "It was cancelled, nothing is owed of it, it is disputed, or paid in instalments: `code` says which.",
    422: "The customer can't be reached that way.",
}


class InLanguage(Shape):
    """In which language; the customer's, if nothing is said."""

    language: Literal["ar", "en"] | None = None


class HowToSend(Shape):
    """Over which channel. Auto takes WhatsApp where that is possible now, else SMS, else e-mail."""

    channel: Literal["auto", "whatsapp", "sms", "email"] = "auto"


class LetterTaken(Shape):
    """A message that was taken on: it is sent by itself, or skipped, and then `reason` says why."""

    id: UUID
    status: Status
    channel: Literal["whatsapp", "sms", "email"]
    reason: str | None


@invoices.get("/invoices/<uuid:invoice_id>/pdf", role=VIEWER, query=InLanguage, answer=None, also="application/pdf")
def show_invoice_pdf(call: Call, invoice_id: UUID, query: InLanguage) -> Response:
    """Answer an invoice as PDF."""
    with _found():
        invoice = billed_invoice(call.visit(), invoice_id)
        document = document_of(call.visit(), invoice_id)
        if invoice is None or document is None:
            raise NoSuchInvoice
    language = query.language or invoice.whom.language
    return pdf(drawn(document, language), language)


@invoices.post(
    "/invoices/<uuid:invoice_id>/send", role=AGENT, body=HowToSend, answer=LetterTaken, status=202, problems=_NOT_NOW
)
def send_invoice(call: Call, invoice_id: UUID, body: HowToSend) -> LetterTaken:
    """Send an invoice to its customer, with its PDF."""
    with _found():
        _refuse_cancelled(call, invoice_id)
        return _taken(call, "invoice.sent", invoice_id, invoice_issued(*_whereto(call, invoice_id, body)))


@invoices.post(
    "/invoices/<uuid:invoice_id>/remind", role=AGENT, body=HowToSend, answer=LetterTaken, status=202, problems=_NOT_NOW
)
def remind_of_invoice(call: Call, invoice_id: UUID, body: HowToSend) -> LetterTaken:
    """Remind a customer of what is still owed of an invoice. Should it be settled before it is sent, it is skipped."""
    with _found():
        _refuse_cancelled(call, invoice_id)
        visit, services, _, how = _whereto(call, invoice_id, body)
        written = invoice_reminder(visit, services, _asked(visit, invoice_id), how)
        if written is not None and written.reminder_id is not None:
            note_told(visit, {written.reminder_id: written.message_id})
        return _taken(call, "invoice.reminded", invoice_id, written)


_STOPPED: Final = {
    "paid": ("nothing_owed", "nothing is owed of this invoice"),
    "disputed": ("disputed", "the customer says that this invoice is wrong"),
    "instalments": ("instalments", "this invoice is being paid in instalments"),
}


def _asked(visit: Visit, invoice_id: UUID) -> Reminding:
    """Write the reminder down: what stops it is asked again when it is about to be sent. Raises Problem."""
    reminder_id = ask_for_reminder(visit, invoice_id)
    if reminder_id is None:
        stopped = what_stops(visit, invoice_id)
        if stopped is None:
            raise NoSuchInvoice
        raise Problem(409, *_STOPPED[stopped])
    return Reminding(reminder_id, invoice_id)


@contextmanager
def _found() -> Iterator[None]:
    try:
        yield
    except NoSuchInvoice:
        raise Problem(404, "not_found", "there is no invoice with this id") from None


def _refuse_cancelled(call: Call, invoice_id: UUID) -> None:
    invoice = billed_invoice(call.visit(), invoice_id)
    if invoice is not None and invoice.status == "cancelled":
        raise Problem(409, "invoice_cancelled", "this invoice was cancelled")


def _whereto(call: Call, invoice_id: UUID, body: HowToSend) -> tuple[Visit, Services, UUID, How]:
    how = How(BEST_FIRST if body.channel == _AUTO else (body.channel,))
    return call.visit(), call.services, invoice_id, how


def _taken(call: Call, action: str, invoice_id: UUID, written: Letter | None) -> LetterTaken:
    if written is None:
        raise Problem(422, "no_sender", "there is no way to this customer")
    facts = {"address": written.address, "channel": written.channel, "status": written.status}
    call.record(action, ("invoice", invoice_id), None, {**facts, "message_id": written.message_id})
    call.after_commit(lambda: call.services.bell.ring(queue_of(written.kind, written.channel)))
    return LetterTaken.model_validate(
        {"id": written.message_id, "status": written.status, "channel": written.channel, "reason": written.reason}
    )
