"""Payments: what came in and how, what staff confirms, and what is given back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.customers import found_customer
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Money, Page, PageQuery, Shape
from bot.jobs.queues import NOTICE_QUEUE, PAYMENT_QUEUE
from bot.payments.telling import tell_refunded, tell_settled
from bot.problems import Problem
from domain.bearers import API_KEY
from domain.businesses import Business
from domain.invoices import Invoice
from domain.money import Money as Amount
from domain.payments import refunding, spending
from domain.payments.refunding import CannotRefund, Reason
from domain.payments.spending import Changed, NotForStaff, TooLittle
from domain.payments.starting import Recorded, Wanted
from domain.payments.states import IllegalTransition
from domain.payments.tables import INVOICE, TO_WALLET, TOP_UP, PaymentAttempt, PaymentPart, PaymentRefund
from domain.staff import ADMIN, AGENT, VIEWER

payments = Resource("payments", "Payments: what came in, for what, and what was given back.")

Method = Literal["link", "sadad", "wallet", "cash", "transfer"]
Purpose = Literal["invoice", "top_up", "purchase", "renewal"]
Status = Literal["created", "pending", "in_doubt", "paid", "settled", "failed", "expired", "refunded"]
Astray = Literal["late", "double", "amount", "currency", "surplus"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_ORDER = Order((PaymentAttempt.id,), ("id",))
_REFUSED: Final = {409: "It may not do that from where it is, or the books are against it: `code` says."}
_MOST_MINOR: Final = 10**12


class PaymentShown(Shape):
    """A payment. `received` is what came, `to_wallet` what of it went into the wallet.

    `astray` says why it did so though it was meant for an invoice, or why it came at all. `detail` is the gateway's
    word for what went wrong; `reference` and `reason` are staff's.
    """

    id: UUID
    customer_id: UUID
    method: Method
    purpose: Purpose
    purchase_id: UUID | None
    subscription_id: UUID | None
    status: Status
    amount: Money
    received: Money | None
    to_wallet: Money | None
    refunded: Money
    astray: Astray | None
    twin_of: UUID | None
    created_at: datetime
    status_at: datetime
    settled_at: datetime | None
    expires_at: datetime | None
    page_id: str | None
    gateway_payment_id: str | None
    biller_code: str | None
    bill_number: str | None
    last_day: date | None
    detail: str | None
    reference: str | None
    reason: str | None


class PaidInvoice(Shape):
    """An invoice that a payment is for, and how much of it that paid."""

    invoice_id: UUID
    invoice_no: str
    asked: Money
    booked: Money


class RefundShown(Shape):
    """What was given back of a payment, or is on its way: by which way, and why."""

    id: UUID
    way: Literal["gateway", "wallet"]
    status: Literal["asked", "in_doubt", "done", "failed"]
    amount: Money
    reason: str
    created_at: datetime
    status_at: datetime
    detail: str | None


class PaymentInFull(PaymentShown):
    """A payment, what it paid, and what was given back of it."""

    invoices: list[PaidInvoice]
    refunds: list[RefundShown]


class PaymentQuery(PageQuery):
    """Which payments: all that is given must hold."""

    customer_id: UUID | None = None
    status: Status | None = None
    method: Method | None = None
    purpose: Purpose | None = None
    purchase_id: UUID | None = None
    subscription_id: UUID | None = None


class PaymentRecorded(Shape):
    """Cash or a transfer that a customer brings: for all that is owed of invoices, or an amount for the wallet."""

    method: Literal["cash", "transfer"]
    invoice_ids: list[UUID] = Field(default=[], max_length=50)
    amount_minor: int | None = Field(None, gt=0, le=_MOST_MINOR, description="For the wallet: in minor units.")
    reference: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = None


class Confirmation(Shape):
    """Why staff is sure that the money is there."""

    reason: Words


class RefundAsked(Shape):
    """What is given back: into the wallet, or the way it came; all that is left of it, where no amount is given."""

    to: Literal["gateway", "wallet"]
    amount_minor: int | None = Field(None, gt=0, le=_MOST_MINOR)
    reason: Words


@payments.get("/payments", role=VIEWER, query=PaymentQuery, answer=Page[PaymentShown])
def list_payments(call: Call, query: PaymentQuery) -> Page[PaymentShown]:
    """List payments, the newest first."""
    statement = select(PaymentAttempt).where(PaymentAttempt.business_id == call.business_id)
    for name in ("customer_id", "status", "method", "purpose", "purchase_id", "subscription_id"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(PaymentAttempt, name) == value)
    return page(call, statement, _ORDER, query, lambda row: PaymentShown(**_facts(row[0])))


@payments.get("/payments/<uuid:payment_id>", role=VIEWER, answer=PaymentInFull)
def show_payment(call: Call, payment_id: UUID) -> PaymentInFull:
    """Show a payment, what it paid, and what was given back of it."""
    found = _found(call, payment_id)
    parts = (
        select(PaymentPart, Invoice.invoice_no)
        .join(Invoice, Invoice.id == PaymentPart.invoice_id)
        .where(PaymentPart.payment_id == payment_id)
        .order_by(PaymentPart.n)
    )
    refunds = select(PaymentRefund).where(PaymentRefund.payment_id == payment_id).order_by(PaymentRefund.id)
    fresh = {"populate_existing": True}
    return PaymentInFull(
        **_facts(found),
        invoices=[_part(found, *row) for row in call.session.execute(parts.execution_options(**fresh))],
        refunds=[_refund(row) for row in call.session.scalars(refunds.execution_options(**fresh))],
    )


@payments.post(
    "/customers/<uuid:customer_id>/payments",
    role=AGENT,
    body=PaymentRecorded,
    answer=PaymentInFull,
    status=201,
    problems=_REFUSED,
)
def record_payment(call: Call, customer_id: UUID, body: PaymentRecorded) -> PaymentInFull:
    """Write down cash or a transfer. It pays nothing before it is confirmed."""
    customer = found_customer(call, customer_id)
    with _acting():
        wanted = _wanted(call, customer.id, body)
        payment_id = spending.record_payment(call.visit(), wanted, Recorded(_staff(call), body.reference))
    after = {"method": body.method, "amount": _as_money(wanted.amount), "payment_id": payment_id}
    call.record("payment.recorded", ("customer", customer.id), {}, after)
    return show_payment(call, payment_id)


@payments.post(
    "/payments/<uuid:payment_id>/confirm", role=ADMIN, body=Confirmation, answer=PaymentInFull, problems=_REFUSED
)
def confirm_payment(call: Call, payment_id: UUID, body: Confirmation) -> PaymentInFull:
    """Confirm that cash or a transfer is there: it is booked, and the customer is told."""
    before = _found(call, payment_id).status
    with _acting():
        done = spending.confirm_payment(call.visit(), payment_id, Recorded(_staff(call), reason=body.reason))
    after = {"status": done.payment.status, "reason": body.reason, "to_wallet": _as_money(done.to_wallet)}
    call.record("payment.confirmed", ("payment", payment_id), {"status": before}, after)
    tell_settled(call.services, call.session, done)
    call.after_commit(lambda: call.services.bell.ring(NOTICE_QUEUE))
    return show_payment(call, payment_id)


@payments.post(
    "/payments/<uuid:payment_id>/refund", role=ADMIN, body=RefundAsked, answer=PaymentInFull, problems=_REFUSED
)
def refund_payment(call: Call, payment_id: UUID, body: RefundAsked) -> PaymentInFull:
    """Give money back. What goes into the wallet is there at once; at a gateway it is asked for, and then told."""
    before = _found(call, payment_id)
    facts = {"status": before.status, "refunded_minor": before.refunded_minor}
    with _acting():
        done = refunding.refund(
            call.visit(), payment_id, body.to, body.amount_minor, Reason(body.reason, _staff(call))
        )  # fmt: skip
    after = {"refund_id": done.id, "to": body.to, "amount": _as_money(done.amount), "reason": body.reason}
    call.record("payment.refunded", ("payment", payment_id), facts, after)
    if body.to == TO_WALLET:
        tell_refunded(call.services, call.visit(), done)
    for queue in (NOTICE_QUEUE, PAYMENT_QUEUE):
        call.after_commit(lambda queue=queue: call.services.bell.ring(queue))  # type: ignore[misc]
    return show_payment(call, payment_id)


@contextmanager
def _acting() -> Iterator[None]:
    """Answer what can't be done as a problem."""
    try:
        yield
    except IllegalTransition as error:
        raise Problem(409, "illegal_transition", str(error)) from None
    except CannotRefund as error:
        raise Problem(409, error.code, str(error)) from None
    except NotForStaff:
        raise Problem(409, "not_for_staff", "of this payment the gateway knows, and nobody else") from None
    except TooLittle:
        raise Problem(409, "too_little", "the customer has spent it from the wallet since") from None
    except Changed:
        raise Problem(409, "nothing_owed", "an invoice is not this customer's, or nothing is owed of it") from None


