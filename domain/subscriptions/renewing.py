"""Renewing for money: what the plan costs is taken from the wallet with a tax invoice, and its days are added.

Whoever renews holds the wallet first and the subscription after it, as settling a payment does.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from domain import clock
from domain.door import Visit
from domain.issuing import Draft, DraftLine
from domain.money import Money
from domain.payments.reading import Payment
from domain.selling import sell
from domain.subscriptions.changing import renew
from domain.subscriptions.history import By, Change
from domain.subscriptions.holding import Holding, lock_holding, look_at_holding
from domain.subscriptions.rules import WALLET_TOO_LITTLE, Refused
from domain.subscriptions.states import CANCELLED, RENEW, IllegalTransition
from domain.subscriptions.tables import CUSTOMER
from domain.subscriptions.term import last_day_of
from domain.vat import OUTSIDE, RATE_OF_NONE, category_of, net_within, vat_on
from domain.wallet import hold_wallet

_OFFER: Final = """
    SELECT days, price_minor, plan.currency, vat_rate, plan.name_en, plan.name_ar
    FROM plan JOIN business ON business.id = plan.business_id WHERE plan.id = %(plan_id)s
"""
_RENEWED_SINCE: Final = """
    SELECT EXISTS (SELECT FROM subscription_change WHERE subscription_id = %(id)s AND invoice_id IS NOT NULL
                   AND created_at >= %(since)s)
"""
_RENEWED_BY: Final = """
    SELECT change.invoice_id, plan.name_en, plan.name_ar, reference, change.ends_after
    FROM subscription_change AS change JOIN subscription ON subscription.id = subscription_id
    JOIN plan ON plan.id = plan_id
    WHERE request_id = %(request_id)s AND subscription_id = %(subscription_id)s AND change.invoice_id IS NOT NULL
"""


# The same words in English and Arabic.
BothWords = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a plan has once more: so many days, for `price` with the tax in it."""

    days: int
    price: Money
    vat_rate: Decimal
    name_en: str
    name_ar: str

    def lines(self, rounding: BothWords) -> tuple[DraftLine, ...]:
        """Return what its invoice says, which comes to the price exactly.

        There are prices that no whole amount and the tax on it come to: the last minor unit is then called `rounding`.
        """
        rate, price = self.vat_rate, self.price.minor
        net = net_within(price, rate)
        plan = DraftLine(self.name_en, self.name_ar, net, category_of(rate), rate)
        left = price - net - vat_on(net, rate)
        return (plan, DraftLine(*rounding, left, OUTSIDE, RATE_OF_NONE)) if left else (plan,)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A renewal that was paid for: its invoice, what was renewed, and the last day of service since."""

    invoice_id: UUID
    name_en: str
    name_ar: str
    reference: str
    last_day: date


def offer_of(visit: Visit, held: Holding) -> Offer:
    """Return what renewing a subscription costs and brings. A plan's price is with the tax."""
    days, price, currency, rate, name_en, name_ar = visit.ask(_OFFER, {"plan_id": held.plan_id})[0]
    return Offer(days, Money(price, currency), rate, name_en, name_ar)


def renew_from_wallet(visit: Visit, business_id: UUID, subscription_id: UUID, by: By, rounding: BothWords) -> Change:
    """Take what the plan costs from the wallet, and renew. `rounding` is what its invoice calls that.

    Raises NoSuchSubscription, Refused (there is too little in the wallet), and IllegalTransition where the subscription
    was cancelled. Then nothing was taken.
    """
    looked = look_at_holding(visit, business_id, subscription_id)
    offer = offer_of(visit, looked)
    if hold_wallet(visit, looked.customer_id, offer.price.currency).minor < offer.price.minor:
        raise Refused(WALLET_TOO_LITTLE)
    held = lock_holding(visit, business_id, subscription_id)
    if held.term.status == CANCELLED:
        raise IllegalTransition(CANCELLED, RENEW)
    issued = sell(visit, business_id, _draft(held, offer, rounding), clock.today(held.zone))
    return renew(visit, business_id, subscription_id, by, invoice_id=issued.invoice_id)


def money_came(visit: Visit, subscription_id: UUID, payment: Payment, rounding: BothWords) -> bool:
    """Renew a subscription with money that has come into the wallet. False where it can't be: then it stays there.

    So does what came otherwise than it was asked for (late, twice). What was renewed since it was asked for is not
    renewed again: whoever pays twice has the rest in the wallet.
    """
    if payment.astray is not None:
        return False
    visit.ask("SELECT FROM subscription WHERE id = %(id)s FOR NO KEY UPDATE", {"id": subscription_id})
    ((renewed,),) = visit.ask(_RENEWED_SINCE, {"id": subscription_id, "since": payment.created_at})
    if renewed:
        return False
    try:
        by = By(CUSTOMER, request_id=str(payment.id))
        renew_from_wallet(visit, payment.business_id, subscription_id, by, rounding)
    except (Refused, IllegalTransition):
        return False
    return True


def renewed_by(visit: Visit, payment_id: UUID, subscription_id: UUID) -> Renewed | None:
    """Return what a payment has renewed; None where it renewed nothing."""
    rows = visit.ask(_RENEWED_BY, {"request_id": str(payment_id), "subscription_id": subscription_id})
    if not rows:
        return None
    invoice_id, name_en, name_ar, reference, ends = rows[0]
    return Renewed(invoice_id, name_en, name_ar, reference, last_day_of(ends))


def _draft(held: Holding, offer: Offer, rounding: BothWords) -> Draft:
    return Draft(held.customer_id, clock.today(held.zone), offer.name_en, offer.name_ar, offer.lines(rounding))
