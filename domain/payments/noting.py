"""Noting down what a gateway answered about a payment: how to pay it, that money came, that none will."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.clock import now
from domain.door import Visit
from domain.gateways.results import GatewayPayment, Page, Status
from domain.money import Money
from domain.payments.asking import SETTLING, next_ask
from domain.payments.hooks import ENDED
from domain.payments.moving import move
from domain.payments.reading import Payment, hold_payment, payment_of
from domain.payments.starting import Wanted, write_attempt
from domain.payments.states import ASK, CREATED, EXPIRED, FAILED, OFFER, PAY, RETRY, may
from domain.payments.tables import AMOUNT, CURRENCY, DOUBLE, LATE, LINK, TOP_UP

_KNOWN: Final = "SELECT gateway_payment_id FROM payment WHERE gateway_payment_id = ANY(%(ids)s)"
_TIMEZONE: Final = "SELECT timezone FROM business WHERE id = %(business_id)s"
_IS_TWIN: Final = "UPDATE payment SET twin_of = %(of)s, is_live = %(is_live)s WHERE id = %(id)s"
_ONE_DAY: Final = timedelta(days=1)


def begin_to_ask(visit: Visit, payment: Payment, *, is_live: bool) -> bool:
    """Note that a gateway is about to be asked to make a page or a bill. False where somebody else does.

    Must be committed before it is asked: a process that dies leaves the payment in doubt, to be looked for.
    """
    at = now()
    facts = {"is_live": is_live, "tried_at": at, "tries": payment.tries + 1, "ask_at": at + SETTLING}
    return move(visit, payment.id, ASK, **facts)


def offer_page(visit: Visit, payment: Payment, page: Page) -> bool:
    """Note the page on which it can be paid. False where it is no longer waited for."""
    facts = {"page_id": page.id, "page_url": page.url, "expires_at": page.expires_at}
    return move(visit, payment.id, OFFER, **facts, asks=0, ask_at=next_ask(payment), wants_word=False)


def offer_bill(visit: Visit, payment: Payment, made: GatewayPayment) -> bool:
    """Note the bill that it can be paid by until the end of its last day, where the business is."""
    bill = made.bill
    if bill is None:
        return False
    ((timezone,),) = visit.ask(_TIMEZONE, {"business_id": payment.business_id})
    facts: dict[str, Any] = {
        "biller_name": bill.biller_name,
        "biller_code": bill.biller_code,
        "bill_number": bill.number,
    }
    ends = datetime.combine(bill.last_day + _ONE_DAY, time(), ZoneInfo(timezone))
    facts |= {"last_day": bill.last_day, "expires_at": ends}
    return move(visit, payment.id, OFFER, **facts, asks=0, ask_at=next_ask(payment), wants_word=False)


def try_again(visit: Visit, payment: Payment, at: datetime, why: str) -> bool:
    """Note that nothing was made, so that it is asked for once more at an instant."""
    return move(visit, payment.id, RETRY, ask_at=at, detail=why)


def end(visit: Visit, payment: Payment, action: str, why: str, ask_at: datetime | None) -> bool:
    """Note that nothing will come of it, as far as can be known. False where something has."""
    if not move(visit, payment.id, action, detail=why, ask_at=ask_at, asks=0, wants_word=False):
        return False
    ENDED[payment.purpose](visit, payment_of(visit, payment.id))
    return True


def note_money(visit: Visit, payment_id: UUID, came: Sequence[GatewayPayment]) -> list[UUID]:
    """Note the money that came for a payment, each once, however often and by whomever it is told.

    The first is the payment's own; whatever comes besides becomes a payment of its own, for the wallet. Returns the ids
    of those that are to be settled now.
    """
    payment = hold_payment(visit, payment_id)
    known = {row[0] for row in visit.ask(_KNOWN, {"ids": [one.id for one in came]})}
    fresh = sorted((one for one in came if one.id not in known), key=lambda one: (one.created_at, one.id))
    paid = []
    for one in fresh:
        left = Money(one.amount.minor - one.refunded.minor, one.amount.currency)
        if left.minor <= 0:
            continue  # it came, and was given back at the gateway, before we heard of it
        if may(payment.status, PAY):
            _pay(visit, payment.id, one, left, _astray(payment, one))
            paid.append(payment.id)
            payment = hold_payment(visit, payment_id)
        else:
            paid.append(_twin(visit, payment, one, left))
    return paid


def _astray(payment: Payment, came: GatewayPayment) -> str | None:
    """Return why it may not go where it was meant to; more than was asked for may."""
    if came.amount.currency != payment.amount.currency:
        return CURRENCY
    if came.amount.minor < payment.amount.minor or came.refunded.minor:
        return AMOUNT
    return LATE if _is_late(payment, came) else None


def _is_late(payment: Payment, came: GatewayPayment) -> bool:
    if payment.status == FAILED:
        return True
    if payment.method == LINK and payment.expires_at is not None:
        return came.created_at > payment.expires_at
    return payment.status == EXPIRED


def _pay(visit: Visit, payment_id: UUID, came: GatewayPayment, left: Money, astray: str | None) -> None:
    facts = {"received_minor": left.minor, "received_currency": left.currency, "gateway_payment_id": came.id}
    move(visit, payment_id, PAY, **facts, astray=astray, ask_at=now(), asks=0)


def _twin(visit: Visit, payment: Payment, came: GatewayPayment, left: Money) -> UUID:
    wanted = Wanted(
        payment.business_id,
        payment.customer_id,
        payment.method,
        came.amount,
        TOP_UP,
        conversation_id=payment.conversation_id,
    )
    twin = write_attempt(visit, wanted, CREATED, ask_at=None)
    _pay(visit, twin, came, left, DOUBLE)
    visit.ask(_IS_TWIN, {"id": twin, "of": payment.id, "is_live": payment.is_live})
    return twin


def is_money(found: GatewayPayment) -> bool:
    """Tell whether a payment as the gateway has it is money."""
    return found.status in {Status.PAID, Status.REFUNDED}
