"""Subscriptions: how they stand, what is done with them, and what ever was."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Money, Page, PageQuery, Shape
from bot.api.subscribing import acting, by_whom, changed
from domain import clock
from domain.staff import AGENT, VIEWER
from domain.subscriptions import Plan, Subscription, SubscriptionChange
from domain.subscriptions import changing as change
from domain.subscriptions.history import Why
from domain.subscriptions.holding import Holding, found, holding_of
from domain.subscriptions.rules import Rules, Wish, rules_of
from domain.subscriptions.term import days_remaining, days_used, pause_length, whole_days
from domain.subscriptions.wall import Moment, instant_of, moment_of, zone_of

subscriptions = Resource("subscriptions", "Subscriptions: customers' holdings of plans, with every day accounted for.")

Status = Literal["pending", "active", "paused", "stopped", "expired", "cancelled"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_ORDER = Order((Subscription.id,), ("id",))
_HISTORY = Order((SubscriptionChange.seq,), ("seq",))
_REFUSED: Final = {409: "It may not do that from where it is, or a rule of the business is against it: `code` says."}


class SubscriptionShown(Shape):
    """A subscription as it stands now. `last_day` is the last day of service, inclusive.

    `days_remaining` is last_day − today, and while paused what it was on the day of the pause. `resume_on` is the day
    at whose beginning a pause ends by itself; `pause_from` and `pause_until` are a pause that is planned.
    """

    id: UUID
    reference: str
    customer_id: UUID
    plan: str
    status: Status
    start_date: date
    last_day: date
    original_last_day: date
    ends_at: datetime
    days_planned: int
    days_used: int
    days_remaining: int
    days_paused: int
    paused_on: date | None
    resume_on: date | None
    pause_from: date | None
    pause_until: date | None
    stopped_on: date | None
    days_wasted: int | None
    reason: str | None
    price: Money


class SubscriptionQuery(PageQuery):
    """Which subscriptions: all that is given must hold."""

    reference: str | None = Field(None, max_length=64)
    customer_id: UUID | None = None
    status: Status | None = Field(None, description="As it was last written down: what time brings is, every hour.")


class PauseAsked(Shape):
    """A pause: from the beginning of a day, or from now on, until the beginning of another, or until it is resumed.

    With `override`, which says why, the limits of the business are waved aside.
    """

    reason: Words | None = None
    start: date | None = Field(None, alias="from")
    until: date | None = None
    override: Words | None = None


class Resumed(Shape):
    """What came of resuming. `new_end_date` is the last day of service, inclusive."""

    resumed_at: datetime
    pause_duration_days: int
    new_end_date: date
    days_remaining: int


class ResumeAsked(Shape):
    """Notes, and why it is resumed though an invoice is overdue."""

    notes: Words | None = None
    override: Words | None = None


class StopAsked(Shape):
    """Why it is stopped, and whether what the wasted days cost is given back: else the business's rule says."""

    reason: Words
    refund: bool | None = None


class Stopped(Shape):
    """What came of stopping."""

    days_used: int
    days_wasted: int
    value_wasted: Money
    refund_due: Money


class ReactivateAsked(Shape):
    """From when on a fresh period begins: today, if nothing is said."""

    new_start_date: date | None = None
    notes: Words | None = None


class ReasonGiven(Shape):
    """Why."""

    reason: Words


class ChangeShown(Shape):
    """Something that changed a subscription. `pause_duration_days` are whole 24 hours on the wall's clock."""

    id: UUID
    seq: int
    from_status: Status | None
    to_status: Status
    action_type: str
    changed_at: datetime
    days_before_change: int | None
    days_after_change: int
    pause_duration_days: int | None
    changed_by: str | None
    changed_by_type: str
    reason: str | None
    notes: str | None
    override: str | None
    ip: str | None
    request_id: str | None
    financial_impact: Money | None
    refund_due: Money | None
    invoice_id: UUID | None


