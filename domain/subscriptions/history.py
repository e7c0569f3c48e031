"""What changed a subscription, written down: the change itself, and the pause that it ended."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.subscriptions.holding import Holding
from domain.subscriptions.tables import SYSTEM
from domain.subscriptions.term import days_remaining, pause_length, whole_days
from domain.subscriptions.wall import Moment


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something: `kind` is one of domain.subscriptions.tables.CHANGERS, `name` what they are known by."""

    kind: str
    name: str | None = None
    ip: str | None = None
    request_id: str | None = None


BY_ITSELF: Final = By(SYSTEM)


@dataclass(frozen=True, slots=True)
class Why:
    """In whose words: the reason, notes, and why a limit was waved aside."""

    reason: str | None = None
    notes: str | None = None
    override: str | None = None


NO_WORDS: Final = Why()


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed: the subscription before and after, and when. Amounts are minor units of its currency.

    `invoice_id` is the invoice of what was paid for it.
    """

    action: str
    before: Holding
    after: Holding
    at: Moment
    wasted_minor: int | None = None
    refund_minor: int | None = None
    invoice_id: UUID | None = None

    @property
    def days_before(self) -> int:
        """The days that were left before."""
        return days_remaining(self.before.term, self.at.day)

    @property
    def days_after(self) -> int:
        """The days that are left after it."""
        return days_remaining(self.after.term, self.at.day)

    @property
    def pause_days(self) -> int | None:
        """The whole 24 hours of the pause that this ended; None where it ended none."""
        return whole_days(pause_length(self.before.term, self.at.wall)) if self.ends_pause else None

    @property
    def ends_pause(self) -> bool:
        """Whether a pause ended by it."""
        return self.before.term.paused is not None and self.after.term.paused is None


_REMEMBER: Final = """
    INSERT INTO subscription_change (
        id, created_at, business_id, subscription_id, period, action, from_status, to_status, changed_at, days_before,
        days_after, ends_before, ends_after, pause_days, changed_by, changed_by_type, reason, notes, override, ip,
        request_id, wasted_minor, refund_minor, invoice_id)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(subscription_id)s, %(period)s, %(action)s, %(from)s, %(to)s, %(at)s,
            %(days_before)s, %(days_after)s, %(ends_before)s, %(ends_after)s, %(pause_days)s, %(by)s, %(by_type)s,
            %(reason)s, %(notes)s, %(override)s, %(ip)s, %(request_id)s, %(wasted)s, %(refund)s,
            %(invoice_id)s)
"""
_END_PAUSE: Final = """
    INSERT INTO pause (id, created_at, business_id, subscription_id, period, number, previous, previous_ended_at,
                       began_at, ended_at, began, ended, cause, reason)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(subscription_id)s, %(period)s, %(number)s, NULLIF(%(number)s - 1, 0),
            (SELECT ended_at FROM pause WHERE subscription_id = %(subscription_id)s AND number = %(number)s - 1),
            %(began_at)s, %(ended_at)s, %(began)s, %(ended)s, %(cause)s, %(reason)s)
"""


def remember(visit: Visit, change: Change, by: By, why: Why) -> UUID:
    """Write a change into the history, and the pause that it ended among the pauses. Returns the row's id."""
    before, after, change_id = change.before, change.after, new_id()
    if change.ends_pause:
        _remember_pause(visit, change)
    values = {
        "id": change_id,
        "now": now(),
        "business_id": after.business_id,
        "subscription_id": after.id,
        "period": after.period,
        "action": change.action,
        "from": before.term.status,
        "to": after.term.status,
        "at": change.at.at,
        "days_before": change.days_before,
        "days_after": change.days_after,
        "ends_before": before.term.ends,
        "ends_after": after.term.ends,
        "pause_days": change.pause_days,
        "by": by.name,
        "by_type": by.kind,
        "reason": why.reason,
        "notes": why.notes,
        "override": why.override,
        "ip": by.ip,
        "request_id": by.request_id,
        "wasted": change.wasted_minor,
        "refund": change.refund_minor,
        "invoice_id": change.invoice_id,
    }
    visit.ask(_REMEMBER, values)
    return change_id


def _remember_pause(visit: Visit, change: Change) -> None:
    held, paused = change.before, change.before.term.paused
    assert paused is not None  # noqa: S101  whoever calls has looked
    values = {
        "id": new_id(),
        "now": now(),
        "business_id": held.business_id,
        "subscription_id": held.id,
        "period": held.period,
        "number": held.pauses + 1,
        "began_at": paused.at,
        "ended_at": max(change.at.at, paused.at),
        "began": paused.wall,
        "ended": change.at.wall,
        "cause": held.cause,
        "reason": held.reason,
    }
    visit.ask(_END_PAUSE, values)
