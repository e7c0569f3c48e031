"""The money of a purchase: taken from the wallet with a tax invoice, and given back, each in one transaction.

Taken: the invoice is issued and paid from the wallet. Given back: it is cancelled by a credit note, whose amount goes
into the wallet again; what went to arrears comes back too.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.cancelling import CannotCancel, cancel
from domain.clock import now, today
from domain.door import Visit
from domain.invoices import OPEN_STATUSES
from domain.issuing import Draft, DraftLine
from domain.ledger.chart import receivable, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.money import Money
from domain.purchases.health import is_down
from domain.purchases.quoting import Asked, Quote, day_of, locked, quoted_again
from domain.purchases.states import FAIL, FROM, OPEN, PAY, REFUND, WAIT, may
from domain.selling import from_wallet, sell
from domain.tariffs import PRICE_STEPS
from domain.vat import category_of
from domain.wallet import hold_wallet

SOURCE: Final = "purchase"
_KWH: Final = "kWh"
# A bill is not paid at once. What it buys by then is reckoned anew when the money comes.
_WAITS: Final = timedelta(days=3)
# What became of an attempt to pay.
TAKEN, EXPIRED, CHANGED, DOWN, TOO_LITTLE, OVER = (
    "paid",
    "expired",
    "changed",
    "vendor_down",
    "wallet_too_little",
    "over",
)

_PAID: Final = """
    UPDATE purchase SET state = 'paid', state_at = %(now)s, paid_at = %(now)s, bought_on = %(day)s, due_at = %(now)s,
                        invoice_id = %(invoice_id)s, arrears_paid = %(arrears)s
    WHERE id = %(id)s AND state = ANY(%(from)s)
"""
_FAILED: Final = """
    UPDATE purchase SET state = 'failed', state_at = %(now)s, detail = %(why)s, tell = %(tell)s
    WHERE id = %(id)s AND state = ANY(%(from)s) RETURNING id
"""
# Its quote had run out before the money came.
_TOO_LATE: Final = """
    UPDATE purchase SET tell = %(tell)s, detail = %(tell)s WHERE id = %(id)s AND state = 'failed' AND detail = 'expired'
"""
_WAITING: Final = """
    UPDATE purchase SET state = 'awaiting_payment', state_at = %(now)s, expires_at = %(until)s
    WHERE id = %(id)s AND state = ANY(%(from)s) AND expires_at > %(now)s RETURNING id
"""
_OVERDUE: Final = """
    SELECT id, total_minor - paid_minor FROM invoice
    WHERE customer_id = %(customer_id)s AND status = ANY(%(open)s) AND due_date < %(day)s
      AND currency = (SELECT currency FROM purchase WHERE id = %(purchase_id)s)
    ORDER BY due_date, id FOR NO KEY UPDATE
"""
# Also backwards, with an amount below zero. What was cancelled meanwhile is left as it is: it gave its money back.
_MOVE: Final = """
    UPDATE invoice SET paid_minor = paid_minor + %(minor)s,
        status = CASE WHEN paid_minor + %(minor)s >= total_minor THEN 'paid'
                      WHEN paid_minor + %(minor)s > 0 THEN 'part_paid' ELSE 'issued' END
    WHERE id = %(invoice_id)s AND status <> 'cancelled' RETURNING id
"""
_TO_REFUND: Final = """
    SELECT business_id, customer_id, invoice_id, arrears_paid, purchase.currency, state,
           business.timezone
    FROM purchase JOIN business ON business.id = business_id WHERE purchase.id = %(id)s FOR UPDATE OF purchase
"""
_REFUNDED: Final = """
    UPDATE purchase SET state = 'refunded', state_at = %(now)s, due_at = NULL, detail = %(why)s
    WHERE id = %(id)s AND state = ANY(%(from)s)
