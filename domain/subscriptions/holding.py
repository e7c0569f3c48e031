"""A subscription out of its row, locked, and back into it. One that was changed meanwhile is never written over."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from domain.door import Visit
from domain.subscriptions.tables import Subscription
from domain.subscriptions.term import Term
from domain.subscriptions.wall import Moment

Found = TypeVar("Found")


class NoSuchSubscription(LookupError):
    """There is no subscription with this id in this business."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A subscription with its present period. `pauses` counts the ended ones, of all periods."""

    id: UUID
    business_id: UUID
    customer_id: UUID
    plan_id: UUID
    reference: str
    zone: str
    period: int
    version: int
    pauses: int
    price_minor: int
    currency: str
    reason: str | None
    cause: str | None
    term: Term

    def with_term(self, term: Term) -> "Holding":
        """Return it with another term."""
        return replace(self, term=term)


_FACTS: Final = tuple(Holding.__dataclass_fields__)[:-1]
_COLUMNS: Final = """
    subscription.id, subscription.business_id, customer_id, plan_id, reference, zone, period, version, pauses,
    subscription.price_minor, currency, reason, paused_cause, subscription.status, start_date, days_planned, ends,
    days_adjusted, paused_at, paused_wall, resume_on, pause_from, pause_until, stopped_on, days_wasted
"""
_LOCKED: Final = f"""
    SELECT {_COLUMNS} FROM subscription JOIN plan ON plan.id = plan_id
    WHERE subscription.business_id = %(business_id)s AND subscription.id = %(id)s FOR NO KEY UPDATE OF subscription
"""  # noqa: S608  columns of our own
_LOOKED_AT: Final = _LOCKED.replace("FOR NO KEY UPDATE OF subscription", "")
_HELD: Final = f"""
    SELECT {_COLUMNS} FROM subscription JOIN plan ON plan.id = plan_id
    WHERE customer_id = %(customer_id)s
    ORDER BY subscription.status IN ('pending', 'active', 'paused') DESC, last_day DESC, reference LIMIT %(limit)s
"""  # noqa: S608  columns of our own
_SAVE: Final = """
    UPDATE subscription SET
        status = %(status)s, start_date = %(start)s, days_planned = %(planned)s, days_adjusted = %(adjusted)s,
        ends = %(ends)s, period = %(period)s, pauses = %(pauses)s, price_minor = %(price_minor)s, reason = %(reason)s,
        paused_at = %(paused_at)s, paused_wall = %(paused_wall)s, paused_cause = %(cause)s, resume_on = %(resume_on)s,
        pause_from = %(pause_from)s, pause_until = %(pause_until)s, stopped_on = %(stopped_on)s,
        days_wasted = %(wasted)s, version = version + 1
    WHERE id = %(id)s AND version = %(version)s
    RETURNING version
"""


def lock_holding(visit: Visit, business_id: UUID, subscription_id: UUID) -> Holding:
    """Return a subscription, locked until the transaction ends. Raises NoSuchSubscription."""
    return _one(visit.ask(_LOCKED, {"business_id": business_id, "id": subscription_id}))


def look_at_holding(visit: Visit, business_id: UUID, subscription_id: UUID) -> Holding:
    """Return a subscription as it stands. Raises NoSuchSubscription."""
    return _one(visit.ask(_LOOKED_AT, {"business_id": business_id, "id": subscription_id}))


def holdings_of(visit: Visit, customer_id: UUID, limit: int) -> list[Holding]:
    """Return up to `limit` subscriptions of a customer: what runs first, then the latest that ended."""
    return [_read(row) for row in visit.ask(_HELD, {"customer_id": customer_id, "limit": limit})]


def holding_of(row: Subscription, currency: str) -> Holding:
    """Return what a row that was read otherwise says."""
    facts = {name: getattr(row, name) for name in _FACTS if name not in {"currency", "cause"}}
    times = (row.status, row.start_date, row.days_planned, row.ends, row.days_adjusted)
    since = _moment(row.paused_at, row.paused_wall)
    later = (row.resume_on, row.pause_from, row.pause_until, row.stopped_on, row.days_wasted)
    return Holding(**facts, currency=currency, cause=row.paused_cause, term=Term(*times, since, *later))


def save_holding(visit: Visit, held: Holding) -> None:
    """Write a subscription back that was locked. Raises RuntimeError where it was not."""
    term = held.term
    values = {
        "id": held.id,
        "version": held.version,
        "period": held.period,
        "pauses": held.pauses,
        "price_minor": held.price_minor,
        "reason": held.reason,
        "cause": held.cause if term.paused else None,
        "status": term.status,
        "start": term.start,
        "planned": term.planned,
        "adjusted": term.adjusted,
        "ends": term.ends,
        "paused_at": term.paused.at if term.paused else None,
        "paused_wall": term.paused.wall if term.paused else None,
        "resume_on": term.resume_on,
        "pause_from": term.pause_from,
        "pause_until": term.pause_until,
        "stopped_on": term.stopped_on,
        "wasted": term.wasted,
    }
    if not visit.ask(_SAVE, values):
        raise RuntimeError(f"subscription {held.id} was written without its lock")


def found(row: Found | None) -> Found:
    """Return what was looked for. Raises NoSuchSubscription where it is not there."""
    if row is None:
        raise NoSuchSubscription
    return row


def _one(rows: Any) -> Holding:
    return _read(found(next(iter(rows), None)))


def _read(row: tuple[Any, ...]) -> Holding:
    facts: dict[str, Any] = dict(zip(_FACTS, row, strict=False))
    status, start, planned, ends, adjusted, paused_at, paused_wall, *rest = row[len(_FACTS) :]
    term = Term(status, start, planned, ends, adjusted, _moment(paused_at, paused_wall), *rest)
    return Holding(**facts, term=term)


def _moment(at: datetime | None, wall: datetime | None) -> Moment | None:
    return Moment(at, wall) if at is not None and wall is not None else None
