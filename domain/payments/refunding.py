"""Giving money back: into the wallet at once, or at the gateway, which is asked after the books say so.

The books are moved first: what is on its way back can't be spent meanwhile. Should the gateway refuse, the money goes
into the wallet, and staff are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.clock import now, today
from domain.door import Visit
from domain.ids import new_id
from domain.invoices import status_of
from domain.ledger.chart import GATEWAY_CLEARING, house, receivable, wallet
from domain.ledger.entries import Entry, credit, debit, lines_of
from domain.ledger.posting import post
from domain.money import Money
from domain.payments.asking import SETTLING
from domain.payments.moving import move
from domain.payments.reading import NoSuchPayment, Payment, hold_payment
from domain.payments.spending import TooLittle
from domain.payments.states import REFUND, IllegalTransition, may
from domain.payments.tables import ASKED, DONE, FAILED, IN_DOUBT, LINK, TO_GATEWAY, TO_WALLET
from domain.wallet import hold_wallet

SOURCE: Final = "refund"
REFUNDED: Final = "refunded"
REFUSED: Final = "refused"
_LEASE: Final = timedelta(minutes=2)


class CannotRefund(Exception):
    """Nothing can be given back this way; `code` says why."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back. `before_minor` is what the gateway had given back of the payment before ours."""

    id: UUID
    business_id: UUID
    payment_id: UUID
    customer_id: UUID
    conversation_id: UUID | None
    gateway_payment_id: str | None
    is_live: bool | None
    way: str
    status: str
    before_minor: int | None
    tried_at: datetime | None
    asks: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it is given back, and who of staff says so; nobody where a machine does."""

    words: str
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    invoice_id: UUID
    booked: int
    is_cancelled: bool
    total: int
    paid: int
    n: int


_PARTS: Final = """
    SELECT invoice.id, booked_minor, status = 'cancelled', total_minor, paid_minor, n
    FROM payment_part JOIN invoice ON invoice.id = invoice_id
    WHERE payment_id = %(payment_id)s ORDER BY invoice.id FOR NO KEY UPDATE OF invoice
"""
_TIMEZONE: Final = "SELECT timezone FROM business WHERE id = %(business_id)s"
_WRITE: Final = """
    WITH taken AS (
        SELECT * FROM ROWS FROM (unnest(%(invoices)s::uuid[]), unnest(%(minors)s::bigint[]),
                                 unnest(%(statuses)s::text[])) AS one (invoice_id, minor, status)
    ), part AS (
        UPDATE payment_part SET booked_minor = booked_minor - taken.minor FROM taken
        WHERE payment_id = %(payment_id)s AND payment_part.invoice_id = taken.invoice_id
    ), owed AS (
        UPDATE invoice SET paid_minor = paid_minor - taken.minor, status = taken.status
        FROM taken WHERE id = taken.invoice_id AND taken.status IS NOT NULL
    ), whole AS (
        UPDATE payment SET refunded_minor = refunded_minor + %(amount)s, to_wallet_minor = to_wallet_minor - %(spent)s
        WHERE id = %(payment_id)s
    )
    INSERT INTO payment_refund (id, created_at, business_id, payment_id, way, status, status_at, amount_minor, currency,
                                ask_at, asks, reason, staff_id)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(payment_id)s, %(way)s, %(status)s, %(now)s, %(amount)s, %(currency)s,
            %(ask_at)s, 0, %(reason)s, %(staff_id)s)
"""
_COLUMNS: Final = """
    refund.id, refund.business_id, payment_id, customer_id, conversation_id, gateway_payment_id, is_live, way,
    refund.status, before_minor, refund.tried_at, refund.asks, refund.amount_minor, refund.currency
"""
_ON_ITS_WAY: Final = """
    SELECT EXISTS (SELECT FROM payment_refund WHERE payment_id = %(payment_id)s AND status = ANY(%(open)s))
"""
_ONE: Final = f"""
    SELECT {_COLUMNS} FROM payment_refund AS refund JOIN payment ON payment.id = payment_id
    WHERE refund.id = %(refund_id)s
