"""Selling something at once: its tax invoice is issued and paid from the wallet, in one transaction."""

from datetime import date
from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.issuing import Draft, Issued, issue
from domain.ledger.chart import receivable, wallet
from domain.ledger.entries import Entry, credit, debit, lines_of
from domain.ledger.posting import post
from domain.money import Money

PAID: Final = "paid"
_SETTLE: Final = "UPDATE invoice SET paid_minor = total_minor, status = 'paid' WHERE id = %(invoice_id)s"


def sell(visit: Visit, business_id: UUID, draft: Draft, day: date, source: tuple[str, UUID] | None = None) -> Issued:
    """Issue `draft` and take its total from the customer's wallet on `day`; `source` is what was sold, once.

    Whoever calls holds the wallet (`hold_wallet`) and has seen that it covers the total: the database refuses
    otherwise (CheckViolation). Raises NoSuchCustomer, VatError.
    """
    (issued,) = issue(visit, business_id, [draft])
    visit.ask(_SETTLE, {"invoice_id": issued.invoice_id})
    if issued.total.minor:
        sold = source or ("invoice", issued.invoice_id)
        post(visit, [from_wallet(business_id, draft.customer_id, day, PAID, issued.total, sold)])
    return issued


def from_wallet(
    business_id: UUID, customer_id: UUID, day: date, kind: str, amount: Money, source: tuple[str, UUID]
) -> Entry:
    """Return the entry that pays what is owed from the wallet."""
    lines = lines_of(debit(wallet(customer_id), amount), credit(receivable(customer_id), amount))
    return Entry(business_id, day, kind, *source, lines)
