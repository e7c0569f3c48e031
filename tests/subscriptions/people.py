"""Subscriptions of Noor's, written into the database as the service itself would find them."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.clock import now
from domain.customers import Customer
from domain.door import Door, Visit
from domain.ids import new_id
from domain.subscriptions import Plan, Subscription, SubscriptionChange, SubscriptionNotice
from domain.subscriptions.holding import Holding, look_at_holding
from domain.subscriptions.term import Term
from domain.subscriptions.wall import midnight


def subscribed(
    door: Door, business_id: UUID, reference: str, term: Term, zone: str = "Asia/Riyadh", phone: str | None = None
) -> UUID:
    """Write a subscription that stands at `term`. Returns its id."""
    with door.for_business(business_id) as session:
        customers = select(Customer.id).order_by(Customer.account_no)
        customer = session.scalars(customers.where(Customer.phone == phone) if phone else customers).first()
        plan = session.scalars(select(Plan).where(Plan.code == "M")).one()
        row = Subscription(
            id=new_id(), business_id=business_id, customer_id=customer, plan_id=plan.id, reference=reference,
            status=term.status, zone=zone, start_date=term.start, days_planned=term.planned,
            days_adjusted=(term.ends - midnight(term.start)).days - term.planned, ends=term.ends, price_minor=9900,
            paused_at=term.paused and term.paused.at, paused_wall=term.paused and term.paused.wall,
            paused_cause="asked" if term.paused else None, resume_on=term.resume_on, pause_from=term.pause_from,
            pause_until=term.pause_until, stopped_on=term.stopped_on, days_wasted=term.wasted,
        )  # fmt: skip
        session.add(row)
        return row.id


def held(door: Door, business_id: UUID, subscription_id: UUID) -> Holding:
    """Return a subscription as it stands."""
    with door.for_business(business_id) as session:
        return look_at_holding(Visit.within(session), business_id, subscription_id)


def history(door: Door, subscription_id: UUID) -> list[SubscriptionChange]:
    """Return what changed a subscription, oldest first."""
    with door.for_every_business() as session:
        wanted = select(SubscriptionChange).where(SubscriptionChange.subscription_id == subscription_id)
        return list(session.scalars(wanted.order_by(SubscriptionChange.seq)))


def notices(door: Door, subscription_id: UUID) -> list[tuple[str, date, str | None]]:
    """Return what is to be told of a subscription, and what became of that."""
    with door.for_every_business() as session:
        wanted = select(SubscriptionNotice).where(SubscriptionNotice.subscription_id == subscription_id)
        rows = session.scalars(wanted.order_by(SubscriptionNotice.created_at, SubscriptionNotice.kind))
        return [(row.kind, row.about, row.outcome) for row in rows]


def ago(**so_long: float) -> datetime:
    """Return an instant that lies back."""
    return now() - timedelta(**so_long)


def facts(change: SubscriptionChange) -> dict[str, Any]:
    """Return what matters of a row of history."""
    names = ("action", "from_status", "to_status", "changed_at", "days_before", "days_after", "pause_days")
    return {name: getattr(change, name) for name in (*names, "ends_before", "ends_after")}
