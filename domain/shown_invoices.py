"""A customer's invoices, as they are shown to them: what is open first, then what is paid."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.door import Visit
from domain.invoices import OPEN_STATUSES
from domain.money import Money


@dataclass(frozen=True, slots=True)
class ShownInvoice:
    """One invoice. What is not owed any more is paid."""

    invoice_id: UUID
    invoice_no: str
    issue_date: date
    due_date: date
    net: Money
    vat: Money
    total: Money
    paid: Money
    description_en: str | None
    description_ar: str | None

    @property
    def owed(self) -> Money:
        """What is still to be paid of it."""
        return Money(self.total.minor - self.paid.minor, self.total.currency)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be paid."""
        return self.owed.minor > 0

    def is_overdue(self, today: date) -> bool:
        """Tell whether it should have been paid before `today`, a date in the business's time zone."""
        return self.is_open and self.due_date < today

    def description_in(self, language: str) -> str | None:
        """Return what it is for in `language`, or as it is known."""
        first, second = self.description_en, self.description_ar
        return (second or first) if language == "ar" else (first or second)


_COLUMNS: Final = """
    SELECT id, invoice_no, issue_date, due_date, currency, net_minor, vat_minor, total_minor, paid_minor,
           description_en, description_ar
    FROM invoice WHERE customer_id = %(customer_id)s AND status <> 'cancelled'
"""
# The open ones by their due date, the one that is due first at the head; then the others, the newest first.
_ALL: Final = f"""{_COLUMNS}
    ORDER BY status = ANY(%(open)s) DESC, CASE WHEN status = ANY(%(open)s) THEN due_date END,
             issue_date DESC, invoice_no DESC
    LIMIT %(limit)s
"""
_OPEN: Final = f"{_COLUMNS} AND status = ANY(%(open)s) ORDER BY due_date, invoice_no LIMIT %(limit)s"
_ONE: Final = f"{_COLUMNS} AND invoice_no = %(invoice_no)s"


def invoices_of(visit: Visit, customer_id: UUID, limit: int) -> list[ShownInvoice]:
    """Return up to `limit` invoices of a customer, in the order in which they are shown. Cancelled ones are not."""
    values = {"customer_id": customer_id, "open": list(OPEN_STATUSES), "limit": limit}
    return [_shown(row) for row in visit.ask(_ALL, values)]


def open_invoices_of(visit: Visit, customer_id: UUID, limit: int) -> list[ShownInvoice]:
    """Return up to `limit` invoices of which something is owed, what is due first at the head."""
    values = {"customer_id": customer_id, "open": list(OPEN_STATUSES), "limit": limit}
    return [_shown(row) for row in visit.ask(_OPEN, values)]


def invoice_of(visit: Visit, customer_id: UUID, invoice_no: str) -> ShownInvoice | None:
    """Return one invoice of a customer; None when there is none, or it was cancelled."""
    rows = visit.ask(_ONE, {"customer_id": customer_id, "invoice_no": invoice_no})
    return _shown(rows[0]) if rows else None


def _shown(row: tuple[Any, ...]) -> ShownInvoice:
    invoice_id, invoice_no, issue_date, due_date, currency, *amounts, description_en, description_ar = row
    net, vat, total, paid = (Money(minor, currency) for minor in amounts)
    dates = issue_date, due_date
    return ShownInvoice(invoice_id, invoice_no, *dates, net, vat, total, paid, description_en, description_ar)
