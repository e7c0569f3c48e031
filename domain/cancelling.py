"""Cancelling an invoice: a credit note over the whole of it, with a number and a reason. A right one is issued anew.

What was paid of it goes into the customer's wallet. If it was a meter's bill, that may be billed anew.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.clock import now, today
from domain.door import Visit
from domain.ids import new_id
from domain.issuing import SOURCE
from domain.ledger.chart import REVENUE, VAT_PAYABLE, house, receivable, wallet
from domain.ledger.entries import Entry, credit, debit, lines_of
from domain.ledger.posting import post
from domain.money import Money
from domain.numbers import take_numbers, written

CANCELLED: Final = "cancelled"
# The states that an invoice may be cancelled from.
_CANCELLED_FROM: Final = ("issued", "part_paid", "paid")


class CannotCancel(LookupError):
    """There is no such invoice, or it was cancelled before."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """That an invoice was cancelled; `refunded` is what went into the wallet."""

    credit_note_id: UUID
    credit_note_no: str
    refunded: Money


_CANCEL: Final = """
    WITH gone AS (
        UPDATE invoice SET status = 'cancelled'
        FROM business WHERE business.id = business_id AND invoice.id = %(invoice_id)s AND status = ANY(%(allowed)s)
        RETURNING invoice.id, business_id, timezone, customer_id, invoice.currency, net_minor, vat_minor, total_minor,
                  paid_minor
    ), freed AS (
        UPDATE billing_item SET state = 'cancelled' FROM gone WHERE invoice_id = gone.id AND state = 'billed'
    )
    SELECT business_id, timezone, customer_id, currency, net_minor, vat_minor, total_minor, paid_minor FROM gone
"""
_NOTE: Final = """
    INSERT INTO credit_note (id, created_at, business_id, invoice_id, credit_note_no, series, number, issue_date,
                             issued_at, currency, net_minor, vat_minor, total_minor, reason)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(invoice_id)s, %(credit_note_no)s, %(series)s, %(number)s, %(day)s,
            %(now)s, %(currency)s, %(net)s, %(vat)s, %(total)s, %(reason)s)
"""


def cancel(visit: Visit, invoice_id: UUID, reason: str, series: str | None = None) -> Cancelled:
    """Cancel an invoice today, numbered in `series` (by default the one of the year). Raises CannotCancel."""
    rows = visit.ask(_CANCEL, {"invoice_id": invoice_id, "allowed": list(_CANCELLED_FROM)})
    if not rows:
        raise CannotCancel(f"invoice {invoice_id} can't be cancelled")
    business_id, timezone, customer_id, currency, *amounts = rows[0]
    net, vat, total, paid = (Money(minor, currency) for minor in amounts)
    day = today(timezone)
    series = series or f"CN-{day.year}"
    (number,) = take_numbers(visit, business_id, series)
    note: dict[str, Any] = {"id": new_id(), "now": now(), "business_id": business_id, "invoice_id": invoice_id}
    note |= {"credit_note_no": written(series, number), "series": series, "number": number, "day": day}
    note |= {"currency": currency, "net": net.minor, "vat": vat.minor, "total": total.minor, "reason": reason}
    visit.ask(_NOTE, note)
    if total.minor:
        post(visit, [_entry((business_id, customer_id, invoice_id), day, (net, vat, total, paid))])
    return Cancelled(note["id"], note["credit_note_no"], paid)


def _entry(whose: tuple[UUID, UUID, UUID], day: date, amounts: tuple[Money, Money, Money, Money]) -> Entry:
    business_id, customer_id, invoice_id = whose
    net, vat, total, paid = amounts
    lines = lines_of(
        debit(house(REVENUE), net),
        debit(house(VAT_PAYABLE), vat),
        credit(receivable(customer_id), Money(total.minor - paid.minor, total.currency)),
        credit(wallet(customer_id), paid),
    )
    return Entry(business_id, day, CANCELLED, SOURCE, invoice_id, lines)
