"""How a customer stands: what is owed, what is left of the subscriptions, which meters there are."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.door import Visit
from domain.invoices import OPEN_STATUSES
from domain.money import Money
from domain.subscriptions.term import days_left


@dataclass(frozen=True, slots=True)
class HeldMeter:
    """A meter by its number, and by what its owner calls it."""

    meter_no: str
    nickname: str | None


@dataclass(frozen=True, slots=True)
class HeldSubscription:
    """A subscription that is running or paused; `days_left` after today, or as it was on the day of the pause."""

    plan_en: str
    plan_ar: str
    status: str
    last_day: date
    paused_on: date | None
    days_left: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`owed` is the total still owed over all open invoices; `overdue` counts those whose due date is past."""

    owed: Money
    wallet: Money
    open_invoices: int
    overdue: int
    nearest_due: date | None
    subscriptions: tuple[HeldSubscription, ...]
    meters: tuple[HeldMeter, ...]


# Everything in one round trip.
_STANDING = """
    SELECT
        (SELECT jsonb_build_object(
            'owed', COALESCE(sum(total_minor - paid_minor), 0),
            'open', count(*),
            'overdue', count(*) FILTER (WHERE due_date < %(today)s),
            'nearest', COALESCE(min(due_date) FILTER (WHERE due_date >= %(today)s), min(due_date)))
         FROM invoice WHERE customer_id = %(customer_id)s AND status = ANY(%(open)s)),
        (SELECT COALESCE(jsonb_agg(jsonb_build_array(
            plan.name_en, plan.name_ar, subscription.status, last_day, paused_on) ORDER BY last_day, reference), '[]')
         FROM subscription JOIN plan ON plan.id = plan_id
         WHERE customer_id = %(customer_id)s AND subscription.status IN ('active', 'paused')),
        (SELECT COALESCE(jsonb_agg(jsonb_build_array(meter_no, nickname) ORDER BY meter_no), '[]')
         FROM meter WHERE customer_id = %(customer_id)s AND active),
        (SELECT balance_minor FROM ledger_account
         WHERE holder_id = %(customer_id)s AND kind = 'wallet' AND currency = %(currency)s)
"""


def standing_of(visit: Visit, customer_id: UUID, currency: str, today: date) -> Standing:
    """Return how the customer stands on `today`, a date in the business's time zone."""
    values = {"customer_id": customer_id, "today": today, "open": list(OPEN_STATUSES), "currency": currency}
    ((bill, subscriptions, meters, wallet),) = visit.ask(_STANDING, values)
    return Standing(
        owed=Money(int(bill["owed"]), currency),
        wallet=Money(wallet or 0, currency),
        open_invoices=bill["open"],
        overdue=bill["overdue"],
        nearest_due=_date(bill["nearest"]),
        subscriptions=tuple(_subscription(row, today) for row in subscriptions),
        meters=tuple(HeldMeter(*row) for row in meters),
    )


def _subscription(row: list[Any], today: date) -> HeldSubscription:
    plan_en, plan_ar, status, last_day, paused_on = row
    last, paused = date.fromisoformat(last_day), _date(paused_on)
    left = days_left(status, last, paused, today)
    return HeldSubscription(plan_en, plan_ar, status, last, paused, left)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
