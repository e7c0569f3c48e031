"""A customer's subscriptions, as they are shown to them: what runs first, then the latest that ended."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.door import Visit
from domain.subscriptions import ACTIVE, PENDING
from domain.subscriptions.term import days_left


@dataclass(frozen=True, slots=True)
class ShownSubscription:
    """One subscription. `days_left` are those after today, or as they were on the day of the pause."""

    reference: str
    plan_en: str
    plan_ar: str
    status: str
    start_date: date
    last_day: date
    paused_on: date | None
    stopped_on: date | None
    days_left: int

    def plan_in(self, language: str) -> str:
        """Return what the plan is called in `language`."""
        return self.plan_ar if language == "ar" else self.plan_en

    def has_begun(self, today: date) -> bool:
        """Tell whether its first day of service is `today` or past."""
        return self.start_date <= today

    def runs_on(self, today: date) -> bool:
        """Tell whether it is active and its last day is not past: that may not have been written down yet."""
        return self.status in {ACTIVE, PENDING} and self.last_day >= today


_SHOWN: Final = """
    SELECT reference, name_en, name_ar, status, start_date, last_day, paused_on, stopped_on
    FROM subscription JOIN plan ON plan.id = plan_id
    WHERE customer_id = %(customer_id)s
    ORDER BY status IN ('pending', 'active', 'paused') DESC, last_day DESC, reference
    LIMIT %(limit)s
"""


def subscriptions_of(visit: Visit, customer_id: UUID, today: date, limit: int) -> list[ShownSubscription]:
    """Return up to `limit` subscriptions of a customer as they are on `today`, a date in the business's time zone."""
    rows = visit.ask(_SHOWN, {"customer_id": customer_id, "limit": limit})
    return [_shown(row, today) for row in rows]


def _shown(row: tuple[Any, ...], today: date) -> ShownSubscription:
    *known, status, start_date, last_day, paused_on, stopped_on = row
    left = days_left(status, last_day, paused_on, today)
    reference, plan_en, plan_ar = known
    return ShownSubscription(
        reference, plan_en, plan_ar, status, start_date, last_day, paused_on, stopped_on, left
    )  # fmt: skip
