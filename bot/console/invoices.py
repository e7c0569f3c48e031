"""Invoices: found by number or by whether they are owed, and each as its document shows it."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import Response
from sqlalchemy import select

from bot.api.customers import show_customer
from bot.api.pages import Order, page
from bot.api.shapes import Money, Shape
from bot.console.readers import PAGE_SIZE, Listing, Reader, argument, which_page
from bot.console.sections import MONEY, Section
from bot.documents.invoice import invoice_pdf
from bot.pages import SAFE
from bot.problems import Problem
from domain import clock
from domain.documents import InvoiceDocument, document_of
from domain.invoices import OPEN_STATUSES, Invoice
from domain.staff import VIEWER

invoices = Section()

_BY_ISSUE: Final = Order((Invoice.issue_date, Invoice.id), ("issue_date", "id"))
_BY_DUE: Final = Order((Invoice.due_date, Invoice.id), ("due_date", "id"))
OWED, OVERDUE = SHOWS = ("owed", "overdue")


class InvoiceShown(Shape):
    """An invoice in a list. `state` is its status, or that it is overdue."""

    id: UUID
    invoice_no: str
    customer_id: UUID
    state: str
    issue_date: date
    due_date: date
    total: Money
    owed: Money


@dataclass(frozen=True, slots=True)
class _Lists:
    """How a list of invoices is found, and in which order it is told."""

    conditions: tuple[Any, ...]
    order: Order


@invoices.page("/invoices", title="console.invoices", template="invoices.html", menu=MONEY, role=VIEWER)
def invoice_list(reader: Reader) -> dict[str, Any]:
    """List invoices, the newest first; or those that are owed or overdue; or the one with a number."""
    number = argument("invoice_no")
    lists = _Lists((Invoice.invoice_no == number,), _BY_ISSUE) if number else _lists(reader, argument("show"))
    return {"found": _listed(reader, lists), "shows": SHOWS}


def invoices_of(reader: Reader, customer_id: UUID, limit: int) -> list[InvoiceShown]:
    """Return the newest invoices of a customer."""
    statement = select(Invoice).where(
        Invoice.business_id == reader.call.business_id, Invoice.customer_id == customer_id
    )
    today = clock.today(reader.business.timezone)
    found = reader.session.scalars(statement.order_by(Invoice.issue_date.desc(), Invoice.id.desc()).limit(limit))
    return [_shown(one, today) for one in found]


def _lists(reader: Reader, show: str | None) -> _Lists:
    if show == OWED:
        return _Lists((Invoice.status.in_(OPEN_STATUSES),), _BY_DUE)
    if show == OVERDUE:
        today = clock.today(reader.business.timezone)
        return _Lists((Invoice.status.in_(OPEN_STATUSES), Invoice.due_date < today), _BY_DUE)
    return _Lists((), _BY_ISSUE)


def _listed(reader: Reader, lists: _Lists) -> Listing[InvoiceShown]:
    statement = select(Invoice).where(Invoice.business_id == reader.call.business_id, *lists.conditions)
    query = which_page(PAGE_SIZE)
    today = clock.today(reader.business.timezone)
    return reader.listed(page(reader.call, statement, lists.order, query, lambda row: _shown(row[0], today)))


def _shown(invoice: Invoice, today: date) -> InvoiceShown:
    is_open = invoice.status in OPEN_STATUSES
    owed = invoice.total_minor - invoice.paid_minor if is_open else 0
    return InvoiceShown(
        id=invoice.id,
        invoice_no=invoice.invoice_no,
        customer_id=invoice.customer_id,
        state="overdue" if is_open and invoice.due_date < today else invoice.status,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        total=Money(minor=invoice.total_minor, currency=invoice.currency),
        owed=Money(minor=owed, currency=invoice.currency),
    )


@invoices.page("/invoices/<uuid:invoice_id>", title="console.invoice", template="invoice.html", role=VIEWER)
def invoice_page(reader: Reader, invoice_id: UUID) -> dict[str, Any]:
    """Show an invoice with its lines."""
    row = _row(reader, invoice_id)
    customer = reader.ask(show_customer, customer_id=row.customer_id)
    shown = _shown(row, clock.today(reader.business.timezone))
    return {"shown": shown, "document": _document(reader, invoice_id), "customer": customer}


@invoices.page("/invoices/<uuid:invoice_id>/pdf", title="console.invoice", template="invoice.html", role=VIEWER)
def invoice_as_pdf(reader: Reader, invoice_id: UUID) -> Response:
    """Give an invoice as the customer gets it, in the reader's language."""
    document = _document(reader, invoice_id)
    answer = Response(invoice_pdf(document, reader.words.language), content_type="application/pdf")
    answer.headers.update({**SAFE, "Content-Disposition": f'inline; filename="invoice-{invoice_id}.pdf"'})
    return answer


def _row(reader: Reader, invoice_id: UUID) -> Invoice:
    statement = select(Invoice).where(Invoice.business_id == reader.call.business_id, Invoice.id == invoice_id)
    found = reader.session.scalars(statement).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no invoice with this id")
    return found


def _document(reader: Reader, invoice_id: UUID) -> InvoiceDocument:
    document = document_of(reader.call.visit(), invoice_id)
    if document is None:
        raise Problem(404, "not_found", "there is no invoice with this id")
    return document