@subscriptions.get("/subscriptions", role=VIEWER, query=SubscriptionQuery, answer=Page[SubscriptionShown])
def list_subscriptions(call: Call, query: SubscriptionQuery) -> Page[SubscriptionShown]:
    """List subscriptions, the newest first."""
    statement = _listed().where(Subscription.business_id == call.business_id)
    for name in ("reference", "customer_id", "status"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(Subscription, name) == value)
    rules = rules_of(call.visit(), call.business_id)
    return page(call, statement, _ORDER, query, lambda row: _shown(rules, *row))


@subscriptions.get("/subscriptions/<uuid:subscription_id>", role=VIEWER, answer=SubscriptionShown)
def show_subscription(call: Call, subscription_id: UUID) -> SubscriptionShown:
    """Show a subscription as it stands now."""
    statement = _listed().where(Subscription.business_id == call.business_id, Subscription.id == subscription_id)
    with acting():
        row = found(call.session.execute(statement.execution_options(populate_existing=True)).one_or_none())
    return _shown(rules_of(call.visit(), call.business_id), *row)


@subscriptions.post(
    "/subscriptions/<uuid:subscription_id>/pause",
    role=AGENT,
    body=PauseAsked,
    answer=SubscriptionShown,
    problems=_REFUSED,
)
def pause_subscription(call: Call, subscription_id: UUID, body: PauseAsked) -> SubscriptionShown:
    """Pause a subscription now, or plan a pause. The customer is told."""
    wish, why = Wish(body.start, body.until), Why(body.reason, override=body.override)
    with acting():
        done = change.pause(call.visit(), call.business_id, subscription_id, wish, by_whom(call), why)
    changed(call, done, why)
    return show_subscription(call, subscription_id)


@subscriptions.post(
    "/subscriptions/<uuid:subscription_id>/cancel-pause",
    role=AGENT,
    answer=SubscriptionShown,
    problems=_REFUSED,
)
def cancel_planned_pause(call: Call, subscription_id: UUID) -> SubscriptionShown:
    """Take back a pause that is planned. The customer is told."""
    with acting():
        done = change.unschedule_pause(call.visit(), call.business_id, subscription_id, by_whom(call))
    changed(call, done, Why())
    return show_subscription(call, subscription_id)


@subscriptions.post(
    "/subscriptions/<uuid:subscription_id>/resume", role=AGENT, body=ResumeAsked, answer=Resumed, problems=_REFUSED
)
def resume_subscription(call: Call, subscription_id: UUID, body: ResumeAsked) -> Resumed:
    """Resume a subscription. The customer is told."""
    why = Why(notes=body.notes, override=body.override)
    with acting():
        done = change.resume(call.visit(), call.business_id, subscription_id, by_whom(call), why)
    changed(call, done, why)
    return Resumed(
        resumed_at=local(done.at.at, done.after.zone),
        pause_duration_days=done.pause_days or 0,
        new_end_date=done.after.term.last_day,
        days_remaining=done.days_after,
    )


@subscriptions.post(
    "/subscriptions/<uuid:subscription_id>/stop", role=AGENT, body=StopAsked, answer=Stopped, problems=_REFUSED
)
def stop_subscription(call: Call, subscription_id: UUID, body: StopAsked) -> Stopped:
    """Stop a subscription for good. The customer is told."""
    why = Why(body.reason)
    with acting():
        done = change.stop(
            call.visit(), call.business_id, subscription_id, by_whom(call), why, refund=body.refund
        )  # fmt: skip
    changed(call, done, why)
    currency = done.after.currency
    return Stopped(
        days_used=days_used(done.after.term, done.at.day),
        days_wasted=done.after.term.wasted or 0,
        value_wasted=Money(minor=done.wasted_minor or 0, currency=currency),
        refund_due=Money(minor=done.refund_minor or 0, currency=currency),
    )


