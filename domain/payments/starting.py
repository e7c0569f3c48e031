"""Starting a payment: an attempt is written down, and committed with the turn, before any gateway is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.money import Money
from domain.payments.states import CREATED, IN_DOUBT, PENDING
from domain.payments.tables import AT_GATEWAY, INVOICE, PURCHASE, RENEWAL

# What has less time left than this is not offered again.
_WORTH: Final = timedelta(minutes=30)


class WrongPayment(ValueError):
    """What is wanted is no payment: nothing to pay, invoices that don't add up, or what it is for is missing."""


@dataclass(frozen=True, slots=True)
class Share:
    """An invoice, and how much of it is to be paid, in minor units."""

    invoice_id: UUID
    minor: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A payment that somebody wants to make: for whom, how, how much and what for.

    For invoices, `shares` add up to `amount`; for a purchase or a renewal there is its id. What the gateway answers is
    said in `conversation_id`.
    """

    business_id: UUID
    customer_id: UUID
    method: str
    amount: Money
    purpose: str
    shares: Sequence[Share] = ()
    purchase_id: UUID | None = None
    subscription_id: UUID | None = None
    conversation_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise WrongPayment("there is nothing to pay")
        if (self.purpose == PURCHASE) != (self.purchase_id is not None):
            raise WrongPayment("a payment for a purchase names it, and no other does")
        if (self.purpose == RENEWAL) != (self.subscription_id is not None):
            raise WrongPayment("a payment for a renewal names the subscription, and no other does")
        paid = sum(share.minor for share in self.shares) if self.purpose == INVOICE else self.amount.minor
        if paid != self.amount.minor or (self.purpose != INVOICE and self.shares):
            raise WrongPayment("the invoices don't add up to the amount")


# The same that is already on its way: whoever asks twice gets the same link, and can't pay twice.
_SAME: Final = """
    SELECT id FROM payment
    WHERE customer_id = %(customer_id)s AND method = %(method)s AND purpose = %(purpose)s
      AND amount_minor = %(amount_minor)s AND currency = %(currency)s
      AND purchase_id IS NOT DISTINCT FROM %(purchase_id)s
      AND subscription_id IS NOT DISTINCT FROM %(subscription_id)s AND status = ANY(%(open)s)
      AND (expires_at IS NULL OR expires_at > %(worth)s)
      AND (SELECT COALESCE(array_agg(invoice_id ORDER BY n), '{}') FROM payment_part WHERE payment_id = payment.id)
          = %(invoices)s::uuid[]
    ORDER BY id DESC LIMIT 1
"""
# Two that ask at once come one after the other, and the second finds what the first began.
_ONE_BY_ONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(subject)s, 0))"
_AGAIN: Final = """
    UPDATE payment SET conversation_id = COALESCE(%(conversation_id)s, conversation_id) WHERE id = %(id)s
"""
_START: Final = """
    WITH fresh AS (
        INSERT INTO payment (id, created_at, business_id, customer_id, conversation_id, method, purpose, purchase_id,
                             subscription_id, status, status_at, amount_minor, currency, refunded_minor, ask_at, asks,
                             tries, wants_word, staff_id, reference, reason)
        VALUES (%(id)s, %(now)s, %(business_id)s, %(customer_id)s, %(conversation_id)s, %(method)s, %(purpose)s,
                %(purchase_id)s, %(subscription_id)s, %(status)s, %(now)s, %(amount_minor)s, %(currency)s, 0,
                %(ask_at)s, 0, 0, false, %(staff_id)s, %(reference)s, %(reason)s)
    )
    INSERT INTO payment_part (payment_id, invoice_id, n, created_at, business_id, asked_minor, booked_minor)
    SELECT %(id)s, invoice_id, n, %(now)s, %(business_id)s, minor, 0
    FROM ROWS FROM (unnest(%(invoices)s::uuid[]), unnest(%(minors)s::bigint[])) WITH ORDINALITY
         AS share (invoice_id, minor, n)
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What staff knows of a payment that they write down."""

    staff_id: UUID | None = None
    reference: str | None = None
    reason: str | None = None


def start_payment(visit: Visit, wanted: Wanted) -> UUID:
    """Write an attempt at a gateway down, and return its id; one that is on its way already, where it is the same.

    Whoever commits wakes those who ask the gateway (`flows.turn.Turn.wake(PAYMENTS)`, or the bell); they say in the
    conversation how to pay.
    """
    values = _values(wanted)
    subject = f"payment {wanted.customer_id} {wanted.purpose}"
    visit.ask(_ONE_BY_ONE, {"subject": subject})
    rows = visit.ask(_SAME, {**values, "open": [CREATED, IN_DOUBT, PENDING], "worth": now() + _WORTH})
    if rows and wanted.method in AT_GATEWAY:
        visit.ask(_AGAIN, {**values, "id": rows[0][0]})
        return UUID(str(rows[0][0]))
    return write_attempt(visit, wanted, CREATED, ask_at=now())


def write_attempt(
    visit: Visit, wanted: Wanted, status: str, ask_at: datetime | None, by: Recorded | None = None
) -> UUID:
    """Write an attempt down as it is, and return its id."""
    payment_id, by = new_id(), by or Recorded()
    facts = {"staff_id": by.staff_id, "reference": by.reference, "reason": by.reason}
    visit.ask(_START, {**_values(wanted), **facts, "id": payment_id, "status": status, "ask_at": ask_at})
    return payment_id


def _values(wanted: Wanted) -> dict[str, Any]:
    return {
        "now": now(),
        "business_id": wanted.business_id,
        "customer_id": wanted.customer_id,
        "conversation_id": wanted.conversation_id,
        "method": wanted.method,
        "purpose": wanted.purpose,
        "purchase_id": wanted.purchase_id,
        "subscription_id": wanted.subscription_id,
        "amount_minor": wanted.amount.minor,
        "currency": wanted.amount.currency,
        "invoices": [share.invoice_id for share in wanted.shares],
        "minors": [share.minor for share in wanted.shares],
    }
