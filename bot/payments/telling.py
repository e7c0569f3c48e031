"""What people are told of payments: how to pay, that money came and what it paid; and staff of what went astray."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from bot.channels.approved import PAYMENT_CONFIRMED, PAYMENT_RECEIVED, PAYMENT_REFUNDED, SUBSCRIPTION_RENEW, text_of
from bot.links import Link, link_to
from bot.saying import Document, NoWay, Recipient, in_words, letter
from bot.services import Services
from domain.door import Visit
from domain.money import Money
from domain.notices import Listener
from domain.notifications import WARNING, notify
from domain.payments.listening import listener_to
from domain.payments.reading import Payment, payment_of
from domain.payments.refunding import Refund
from domain.payments.settling import Applied, Settlement, settle
from domain.payments.tables import INVOICE, PURCHASE, RENEWAL, TO_WALLET
from domain.speaking import speak
from domain.subscriptions.renewing import Renewed, money_came, renewed_by
from domain.wallet import wallet_of
from domain.ways import BEST_FIRST
from flows.how_to_pay import how_to_pay
from flows.reply import Paragraph, reply
from locales.speech import in_both
from locales.text import Code, Name, Text, counted, text

# What was asked for a moment ago comes as an answer does; what comes by itself is a notice.
_ANSWER, _NOTICE = "reply", "notice"
_MOST_LINKS: Final = 3


@dataclass(frozen=True, slots=True)
class _Said:
    """What is to be said: in free words, and as a template where WhatsApp asks for one; with an invoice; by e-mail
    under a subject.
    """

    paragraphs: tuple[Paragraph, ...]
    template: tuple[str, Text] | None = None
    subject: Text | None = None
    document: Document | None = None


def settle_and_tell(services: Services, session: Session, payment_id: Any) -> Settlement | None:
    """Book what came with a payment, and tell whom it concerns, in one transaction; None where it was done before.

    Whoever commits rings the bell of notices then.
    """
    visit = Visit.within(session)
    done = settle(visit, payment_id)
    if done is not None:
        if done.payment.subscription_id is not None:
            money_came(visit, done.payment.subscription_id, done.payment, in_both(text("renew.rounding")))
        tell_staff_of_astray(session, done)
        tell_settled(services, session, done)
    return done


def tell_settled(services: Services, session: Session, done: Settlement) -> None:
    """Tell the customer that their money came and what it did."""
    visit, payment = Visit.within(session), done.payment
    listener = listener_to(visit, payment.customer_id, payment.conversation_id)
    if listener is None or payment.received is None:
        return
    renewed = renewed_by(visit, payment.id, payment.subscription_id) if payment.subscription_id else None
    if renewed is not None:
        _say(services, visit, listener, _NOTICE, _renewal(services, payment, listener, renewed))
        return
    said = [*_received(done), *_wallet(visit, done)]
    if len(done.applied) == 1:
        _say(services, visit, listener, _NOTICE, _receipt(services, payment, listener, done.applied[0], tuple(said)))
        return
    if len(done.applied) <= _MOST_LINKS:
        links = [_link(services, payment, one.invoice_id, listener.language) for one in done.applied]
        said += [text("paid.document", link=link) for link in links]
    template = (PAYMENT_RECEIVED, text_of(PAYMENT_RECEIVED, paid=payment.received))
    _say(services, visit, listener, _NOTICE, _Said(tuple(said), template, text("mail.payment_received")))


def tell_how_to_pay(services: Services, visit: Visit, payment: Payment) -> None:
    """Say in the conversation where or by which number a payment can be made."""
    listener = listener_to(visit, payment.customer_id, payment.conversation_id)
    if listener is not None:
        _say(services, visit, listener, _ANSWER, _Said(how_to_pay(payment_of(visit, payment.id))))


def tell_word(services: Services, visit: Visit, payment: Payment, said: Text) -> None:
    """Say something about a payment that somebody waits for."""
    listener = listener_to(visit, payment.customer_id, payment.conversation_id)
    if listener is not None:
        _say(services, visit, listener, _ANSWER, _Said((said,)))


def tell_refunded(services: Services, visit: Visit, refund: Refund) -> None:
    """Tell the customer that money was given back, and where it is."""
    listener = listener_to(visit, refund.customer_id, refund.conversation_id)
    if listener is None:
        return
    said = text("refund.wallet" if refund.way == TO_WALLET else "refund.gateway", amount=refund.amount)
    template = (PAYMENT_REFUNDED, text_of(PAYMENT_REFUNDED, amount=refund.amount))
    _say(services, visit, listener, _NOTICE, _Said((said,), template, text("mail.payment_refunded")))


def tell_staff_of_astray(session: Session, done: Settlement) -> None:
    """Tell staff of money that could not go where it was meant to."""
    if done.payment.astray is not None:
        facts = {"code": done.payment.astray, "to_wallet": _written(done.to_wallet)}
        tell_staff(session, done.payment, "payment_astray", facts)


def tell_staff(session: Session, payment: Payment, kind: str, facts: dict[str, Any]) -> None:
    """Tell staff of something about a payment."""
    every = {"payment_id": str(payment.id), "customer_id": str(payment.customer_id), **facts}
    notify(session, payment.business_id, kind, WARNING, every, ("payment", payment.id))


def _received(done: Settlement) -> Iterator[Text]:
    payment = done.payment
    amount = payment.received or payment.amount
    if len(done.applied) > 1:
        yield counted("paid.invoices", len(done.applied), amount=amount)
    elif done.applied:
        (one,) = done.applied
        yield text("paid.invoice", amount=amount, invoice=Code(one.invoice_no))
        if one.owed_minor:
            yield text("paid.still_owed", owed=Money(one.owed_minor, amount.currency))
    else:
        yield text("paid.received", amount=amount)


def _wallet(visit: Visit, done: Settlement) -> Iterator[Text]:
    payment = done.payment
    if payment.purpose == PURCHASE:
        return
    if payment.purpose == INVOICE and done.to_wallet.minor and done.applied:
        yield text("paid.rest", rest=done.to_wallet)
    elif done.to_wallet.minor and (payment.purpose in {INVOICE, RENEWAL} or payment.astray):
        yield text("paid.kept", rest=done.to_wallet)
    if done.to_wallet.minor:
        yield text("paid.wallet", wallet=wallet_of(visit, payment.customer_id, done.to_wallet.currency))


def _receipt(
    services: Services, payment: Payment, listener: Listener, one: Applied, said: tuple[Paragraph, ...]
) -> _Said:
    def link(language: str) -> str:
        return _link(services, payment, one.invoice_id, language)

    invoice = Code(one.invoice_no)
    paid = payment.received or payment.amount
    values = text_of(PAYMENT_CONFIRMED, paid=paid, invoice=invoice, link=link(listener.language))
    subject = text("mail.payment_confirmed", invoice=invoice)
    return _Said(said, (PAYMENT_CONFIRMED, values), subject, Document(one.invoice_id, link))


def _renewal(services: Services, payment: Payment, listener: Listener, renewed: Renewed) -> _Said:
    def link(language: str) -> str:
        return _link(services, payment, renewed.invoice_id, language)

    paid = payment.received or payment.amount
    plan = Name(renewed.name_ar if listener.language == "ar" else renewed.name_en)
    values = {"plan": plan, "reference": Code(renewed.reference), "last_day": renewed.last_day}
    said = (text("paid.received", amount=paid), text_of(SUBSCRIPTION_RENEW, **values))
    subject = text("mail.payment_received")
    return _Said(
        said, (SUBSCRIPTION_RENEW, text_of(SUBSCRIPTION_RENEW, **values)), subject, Document(renewed.invoice_id, link)
    )


def _link(services: Services, payment: Payment, invoice_id: UUID, language: str) -> str:
    return link_to(services.settings, Link(payment.business_id, invoice_id, language))


def _say(services: Services, visit: Visit, listener: Listener, kind: str, said: _Said) -> None:
    first = (listener.channel,) if listener.channel else ()
    channels = (*first, *(channel for channel in BEST_FIRST if channel not in first))
    saying = in_words(
        kind,
        reply(*said.paragraphs),
        said.template,
        listener.customer_id,
        subject=said.subject,
        document=said.document,
    )
    to_them = Recipient(listener.business_id, listener.address, listener.language, channels, listener.email)
    try:
        speak(visit, listener.business_id, [letter(visit, services.accounts, to_them, saying)])
    except NoWay:
        return  # the business has nothing to say it from; what was booked stands


def _written(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}