@subscriptions.post(
    "/subscriptions/<uuid:subscription_id>/reactivate",
    role=AGENT,
    body=ReactivateAsked,
    answer=SubscriptionShown,
    problems=_REFUSED,
)
def reactivate_subscription(call: Call, subscription_id: UUID, body: ReactivateAsked) -> SubscriptionShown:
    """Begin a full fresh period on the same plan. The customer is told."""
    why = Why(notes=body.notes)
    with acting():
        done = change.reactivate(
            call.visit(), call.business_id, subscription_id, by_whom(call), body.new_start_date, why
        )  # fmt: skip
    changed(call, done, why)
    return show_subscription(call, subscription_id)


@subscriptions.post(
    "/subscriptions/<uuid:subscription_id>/cancel",
    role=AGENT,
    body=ReasonGiven,
    answer=SubscriptionShown,
    problems=_REFUSED,
)
def cancel_subscription(call: Call, subscription_id: UUID, body: ReasonGiven) -> SubscriptionShown:
    """Cancel a subscription that was a mistake. The customer is told."""
    why = Why(body.reason)
    with acting():
        done = change.cancel(call.visit(), call.business_id, subscription_id, by_whom(call), why)
    changed(call, done, why)
    return show_subscription(call, subscription_id)


@subscriptions.get(
    "/subscriptions/<uuid:subscription_id>/status-history", role=VIEWER, query=PageQuery, answer=Page[ChangeShown]
)
def list_status_history(call: Call, subscription_id: UUID, query: PageQuery) -> Page[ChangeShown]:
    """List what changed a subscription, the newest first."""
    currency = _currency(call, subscription_id)
    statement = select(SubscriptionChange).where(SubscriptionChange.subscription_id == subscription_id)
    return page(call, statement, _HISTORY, query, lambda row: _told(row[0], currency))


def local(at: datetime, zone: str) -> datetime:
    """Return an instant with the offset that it has at a place."""
    return at.astimezone(zone_of(zone))


def _listed() -> Any:
    return select(Subscription, Plan.code, Plan.currency).join(Plan, Plan.id == Subscription.plan_id)


def _currency(call: Call, subscription_id: UUID) -> str:
    statement = select(Plan.currency).join(Subscription, Subscription.plan_id == Plan.id)
    own = statement.where(Subscription.business_id == call.business_id, Subscription.id == subscription_id)
    with acting():
        return str(found(call.session.scalars(own).one_or_none()))


def _shown(rules: Rules, row: Subscription, plan: str, currency: str) -> SubscriptionShown:
    now = moment_of(clock.now(), row.zone)
    held = change.as_of_today(holding_of(row, currency), now, rules)
    return SubscriptionShown(**_facts(held, now), plan=plan, price=Money(minor=row.price_minor, currency=currency))


def _facts(held: Holding, now: Moment) -> dict[str, Any]:
    term = held.term
    return {
        "id": held.id,
        "reference": held.reference,
        "customer_id": held.customer_id,
        "status": term.status,
        "start_date": term.start,
        "last_day": term.last_day,
        "original_last_day": term.original_last_day,
        "ends_at": local(instant_of(term.ends, held.zone), held.zone),
        "days_planned": term.planned,
        "days_used": days_used(term, now.day),
        "days_remaining": days_remaining(term, now.day),
        "days_paused": whole_days(term.paused_time + pause_length(term, now.wall)),
        "paused_on": term.paused.day if term.paused else None,
        "resume_on": term.resume_on,
        "pause_from": term.pause_from,
        "pause_until": term.pause_until,
        "stopped_on": term.stopped_on,
        "days_wasted": term.wasted,
        "reason": held.reason,
    }


def _told(row: SubscriptionChange, currency: str) -> ChangeShown:
    same = ("id", "seq", "from_status", "to_status", "changed_at", "changed_by", "changed_by_type", "reason", "notes")
    facts = {name: getattr(row, name) for name in (*same, "override", "ip", "request_id", "invoice_id")}
    return ChangeShown(
        **facts,
        action_type=row.action,
        days_before_change=row.days_before,
        days_after_change=row.days_after,
        pause_duration_days=row.pause_days,
        financial_impact=_money(row.wasted_minor, currency),
        refund_due=_money(row.refund_minor, currency),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor=minor, currency=currency)
