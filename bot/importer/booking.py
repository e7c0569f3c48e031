"""What a folder means for the ledger: opening balances, what is owed on invoices, and what was paid elsewhere since.

An opening balance is booked once, as money that was there before the book began; so is what is still owed on an
imported invoice. Where a later folder knows of more that was paid, the difference is booked as paid elsewhere.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.importer.files import CUSTOMERS, INVOICES
from bot.importer.staging import staged
from domain.clock import now, today
from domain.ids import ROW_ID, row_stamp

_BOOKING: Final = """
CREATE TEMP TABLE booking (
    source_type text, source_id uuid, kind text, customer_id uuid, debit text, credit text, amount_minor bigint
) ON COMMIT DROP
"""
# Comes before the invoices are taken in, while it is known what was paid of them. Rows stay locked until the commit, so
# nothing is paid here meanwhile.
_PAID_ELSEWHERE: Final = f"""
INSERT INTO booking
SELECT 'invoice', invoice.id, 'paid_elsewhere ' || CAST(:now AS timestamptz), customer_id, 'elsewhere', 'receivable',
       staged.paid - paid_minor
FROM {staged(INVOICES)} AS staged JOIN invoice USING (invoice_no)
WHERE staged.paid > paid_minor AND status <> 'cancelled'
  AND EXISTS (SELECT FROM journal_entry AS entry WHERE entry.business_id = invoice.business_id
              AND source_type = 'invoice' AND source_id = invoice.id AND entry.kind IN ('opening', 'issued'))
FOR UPDATE OF invoice
"""  # noqa: S608  names of our own
_OPENING_BALANCES: Final = f"""
INSERT INTO booking
SELECT 'customer', customer.id, 'opening', customer.id, 'opening', 'wallet', opening_balance_minor
FROM {staged(CUSTOMERS)} AS staged JOIN customer USING (account_no)
WHERE opening_balance_minor > 0
  AND NOT EXISTS (SELECT FROM journal_entry AS entry WHERE entry.business_id = customer.business_id
                  AND source_type = 'customer' AND source_id = customer.id AND kind = 'opening')
"""  # noqa: S608  names of our own
_OWED: Final = f"""
INSERT INTO booking
SELECT 'invoice', invoice.id, 'opening', customer_id, 'receivable', 'opening', total_minor - paid_minor
FROM {staged(INVOICES)} AS staged JOIN invoice USING (invoice_no)
WHERE status IN ('issued', 'part_paid')
  AND NOT EXISTS (SELECT FROM journal_entry AS entry WHERE entry.business_id = invoice.business_id
                  AND source_type = 'invoice' AND source_id = invoice.id AND entry.kind IN ('opening', 'issued'))
"""  # noqa: S608  names of our own
# Each booking with its number, its entry's id, and the business's or the customer's account on either side.
_NUMBERED: Final = f"""
CREATE TEMP TABLE numbered_booking ON COMMIT DROP AS
SELECT {ROW_ID} AS entry_id, numbered.* FROM (
    SELECT booking.*, row_number() OVER (ORDER BY source_type, source_id) AS n FROM booking) AS numbered
"""  # noqa: S608  an expression of our own
_SIDES: Final = """
    FROM numbered_booking CROSS JOIN LATERAL (VALUES (1, debit, amount_minor), (2, credit, -amount_minor))
        AS side (line_no, account, minor)
    CROSS JOIN LATERAL (SELECT CASE WHEN account IN ('wallet', 'receivable') THEN customer_id END) AS whose (customer)
"""
_ACCOUNTS: Final = f"""
INSERT INTO ledger_account (id, created_at, business_id, kind, currency, customer_id, holder_id, balance_minor)
SELECT {ROW_ID}, :now, :business_id, account, :currency, customer, COALESCE(customer, :business_id),
       CASE account WHEN 'wallet' THEN 0 END
FROM (SELECT account, customer, row_number() OVER (ORDER BY account, customer) AS n
      FROM (SELECT DISTINCT account, customer {_SIDES}) AS wanted) AS fresh
ORDER BY n
ON CONFLICT (holder_id, kind, currency) DO NOTHING
"""  # noqa: S608  an expression of our own
_ENTRIES: Final = """
INSERT INTO journal_entry (id, created_at, business_id, day, kind, source_type, source_id, lines)
SELECT entry_id, :now, :business_id, :day, kind, source_type, source_id, 2 FROM numbered_booking ORDER BY n
"""
_LINES: Final = f"""
INSERT INTO journal_line (entry_id, n, lines, created_at, business_id, account_id, currency, amount_minor)
SELECT entry_id, line_no, 2, :now, :business_id, ledger_account.id, :currency, minor
FROM (SELECT numbered_booking.n, entry_id, line_no, account, customer, minor {_SIDES}) AS line
JOIN ledger_account ON holder_id = COALESCE(customer, :business_id) AND kind = account AND currency = :currency
ORDER BY line.n, line_no
"""  # noqa: S608  an expression of our own


def note_payments(session: Session, header: list[str]) -> None:
    """Note which known invoices a file knows more payments of. Comes before they are taken in."""
    session.execute(text(_BOOKING))
    if "paid" in header:
        session.execute(text(_PAID_ELSEWHERE), {"now": now()})


def book(session: Session, present: dict[str, list[str]], business_id: UUID, currency: str, timezone: str) -> None:
    """Book what the staged files mean for the ledger. Comes after everything is taken in."""
    for file, statement in ((CUSTOMERS, _OPENING_BALANCES), (INVOICES, _OWED)):
        if file.name in present:
            session.execute(text(statement))
    values = {"now": now(), "business_id": business_id, "currency": currency, "day": today(timezone)}
    number = session.execute(text(_NUMBERED), {"stamp": row_stamp()}).rowcount  # type: ignore[attr-defined]
    if not number:
        return
    session.execute(text("ANALYZE numbered_booking"))
    session.execute(text(_ACCOUNTS), {**values, "stamp": row_stamp()})
    session.execute(text(_ENTRIES), values)
    session.execute(text(_LINES), values)