"""


def pay(visit: Visit, purchase_id: UUID) -> str:
    """Take the money of a purchase from the wallet, once, and let it be vended. Returns what became of it.

    `paid` also when it was paid before. Else nothing was taken: `expired` (the quote), `changed` (what it buys),
    `vendor_down`, `wallet_too_little`, `over` (the purchase had ended). Ring for the vending queue after the
    commit.
    """
    asked = locked(visit, purchase_id)
    if asked is None or not may(asked.state, PAY):
        return TAKEN if asked is not None and asked.state in OPEN else OVER
    if asked.expires_at <= now():
        return EXPIRED
    if is_down(visit):
        return DOWN
    _overdue(visit, asked)  # before the wallet, as everybody does who books on both
    quoted = quoted_again(visit, asked)
    if quoted is None:
        return CHANGED
    if hold_wallet(visit, asked.customer_id, quoted.asked.currency).minor < quoted.taken.minor:
        return TOO_LITTLE
    _take(visit, asked, quoted)
    return TAKEN


def money_came(visit: Visit, purchase_id: UUID) -> str:
    """Go on with a purchase whose money has come into the wallet: take it, and let it be vended.

    Where that can't be (see `pay`), the money stays in the wallet, and the customer is told by the vending worker. Safe
    to call twice. Ring for the vending queue after the commit.
    """
    outcome = pay(visit, purchase_id)
    if outcome == OVER:
        visit.ask(_TOO_LATE, {"id": purchase_id, "tell": f"kept_{EXPIRED}"})
    elif outcome != TAKEN:
        fail(visit, purchase_id, f"kept_{outcome}", tell=f"kept_{outcome}")
    return outcome


def await_payment(visit: Visit, purchase_id: UUID) -> bool:
    """Let a purchase wait for money that comes another way, for three days. False when it had ended, or its quote."""
    at = now()
    return bool(visit.ask(_WAITING, {"id": purchase_id, "now": at, "until": at + _WAITS, "from": list(FROM[WAIT])}))


def fail(visit: Visit, purchase_id: UUID, why: str, tell: str | None = None) -> bool:
    """End a purchase for which nothing was taken. `tell` is what the customer is still to be told."""
    values = {"id": purchase_id, "now": now(), "why": why, "tell": tell, "from": list(FROM[FAIL])}
    return bool(visit.ask(_FAILED, values))


def refund(visit: Visit, purchase_id: UUID, why: str) -> Money | None:
    """Give the money of a purchase back into the wallet, once, and return it; None where that can't be any more.

    Only when it is certain that nothing was issued, nor will be.
    """
    rows = visit.ask(_TO_REFUND, {"id": purchase_id})
    if not rows or rows[0][5] not in FROM[REFUND]:
        return None
    business_id, customer_id, invoice_id, arrears_paid, currency, _, timezone = rows[0]
    back = _cancelled(visit, invoice_id, why, currency)
    undone = [
        minor for known, minor in arrears_paid if visit.ask(_MOVE, {"invoice_id": known, "minor": -minor})
    ]  # fmt: skip
    if undone:
        amount = Money(sum(undone), currency)
        lines = (debit(receivable(customer_id), amount), credit(wallet(customer_id), amount))
        post(visit, [Entry(business_id, today(timezone), "arrears_back", SOURCE, purchase_id, lines)])
        back += amount
    visit.ask(_REFUNDED, {"id": purchase_id, "now": now(), "why": why, "from": list(FROM[REFUND])})
    return back


def _cancelled(visit: Visit, invoice_id: UUID, why: str, currency: str) -> Money:
    """Cancel the invoice, and return what went into the wallet; nothing when staff did that before."""
    try:
        return cancel(visit, invoice_id, why).refunded
    except CannotCancel:
        return Money(0, currency)


def _take(visit: Visit, asked: Asked, quoted: Quote) -> None:
    day = day_of(asked)
    source = (SOURCE, asked.purchase_id)
    issued = sell(visit, asked.business_id, _draft(asked, quoted, day), day, source)
    spread: list[tuple[str, int]] = []
    if quoted.arrears.minor:
        spread = _pay_arrears(visit, asked, quoted.arrears)
        post(visit, [from_wallet(asked.business_id, asked.customer_id, day, "arrears", quoted.arrears, source)])
    values = {"id": asked.purchase_id, "now": now(), "day": day, "invoice_id": issued.invoice_id}
    visit.ask(_PAID, {**values, "arrears": Jsonb(spread), "from": list(FROM[PAY])})


def _pay_arrears(visit: Visit, asked: Asked, amount: Money) -> list[tuple[str, int]]:
    """Pay what is overdue, the oldest first, and return how much of each invoice."""
    left, spread = amount.minor, []
    for invoice_id, owed in _overdue(visit, asked):
        part = min(left, owed)
        if part:
            visit.ask(_MOVE, {"invoice_id": invoice_id, "minor": part})
            spread.append((str(invoice_id), part))
            left -= part
    return spread


def _overdue(visit: Visit, asked: Asked) -> list[tuple[UUID, int]]:
    """Return what is overdue, held until the transaction ends, the oldest first."""
    values = {"customer_id": asked.customer_id, "open": list(OPEN_STATUSES), "day": day_of(asked)}
    return [(one, owed) for one, owed in visit.ask(_OVERDUE, {**values, "purchase_id": asked.purchase_id})]


def _draft(asked: Asked, quoted: Quote, day: date) -> Draft:
    words = asked.words
    lines = [
        _line(quoted, words.energy, rated.net_minor, Decimal(rated.units).scaleb(-1), _price(rated.price))
        for rated in quoted.lines
    ]
    if quoted.fee.minor:
        lines.append(_line(quoted, words.fee, quoted.fee.minor))
    if quoted.rest_minor:
        lines.append(_line(quoted, words.rest, quoted.rest_minor))
    return Draft(quoted.customer_id, day, *words.head, tuple(lines))


def _line(
    quoted: Quote, words: tuple[str, str], net: int, quantity: Decimal | None = None, price: Decimal | None = None
) -> DraftLine:
    rate, unit = quoted.vat_rate, _KWH if quantity is not None else None
    return DraftLine(*words, net, category_of(rate), rate, quoted.meter_no, quantity, unit, price)


def _price(steps: int) -> Decimal:
    return Decimal(steps) / PRICE_STEPS
