"""What a notice about an invoice or a payment says, and to whom: the customer as they are on file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain import clock
from domain.door import Visit
from domain.money import Money


@dataclass(frozen=True, slots=True)
class Billed:
    """A customer: where they are reached, and in which language (the business's where none is known)."""

    business_id: UUID
    customer_id: UUID
    name: str
    name_ar: str | None
    phone: str | None
    email: str | None
    language: str
    timezone: str

    def name_in(self, language: str) -> str:
        """Return their name in `language`, or as it is known."""
        return (self.name_ar or self.name) if language == "ar" else self.name


@dataclass(frozen=True, slots=True)
class BilledInvoice:
    """An invoice, and whose it is. `owed` is nothing where it was cancelled."""

    invoice_id: UUID
    invoice_no: str
    status: str
    due_date: date
    total: Money
    owed: Money
    whom: Billed

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been paid before today, as the business has it."""
        return self.owed.minor > 0 and self.due_date < clock.today(self.whom.timezone)


_WHOM: Final = """
    customer.business_id, customer.id, customer.name, customer.name_ar, customer.phone, customer.email,
    COALESCE(customer.language, business.language), business.timezone
"""
_INVOICE: Final = f"""
    SELECT invoice.id, invoice_no, status, due_date, invoice.currency, total_minor,
           CASE status WHEN 'cancelled' THEN 0 ELSE total_minor - paid_minor END, {_WHOM}
    FROM invoice JOIN customer ON customer.id = customer_id JOIN business ON business.id = customer.business_id
    WHERE invoice.id = ANY(%(invoices)s)
"""  # noqa: S608  columns of our own


def billed_invoice(visit: Visit, invoice_id: UUID) -> BilledInvoice | None:
    """Return an invoice and whose it is; None where there is none."""
    return next(iter(billed_invoices(visit, [invoice_id])), None)


def billed_invoices(visit: Visit, invoices: Sequence[UUID]) -> list[BilledInvoice]:
    """Return invoices and whose they are, in any order."""
    return [_billed(*row) for row in visit.ask(_INVOICE, {"invoices": list(invoices)})]


def _billed(found_id: UUID, invoice_no: str, status: str, due_date: date, *more: Any) -> BilledInvoice:
    currency, total, owed, *whom = more
    return BilledInvoice(
        found_id, invoice_no, status, due_date, Money(total, currency), Money(owed, currency), Billed(*whom)
    )