def _wanted(call: Call, customer_id: UUID, body: PaymentRecorded) -> Wanted:
    currency = call.session.get_one(Business, call.business_id).currency
    if bool(body.invoice_ids) == (body.amount_minor is not None):
        raise Problem(422, "invalid", "either invoice_ids or amount_minor must be given")
    if body.amount_minor is not None:
        return Wanted(call.business_id, customer_id, body.method, Amount(body.amount_minor, currency), TOP_UP)
    shares = spending.shares_of(call.visit(), call.business_id, customer_id, body.invoice_ids)
    amount = Amount(sum(share.minor for share in shares), currency)
    return Wanted(call.business_id, customer_id, body.method, amount, INVOICE, shares)


def _staff(call: Call) -> UUID | None:
    return None if call.principal.kind == API_KEY else call.principal.id


def _found(call: Call, payment_id: UUID) -> PaymentAttempt:
    own = select(PaymentAttempt).where(PaymentAttempt.business_id == call.business_id, PaymentAttempt.id == payment_id)
    found = call.session.scalars(own.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no payment with this id")
    return found


def _facts(row: PaymentAttempt) -> dict[str, Any]:
    came_in = row.received_currency or row.currency
    made = {"amount", "received", "to_wallet", "refunded"}
    facts = {name: getattr(row, name) for name in PaymentShown.model_fields if name not in made}
    return {
        **facts,
        "amount": Money(minor=row.amount_minor, currency=row.currency),
        "received": _money(row.received_minor, came_in),
        "to_wallet": _money(row.to_wallet_minor, came_in),
        "refunded": Money(minor=row.refunded_minor, currency=came_in),
    }


def _part(payment: PaymentAttempt, row: PaymentPart, invoice_no: str) -> PaidInvoice:
    asked, booked = (Money(minor=minor, currency=payment.currency) for minor in (row.asked_minor, row.booked_minor))
    return PaidInvoice(invoice_id=row.invoice_id, invoice_no=invoice_no, asked=asked, booked=booked)


def _refund(row: PaymentRefund) -> RefundShown:
    facts = {name: getattr(row, name) for name in RefundShown.model_fields if name != "amount"}
    return RefundShown(**facts, amount=Money(minor=row.amount_minor, currency=row.currency))


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor=minor, currency=currency)


def _as_money(amount: Amount) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}
