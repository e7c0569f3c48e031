"""Invoices: found by number, by customer, or by whether they are owed; each as it stands today."""

from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.invoice_sending import invoices
from bot.api.pages import Order, page
from bot.api.shapes import Money, Page, PageQuery, Shape
from bot.problems import Problem
from domain.businesses import Business
from domain.clock import today
from domain.invoices import OPEN_STATUSES, Invoice
from domain.staff import VIEWER

__all__ = ["invoices"]  # with this file's routes among them

Status = Literal["issued", "part_paid", "paid", "cancelled"]
_BY_ISSUE: Final = Order((Invoice.issue_date, Invoice.id), ("issue_date", "id"))
_BY_DUE: Final = Order((Invoice.due_date, Invoice.id), ("due_date", "id"))


class InvoiceShown(Shape):
    """An invoice. `owed` is what is still to be paid of it; `overdue`: it should have been paid before today."""

    id: UUID
    invoice_no: str
    customer_id: UUID
    status: Status
    overdue: bool
    issue_date: date
    due_date: date
    net: Money
    vat: Money
    total: Money
    paid: Money
    owed: Money


class InvoiceQuery(PageQuery):
    """Which invoices: all that is given must hold. Those that are owed come by due date, others by date of issue."""

    invoice_no: str | None = Field(None, max_length=100)
    customer_id: UUID | None = None
    status: Status | None = None
    owed: bool | None = Field(None, description="Whether anything is still to be paid.")
    overdue: bool | None = Field(None, description="Whether it should have been paid before today.")


@invoices.get("/invoices", role=VIEWER, query=InvoiceQuery, answer=Page[InvoiceShown])
def list_invoices(call: Call, query: InvoiceQuery) -> Page[InvoiceShown]:
    """List invoices, the newest first; of what is owed, what is due last first."""
    day = _today(call)
    statement = select(Invoice).where(Invoice.business_id == call.business_id, *_conditions(query, day))
    order = _BY_DUE if query.owed or query.overdue else _BY_ISSUE
    return page(call, statement, order, query, lambda row: _shown(row[0], day))


@invoices.get("/invoices/<uuid:invoice_id>", role=VIEWER, answer=InvoiceShown)
def show_invoice(call: Call, invoice_id: UUID) -> InvoiceShown:
    """Show an invoice."""
    statement = select(Invoice).where(Invoice.business_id == call.business_id, Invoice.id == invoice_id)
    found = call.session.scalars(statement).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no invoice with this id")
    return _shown(found, _today(call))


def _today(call: Call) -> date:
    return today(call.session.get_one(Business, call.business_id).timezone)


def _conditions(query: InvoiceQuery, day: date) -> list[Any]:
    names = ("invoice_no", "customer_id", "status")
    found: list[Any] = [
        getattr(Invoice, name) == value for name in names if (value := getattr(query, name)) is not None
    ]
    is_open = Invoice.status.in_(OPEN_STATUSES)
    if query.owed is not None:
        found.append(is_open if query.owed else ~is_open)
    if query.overdue is not None:
        late = is_open & (Invoice.due_date < day)
        found += [is_open, Invoice.due_date < day] if query.overdue else [~late]
    return found


def _shown(row: Invoice, day: date) -> InvoiceShown:
    is_open = row.status in OPEN_STATUSES
    same = ("id", "invoice_no", "customer_id", "status", "issue_date", "due_date")
    facts: dict[str, Any] = {name: getattr(row, name) for name in same}
    for name in ("net", "vat", "total", "paid"):
        facts[name] = Money(minor=getattr(row, f"{name}_minor"), currency=row.currency)
    owed = row.total_minor - row.paid_minor if is_open else 0
    overdue = is_open and row.due_date < day
    return InvoiceShown(**facts, owed=Money(minor=owed, currency=row.currency), overdue=overdue)
