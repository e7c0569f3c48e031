"""Invoices: found by number or by whether they are owed, and each as its document shows it."""

from typing import Any, Final
from uuid import UUID

from flask import Response

from bot.api.customers import show_customer
from bot.api.invoices import InvoiceShown, list_invoices, show_invoice
from bot.api.payments import record_payment
from bot.console.readers import Reader, argument
from bot.console.sections import MONEY, Section
from bot.documents.invoice import invoice_pdf
from bot.pages import SAFE
from bot.problems import Problem
from domain.documents import InvoiceDocument, document_of
from domain.staff import VIEWER

invoices = Section()

OWED, OVERDUE = SHOWS = ("owed", "overdue")
_ONE: Final = "/invoices/<uuid:invoice_id>"


@invoices.page("/invoices", title="console.invoices", template="invoices.html", menu=MONEY, role=VIEWER)
def invoice_list(reader: Reader) -> dict[str, Any]:
    """List invoices, the newest first; or those that are owed or overdue; or the one with a number."""
    number, show = argument("invoice_no"), argument("show")
    asked: dict[str, Any] = {"invoice_no": number} if number else {show: True} if show in SHOWS else {}
    return {"found": reader.listing(list_invoices, asked), "shows": SHOWS}


def invoices_of(reader: Reader, customer_id: UUID, limit: int) -> list[InvoiceShown]:
    """Return the newest invoices of a customer."""
    return list(reader.listing(list_invoices, {"customer_id": customer_id, "limit": limit}).items)


@invoices.page(_ONE, title="console.invoice", template="invoice.html", role=VIEWER)
def invoice_page(reader: Reader, invoice_id: UUID) -> dict[str, Any]:
    """Show an invoice with its lines."""
    shown = reader.ask(show_invoice, invoice_id=invoice_id)
    customer = reader.ask(show_customer, customer_id=shown.customer_id)
    document = _document(reader, invoice_id)
    may_take = document.owed.minor > 0 and shown.status != "cancelled" and reader.may(record_payment)
    return {"shown": shown, "document": document, "customer": customer, "may_take": may_take}


@invoices.page(f"{_ONE}/pdf", title="console.invoice", template="invoice.html", role=VIEWER)
def invoice_as_pdf(reader: Reader, invoice_id: UUID) -> Response:
    """Give an invoice as the customer gets it, in the reader's language."""
    document = _document(reader, invoice_id)
    answer = Response(invoice_pdf(document, reader.words.language), content_type="application/pdf")
    answer.headers.update({**SAFE, "Content-Disposition": f'inline; filename="invoice-{invoice_id}.pdf"'})
    return answer


def _document(reader: Reader, invoice_id: UUID) -> InvoiceDocument:
    document = document_of(reader.call.visit(), invoice_id)
    if document is None:
        raise Problem(404, "not_found", "there is no invoice with this id")
    return document