"""  # noqa: S608  columns of our own
_ANY_DUE: Final = "SELECT EXISTS (SELECT FROM payment_refund WHERE ask_at <= %(now)s)"
_TAKE: Final = f"""
    UPDATE payment_refund AS refund SET ask_at = %(until)s FROM payment
    WHERE payment.id = refund.payment_id AND refund.id IN (
        SELECT id FROM payment_refund WHERE ask_at <= %(now)s ORDER BY ask_at LIMIT %(most)s
        FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
"""  # noqa: S608  columns of our own
_MOVE: Final = """
    UPDATE payment_refund SET status = %(to)s, status_at = %(now)s, ask_at = %(ask_at)s, asks = asks + %(asked)s,
           before_minor = COALESCE(%(before)s, before_minor), tried_at = COALESCE(%(tried_at)s, tried_at),
           detail = COALESCE(%(detail)s, detail)
    WHERE id = %(refund_id)s AND status = ANY(%(sources)s) RETURNING id
"""
_BACK: Final = """
    UPDATE payment SET refunded_minor = refunded_minor - %(amount)s, to_wallet_minor = to_wallet_minor + %(amount)s
    WHERE id = %(payment_id)s
"""
# By the state that a refund at a gateway comes to: the ones that it may come from.
FROM: Final = {
    IN_DOUBT: (ASKED,),
    ASKED: (ASKED, IN_DOUBT),
    DONE: (IN_DOUBT,),
    FAILED: (ASKED, IN_DOUBT),
}


def refund(visit: Visit, payment_id: UUID, way: str, minor: int | None, why: Reason) -> Refund:
    """Give `minor` of a payment back, by default all that is left of it, and return what is on its way.

    Raises NoSuchPayment, IllegalTransition, CannotRefund, and TooLittle where it was spent from the wallet since.
    """
    payment = hold_payment(visit, payment_id)
    amount = _amount(visit, payment, way, minor)
    parts = [_Part(*row) for row in visit.ask(_PARTS, {"payment_id": payment_id})]
    taken, spent = _taken(payment, way, amount.minor, parts)
    back = sum(minor for part, minor in taken if part.is_cancelled) + spent
    held = hold_wallet(visit, payment.customer_id, amount.currency)
    if way == TO_GATEWAY and held.minor < back:
        raise TooLittle(held)
    refund_id = new_id()
    _write(visit, payment, (refund_id, way, amount, why), taken, spent)
    post(visit, [_entry(visit, payment, refund_id, (way, amount), taken)])
    if way == TO_WALLET:
        _finish(visit, payment_id)
    return refund_of(visit, refund_id)


def refund_of(visit: Visit, refund_id: UUID) -> Refund:
    """Return a refund. Raises NoSuchPayment."""
    rows = visit.ask(_ONE, {"refund_id": refund_id})
    if not rows:
        raise NoSuchPayment(f"there is no refund {refund_id}")
    return _read(rows[0])


def any_refund_due(visit: Visit) -> bool:
    """Tell whether a refund is to be looked after."""
    ((found,),) = visit.ask(_ANY_DUE, {"now": now()})
    return bool(found)


def take_refunds(visit: Visit, most: int) -> list[Refund]:
    """Take up to `most` refunds on that are to be looked after. Must be committed before a gateway is asked."""
    at = now()
    return [_read(row) for row in visit.ask(_TAKE, {"now": at, "until": at + _LEASE, "most": most})]


def begin_refund(visit: Visit, found: Refund, before_minor: int) -> bool:
    """Note what the gateway has given back so far, before it is asked for more. Must be committed before it is."""
    at = now()
    return _move(visit, found, IN_DOUBT, ask_at=at + SETTLING, before=before_minor, tried_at=at)


def ask_for_refund_again(visit: Visit, found: Refund, detail: str) -> bool:
    """Note that nothing was given back, so that it is asked for once more, after a pause."""
    pause = timedelta(minutes=min(2**found.asks, 60))
    return _move(visit, found, ASKED, ask_at=now() + pause, asked=1, detail=detail)


def refund_done(visit: Visit, found: Refund) -> bool:
    """Note that the gateway has given it back."""
    if not _move(visit, found, DONE):
        return False
    _finish(visit, found.payment_id)
    return True


def refund_refused(visit: Visit, found: Refund, detail: str) -> bool:
    """Note that the gateway will not give it back: it goes into the wallet."""
    payment = hold_payment(visit, found.payment_id)
    if not _move(visit, found, FAILED, detail=detail):
        return False
    lines = lines_of(debit(house(GATEWAY_CLEARING), found.amount), credit(wallet(found.customer_id), found.amount))
    post(visit, [Entry(found.business_id, _day(visit, payment), REFUSED, SOURCE, found.id, lines)])
    visit.ask(_BACK, {"payment_id": found.payment_id, "amount": found.amount.minor})
    return True


def _amount(visit: Visit, payment: Payment, way: str, minor: int | None) -> Money:
    if payment.received is None or not may(payment.status, REFUND):
        raise IllegalTransition(payment.status, "be refunded")
    if way == TO_GATEWAY and (payment.method != LINK or payment.gateway_payment_id is None):
        raise CannotRefund("not_refundable", "only what was paid by link can be given back at the gateway")
    ((on_its_way,),) = visit.ask(_ON_ITS_WAY, {"payment_id": payment.id, "open": [ASKED, IN_DOUBT]})
    if on_its_way:
        raise CannotRefund("refund_on_its_way", "another refund of this payment is on its way")
    left = payment.received.minor - payment.refunded.minor
    if way == TO_WALLET:
        left -= payment.to_wallet.minor if payment.to_wallet else 0
    wanted = left if minor is None else minor
    if not 0 < wanted <= left:
        raise CannotRefund("too_much", f"{left} of it can be given back this way")
    return Money(wanted, payment.received.currency)


def _taken(payment: Payment, way: str, minor: int, parts: Sequence[_Part]) -> tuple[list[tuple[_Part, int]], int]:
    """Return what is taken back of each invoice, the last first, and what of the wallet's share: that comes before.

    What a cancelled invoice was paid is in the wallet already, so it can't be given back there.
    """
    in_wallet = payment.to_wallet.minor if payment.to_wallet and way == TO_GATEWAY else 0
    spent = min(minor, in_wallet)
    left, taken = minor - spent, []
    for part in sorted(parts, key=lambda one: -one.n):
        of_it = 0 if part.is_cancelled and way == TO_WALLET else min(left, part.booked)
        left -= of_it
        if of_it:
            taken.append((part, of_it))
    if left:
        raise CannotRefund("too_much", f"{minor - left} of it can be given back this way")
    return taken, spent


def _entry(
    visit: Visit, payment: Payment, refund_id: UUID, back: tuple[str, Money], taken: list[tuple[_Part, int]]
) -> Entry:
    way, amount = back
    owed = Money(sum(minor for part, minor in taken if not part.is_cancelled), amount.currency)
    # What a cancelled invoice was paid is in the wallet since.
    from_wallet = Money(amount.minor - owed.minor, amount.currency)
    to = wallet(payment.customer_id) if way == TO_WALLET else house(GATEWAY_CLEARING)
    lines = lines_of(
        debit(receivable(payment.customer_id), owed),
        debit(wallet(payment.customer_id), from_wallet),
        credit(to, amount),
    )
    return Entry(payment.business_id, _day(visit, payment), REFUNDED, SOURCE, refund_id, lines)


def _write(
    visit: Visit, payment: Payment, head: tuple[UUID, str, Money, Reason], taken: list[tuple[_Part, int]], spent: int
) -> None:
    refund_id, way, amount, why = head
    at = now()
    values: dict[str, Any] = {"id": refund_id, "now": at, "business_id": payment.business_id, "payment_id": payment.id}
    values |= {"way": way, "status": DONE if way == TO_WALLET else ASKED, "amount": amount.minor}
    values |= {"currency": amount.currency, "ask_at": at if way == TO_GATEWAY else None, "spent": spent}
    values |= {"reason": why.words, "staff_id": why.staff_id, "invoices": [part.invoice_id for part, _ in taken]}
    statuses = [None if part.is_cancelled else status_of(part.total, part.paid - minor) for part, minor in taken]
    visit.ask(_WRITE, {**values, "minors": [minor for _, minor in taken], "statuses": statuses})


def _finish(visit: Visit, payment_id: UUID) -> None:
    payment = hold_payment(visit, payment_id)
    if payment.received is not None and payment.refunded.minor == payment.received.minor:
        move(visit, payment_id, REFUND)


def _move(visit: Visit, found: Refund, to: str, **facts: Any) -> bool:
    nothing = {"ask_at": None, "before": None, "tried_at": None, "detail": None, "asked": 0}
    values = {"refund_id": found.id, "to": to, "now": now(), "sources": list(FROM[to])}
    return bool(visit.ask(_MOVE, {**nothing, **facts, **values}))


def _day(visit: Visit, payment: Payment) -> date:
    ((timezone,),) = visit.ask(_TIMEZONE, {"business_id": payment.business_id})
    return today(timezone)


def _read(row: tuple[Any, ...]) -> Refund:
    *facts, minor, currency = row
    values: list[Any] = [*facts, Money(minor, currency)]
    return Refund(*values)
