"""Settling: money that came is booked, on the invoices that it is for as far as they are owed, else in the wallet.

Everything is one transaction: the entry, the invoices, the payment's state, and whoever else must know.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.clock import now, today
from domain.door import Visit
from domain.invoices import OPEN_STATUSES, status_of
from domain.ledger import chart
from domain.ledger.chart import house, receivable, wallet
from domain.ledger.entries import Entry, Line, credit, debit, lines_of
from domain.ledger.posting import post
from domain.money import Money
from domain.payments.hooks import SETTLED as HOOKS
from domain.payments.reading import COLUMNS, NoSuchPayment, Payment, read_row
from domain.payments.states import SETTLE, sources_of, state_after
from domain.payments.tables import AT_GATEWAY, CASH, INVOICE, SURPLUS, TRANSFER, WALLET

SOURCE: Final = "payment"
SETTLED: Final = "settled"
_LOOK_AGAIN: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Applied:
    """How much of a payment one invoice got."""

    invoice_id: UUID
    invoice_no: str
    minor: int
    owed_minor: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of money: which invoices got how much of it, and what went into the wallet."""

    payment: Payment
    applied: tuple[Applied, ...]
    to_wallet: Money


# The invoices are locked in one order; the wallet comes after them, here and wherever both are booked on.
_PARTS: Final = """
    SELECT invoice.id, invoice_no, invoice.status, total_minor, paid_minor, asked_minor, n
    FROM payment_part JOIN invoice ON invoice.id = invoice_id
    WHERE payment_id = %(payment_id)s ORDER BY invoice.id FOR NO KEY UPDATE OF invoice
"""
_HOLD: Final = f"""
    SELECT timezone, {COLUMNS} FROM payment JOIN business ON business.id = payment.business_id
    WHERE payment.id = %(payment_id)s FOR NO KEY UPDATE OF payment
"""  # noqa: S608  columns of our own
# Arrays that are asked for are not counted when it is planned: so one plan serves every payment.
_BOOK: Final = """
    WITH applied AS (
        SELECT * FROM ROWS FROM (unnest((SELECT %(invoices)s::uuid[])), unnest((SELECT %(minors)s::bigint[])),
                                 unnest((SELECT %(statuses)s::text[]))) AS one (invoice_id, minor, status)
    ), part AS (
        UPDATE payment_part SET booked_minor = applied.minor FROM applied
        WHERE payment_id = %(payment_id)s AND payment_part.invoice_id = applied.invoice_id
    ), owed AS (
        UPDATE invoice SET paid_minor = paid_minor + applied.minor, status = applied.status
        FROM applied WHERE id = applied.invoice_id
    )
    UPDATE payment SET status = %(to)s, status_at = %(now)s, settled_at = %(now)s, to_wallet_minor = %(rest)s,
           astray = %(astray)s, ask_at = %(ask_at)s, asks = 0
    WHERE id = %(payment_id)s AND status = ANY(%(sources)s)
"""


def settle(visit: Visit, payment_id: UUID) -> Settlement | None:
    """Book what came with a payment; None where it is not paid, or somebody else has booked it.

    Two that settle at once come one after the other, and the second does nothing. Raises NoSuchPayment.
    """
    rows = visit.ask(_HOLD, {"payment_id": payment_id})
    if not rows:
        raise NoSuchPayment(f"there is no payment {payment_id}")
    payment = read_row(rows[0][1:])
    if payment.status not in sources_of(SETTLE) or payment.received is None:
        return None
    applied = _applied(visit, payment, payment.received)
    rest = Money(payment.received.minor - sum(one.minor for one in applied), payment.received.currency)
    post(visit, [_entry(payment, today(rows[0][0]), applied, rest)])
    settled = _book(visit, payment, applied, rest)
    HOOKS[payment.purpose](visit, settled)
    return Settlement(settled, tuple(applied), rest)


def _ask_at(payment: Payment) -> datetime | None:
    """Return when to look whether more money comes the same way; never, where there is no gateway."""
    return now() + _LOOK_AGAIN if payment.method in AT_GATEWAY else None


def _applied(visit: Visit, payment: Payment, received: Money) -> list[Applied]:
    """Return what the invoices get, in the order in which they were to be paid."""
    if payment.purpose != INVOICE:
        return []
    left, applied = received.minor, []
    rows = visit.ask(_PARTS, {"payment_id": payment.id})
    for invoice_id, invoice_no, status, total, paid, asked, _ in sorted(rows, key=lambda row: row[-1]):
        open_minor = total - paid if status in OPEN_STATUSES and payment.astray is None else 0
        minor = min(asked, open_minor, left)
        left -= minor
        if minor:
            applied.append(Applied(invoice_id, invoice_no, minor, total - paid - minor))
    return applied


def _book(visit: Visit, payment: Payment, applied: Sequence[Applied], rest: Money) -> Payment:
    """Write down what the invoices got, and that the payment is settled. Returns it as it is then."""
    at = now()
    astray = payment.astray or (SURPLUS if rest.minor and payment.purpose == INVOICE else None)
    facts: dict[str, Any] = {"payment_id": payment.id, "invoices": [one.invoice_id for one in applied]}
    facts |= {"minors": [one.minor for one in applied], "to": state_after(SETTLE), "sources": sources_of(SETTLE)}
    facts |= {"statuses": [status_of(one.owed_minor + one.minor, one.minor) for one in applied]}
    ask_at = _ask_at(payment)
    visit.ask(_BOOK, {**facts, "now": at, "rest": rest.minor, "astray": astray, "ask_at": ask_at})
    return replace(
        payment, status=state_after(SETTLE), status_at=at, to_wallet=rest, astray=astray, ask_at=ask_at, asks=0
    )  # fmt: skip


def _entry(payment: Payment, day: date, applied: Sequence[Applied], rest: Money) -> Entry:
    paid = Money(sum(one.minor for one in applied), rest.currency)
    lines = lines_of(
        _from(payment),
        credit(receivable(payment.customer_id), paid),
        credit(wallet(payment.customer_id), rest),
    )
    return Entry(payment.business_id, day, SETTLED, SOURCE, payment.id, lines)


def _from(payment: Payment) -> Line:
    """Return where the money is: at the gateway, in hand or at the bank, or in the wallet until now."""
    came = payment.received or payment.amount
    if payment.method in AT_GATEWAY:
        return debit(house(chart.GATEWAY_CLEARING), came)
    if payment.method == WALLET:
        return debit(wallet(payment.customer_id), came)
    if payment.method in {CASH, TRANSFER}:
        return debit(house(chart.CASH), came)
    raise ValueError(payment.method)
