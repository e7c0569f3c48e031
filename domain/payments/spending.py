"""Paying from the wallet, and what staff confirms: money that no gateway has to be asked about."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.invoices import OPEN_STATUSES
from domain.money import Money
from domain.payments.moving import move
from domain.payments.reading import hold_payment
from domain.payments.settling import Settlement, settle
from domain.payments.starting import Recorded, Share, Wanted, write_attempt
from domain.payments.states import CREATED, PAY, PENDING, IllegalTransition, may
from domain.payments.tables import BY_STAFF, INVOICE, WALLET
from domain.wallet import hold_wallet

_OPEN: Final = """
    SELECT id, total_minor - paid_minor FROM invoice
    WHERE business_id = %(business_id)s AND customer_id = %(customer_id)s AND id = ANY(%(ids)s)
      AND status = ANY(%(open)s) ORDER BY id
"""
_CONFIRM: Final = """
    UPDATE payment SET staff_id = COALESCE(%(staff_id)s, staff_id), reason = %(reason)s WHERE id = %(payment_id)s
"""


class Changed(Exception):
    """What is owed is no longer what was shown."""


class TooLittle(Exception):
    """There is not so much in the wallet; `held` is what there is."""

    def __init__(self, held: Money) -> None:
        self.held = held
        super().__init__(f"there are {held.minor} {held.currency} in the wallet")


class NotForStaff(Exception):
    """Only cash and transfers are confirmed by hand: of all else the gateway knows."""


def pay_from_wallet(visit: Visit, wanted: Wanted) -> Settlement:
    """Pay invoices from the wallet, in this transaction. Raises Changed and TooLittle, and then has done nothing.

    Invoices first, then the wallet: whoever books on both takes them in this order.
    """
    values = {"business_id": wanted.business_id, "customer_id": wanted.customer_id, "open": list(OPEN_STATUSES)}
    rows = visit.ask(f"{_OPEN} FOR NO KEY UPDATE", {**values, "ids": [share.invoice_id for share in wanted.shares]})
    if dict(rows) != {share.invoice_id: share.minor for share in wanted.shares}:
        raise Changed
    held = hold_wallet(visit, wanted.customer_id, wanted.amount.currency)
    if held.minor < wanted.amount.minor:
        raise TooLittle(held)
    payment_id = write_attempt(visit, wanted, CREATED, ask_at=None)
    return _received(visit, payment_id, wanted.amount)


def record_payment(visit: Visit, wanted: Wanted, by: Recorded) -> UUID:
    """Write down cash or a transfer that staff says will come, to be confirmed. Raises NotForStaff."""
    if wanted.method not in BY_STAFF:
        raise NotForStaff(wanted.method)
    return write_attempt(visit, wanted, PENDING, ask_at=None, by=by)


def confirm_payment(visit: Visit, payment_id: UUID, by: Recorded) -> Settlement:
    """Settle cash or a transfer that has come. Raises NoSuchPayment, NotForStaff, IllegalTransition."""
    payment = hold_payment(visit, payment_id)
    if payment.method not in BY_STAFF:
        raise NotForStaff(payment.method)
    if not may(payment.status, PAY):
        raise IllegalTransition(payment.status, "be confirmed")
    visit.ask(_CONFIRM, {"payment_id": payment_id, "staff_id": by.staff_id, "reason": by.reason})
    return _received(visit, payment_id, payment.amount)


def shares_of(visit: Visit, business_id: UUID, customer_id: UUID, invoices: Sequence[UUID]) -> tuple[Share, ...]:
    """Return what is still owed of invoices, in their order. Raises Changed where one is not owed, or not theirs.

    It holds none of them: who settles a payment holds that first, and the invoices after it.
    """
    values = {"business_id": business_id, "customer_id": customer_id, "open": list(OPEN_STATUSES)}
    owed = dict(visit.ask(_OPEN, {**values, "ids": list(invoices)}))
    if len(owed) != len(set(invoices)):
        raise Changed
    return tuple(Share(one, owed[one]) for one in dict.fromkeys(invoices))


def wanted_from_wallet(business_id: UUID, customer_id: UUID, shares: Sequence[Share], currency: str) -> Wanted:
    """Return what a customer wants who pays these shares from the wallet."""
    amount = Money(sum(share.minor for share in shares), currency)
    return Wanted(business_id, customer_id, WALLET, amount, INVOICE, tuple(shares))


def _received(visit: Visit, payment_id: UUID, amount: Money) -> Settlement:
    move(visit, payment_id, PAY, received_minor=amount.minor, received_currency=amount.currency)
    done = settle(visit, payment_id)
    if done is None:
        raise LookupError(f"payment {payment_id} was settled by somebody else")
    return done
