"""A plan, which is sold by days, and a subscription: one customer's holding of it."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable

ACTIVE, PAUSED, STOPPED, EXPIRED = SUBSCRIPTION_STATUSES = ("active", "paused", "stopped", "expired")


class Plan(Owned, Base):
    """So many days of service for a price in minor units of `currency`."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("business_id", "code"),
        referable(),
        CheckConstraint("days > 0", "days"),
        CheckConstraint("price_minor >= 0", "price"),
    )

    code: Mapped[str]
    name_en: Mapped[str]
    name_ar: Mapped[str]
    days: Mapped[int]
    price_minor: Mapped[Minor]
    currency: Mapped[str]


class Subscription(Owned, Base):
    """A customer's holding of a plan. `last_day` is the last day of service, inclusive."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("business_id", "reference"),
        referable(),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "plan_id"], ["plan.business_id", "plan.id"]),
        CheckConstraint(one_of("status", SUBSCRIPTION_STATUSES), "status"),
        CheckConstraint("last_day >= start_date", "last_day"),
        CheckConstraint(f"(status = '{PAUSED}') = (paused_on IS NOT NULL)", "paused_on"),
        CheckConstraint(f"(status = '{STOPPED}') = (stopped_on IS NOT NULL)", "stopped_on"),
    )

    customer_id: Mapped[UUID] = mapped_column(index=True)
    plan_id: Mapped[UUID]
    reference: Mapped[str]
    status: Mapped[str]
    start_date: Mapped[date]
    last_day: Mapped[date]
    paused_on: Mapped[date | None]
    stopped_on: Mapped[date | None]
    reason: Mapped[str | None]


def days_remaining(status: str, last_day: date, paused_on: date | None, today: date) -> int:
    """Return the days of service left after today; while paused, what they were on the day of the pause.

    Never below zero; zero for a subscription that is stopped or expired.
    """
    if status not in {ACTIVE, PAUSED}:
        return 0
    return max((last_day - (paused_on or today)).days, 0)
