"""Purchases of electricity, and giving their money back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Money, Page, PageQuery, Shape
from bot.api.subscriptions import Words
from bot.jobs.queues import VENDING
from bot.problems import Problem
from domain.meters import Meter
from domain.purchases import Purchase
from domain.purchases.refunding import ask_refund
from domain.staff import ADMIN, VIEWER

purchases = Resource("purchases", "Purchases: electricity that customers bought, from what was asked to the token.")

State = Literal["asked", "awaiting_payment", "paid", "vending", "in_doubt", "issued", "failed", "refunded"]
_ORDER: Final = Order((Purchase.id,), ("id",))


class PurchaseShown(Shape):
    """A purchase. `asked` is what the customer wanted to spend: `arrears` and `total` (with `vat` and `fee`) of it.

    `in_doubt_since`: nobody knows whether the vendor issued; it is being asked. `detail` says why it is where it is.
    """

    id: UUID
    created_at: datetime
    customer_id: UUID
    meter_id: UUID
    meter_no: str
    state: State
    state_at: datetime
    asked: Money
    arrears: Money
    fee: Money
    vat: Money
    total: Money
    kwh: Decimal
    paid_at: datetime | None
    bought_on: date | None
    issued_at: datetime | None
    in_doubt_since: datetime | None
    attempts: int
    vendor_id: str | None
    detail: str | None
    invoice_id: UUID | None
    refund_asked_at: datetime | None


class PurchaseQuery(PageQuery):
    """Which purchases: all that is given must hold."""

    state: State | None = None
    customer_id: UUID | None = None
    meter_id: UUID | None = None


class RefundAsked(Shape):
    """Why the money goes back."""

    reason: Words


@purchases.get("/purchases", role=VIEWER, query=PurchaseQuery, answer=Page[PurchaseShown])
def list_purchases(call: Call, query: PurchaseQuery) -> Page[PurchaseShown]:
    """List purchases, the newest first."""
    statement = _listed(call)
    for name in ("state", "customer_id", "meter_id"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(Purchase, name) == value)
    return page(call, statement, _ORDER, query, lambda row: _shown(*row))


@purchases.get("/purchases/<uuid:purchase_id>", role=VIEWER, answer=PurchaseShown)
def show_purchase(call: Call, purchase_id: UUID) -> PurchaseShown:
    """Show a purchase."""
    statement = _listed(call).where(Purchase.id == purchase_id).execution_options(populate_existing=True)
    row = call.session.execute(statement).one_or_none()
    if row is None:
        raise Problem(404, "not_found", "there is no purchase with this id")
    return _shown(*row)


@purchases.post(
    "/purchases/<uuid:purchase_id>/refund",
    role=ADMIN,
    body=RefundAsked,
    answer=PurchaseShown,
    status=202,
    problems={409: "Its token was issued, or its money was never taken, or is back already."},
)
def refund_purchase(call: Call, purchase_id: UUID, body: RefundAsked) -> PurchaseShown:
    """Give the money of a purchase back into the wallet, as soon as the vendor is known to have issued nothing.

    Should it turn out that it did, the customer gets the token instead.
    """
    before = show_purchase(call, purchase_id)
    if not ask_refund(call.visit(), purchase_id, body.reason):
        raise Problem(409, "illegal_transition", f"a purchase that is {before.state} can't be given back")
    call.record("purchase.refund_asked", ("purchase", purchase_id), {"state": before.state}, {"reason": body.reason})
    call.after_commit(lambda: call.services.bell.ring(VENDING))
    return show_purchase(call, purchase_id)


def _listed(call: Call) -> Any:
    joined = select(Purchase, Meter.meter_no).join(Meter, Meter.id == Purchase.meter_id)
    return joined.where(Purchase.business_id == call.business_id)


def _shown(row: Purchase, meter_no: str) -> PurchaseShown:
    same = ("id", "created_at", "customer_id", "meter_id", "state", "state_at", "paid_at", "bought_on", "issued_at")
    more = ("attempts", "vendor_id", "detail", "invoice_id", "refund_asked_at")
    facts: dict[str, Any] = {name: getattr(row, name) for name in (*same, *more)}
    for name in ("asked", "arrears", "fee", "vat", "total"):
        facts[name] = Money(minor=getattr(row, f"{name}_minor"), currency=row.currency)
    doubt = row.doubt_since if row.state == "in_doubt" else None
    return PurchaseShown(**facts, meter_no=meter_no, kwh=Decimal(row.units).scaleb(-1), in_doubt_since=doubt)
