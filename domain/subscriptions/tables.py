"""The tables: plans, subscriptions, their ended pauses, what ever changed, and what customers are to be told of it.

What is stored beside what it could be derived from is checked by the database: `ends` against the planned days and all
pauses (trigger `subscription_adds_up`), `last_day` and `paused_on` are generated, pauses follow one another by
reference. A subscription holds its one open pause itself, so there can't be two.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable
from domain.subscriptions.states import ACTIONS, ACTIVE, PAUSED, PENDING, STOPPED, SUBSCRIPTION_STATUSES

# What the wall shows, at the business that the subscription is of.
_WALL: Final = DateTime(timezone=False)
ASKED, OVERDUE = CAUSES = ("asked", "overdue")
CUSTOMER, STAFF, API_KEY, SYSTEM, FILE = CHANGERS = ("customer", "staff", "api_key", "system", "import")
TOLD, DROPPED = OUTCOMES = ("told", "dropped")


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
    """A customer's holding of a plan: its present period, as domain.subscriptions.term reckons it.

    `zone` is the time zone in which it is reckoned, whatever becomes of the business's. `ends` is on the wall there,
    exclusive. `pauses` numbers the ended ones of all periods. `price_minor` was paid for `days_planned`. `imported` is
    what the company's file said last. `version` counts its changes.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("business_id", "reference"),
        referable(),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "plan_id"], ["plan.business_id", "plan.id"]),
        CheckConstraint(one_of("status", SUBSCRIPTION_STATUSES), "status"),
        CheckConstraint("days_planned > 0", "days_planned"),
        CheckConstraint("price_minor >= 0", "price"),
        CheckConstraint(f"(status = '{PAUSED}') = (paused_at IS NOT NULL)", "paused_at"),
        CheckConstraint("(paused_at IS NULL) = (paused_wall IS NULL)", "paused_wall"),
        CheckConstraint("(paused_at IS NULL) = (paused_cause IS NULL)", "paused_cause"),
        CheckConstraint(one_of("paused_cause", CAUSES), "cause"),
        CheckConstraint(f"resume_on IS NULL OR status = '{PAUSED}'", "resume_on"),
        CheckConstraint(f"pause_from IS NULL OR status = '{ACTIVE}'", "pause_from"),
        CheckConstraint("pause_until > pause_from", "pause_until"),
        CheckConstraint(f"(status = '{STOPPED}') = (stopped_on IS NOT NULL)", "stopped_on"),
        CheckConstraint("(stopped_on IS NULL) = (days_wasted IS NULL)", "days_wasted"),
        CheckConstraint("days_wasted BETWEEN 0 AND days_planned", "wasted"),
        # What time brings by itself is found by these.
        Index("ix_subscription_expires", "last_day", postgresql_where=text(f"status = '{ACTIVE}'")),
        Index("ix_subscription_begins", "start_date", postgresql_where=text(f"status = '{PENDING}'")),
        Index("ix_subscription_resumes", "resume_on", postgresql_where=text("resume_on IS NOT NULL")),
        Index("ix_subscription_pauses", "pause_from", postgresql_where=text("pause_from IS NOT NULL")),
        Index("ix_subscription_status", "business_id", "status", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(index=True)
    plan_id: Mapped[UUID]
    reference: Mapped[str]
    status: Mapped[str]
    zone: Mapped[str]
    start_date: Mapped[date]
    days_planned: Mapped[int]
    days_adjusted: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    ends: Mapped[datetime] = mapped_column(_WALL)
    last_day: Mapped[date] = mapped_column(Computed("(ends - '1 microsecond'::interval)::date", persisted=True))
    period: Mapped[int] = mapped_column(SmallInteger, default=1, server_default=text("1"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    pauses: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    paused_at: Mapped[datetime | None]
    paused_wall: Mapped[datetime | None] = mapped_column(_WALL)
    paused_on: Mapped[date | None] = mapped_column(Computed("paused_wall::date", persisted=True))
    paused_cause: Mapped[str | None]
    resume_on: Mapped[date | None]
    pause_from: Mapped[date | None]
    pause_until: Mapped[date | None]
    stopped_on: Mapped[date | None]
    days_wasted: Mapped[int | None]
    reason: Mapped[str | None]
    price_minor: Mapped[Minor]
    imported: Mapped[dict[str, Any] | None]


class Pause(Owned, Base):
    """A pause that has ended: from when until when, as instants for their order, on the wall for its length.

    Numbered within its subscription. Each refers to the one before by the instant at which that ended, so none is left
    out, none overlaps another, and what one follows can't be changed.
    """

    __tablename__ = "pause"
    __table_args__ = (
        UniqueConstraint("subscription_id", "number"),
        UniqueConstraint("subscription_id", "number", "ended_at"),
        ForeignKeyConstraint(["business_id", "subscription_id"], ["subscription.business_id", "subscription.id"]),
        ForeignKeyConstraint(
            ["subscription_id", "previous", "previous_ended_at"],
            ["pause.subscription_id", "pause.number", "pause.ended_at"],
            name="fk_pause_previous",
        ),
        CheckConstraint("number > 0", "number"),
        CheckConstraint("previous IS NOT DISTINCT FROM NULLIF(number - 1, 0)", "previous"),
        CheckConstraint("(previous IS NULL) = (previous_ended_at IS NULL)", "previous_ended_at"),
        CheckConstraint("began_at >= previous_ended_at", "overlap"),
        CheckConstraint("ended_at >= began_at", "ended_at"),
        CheckConstraint(one_of("cause", CAUSES), "cause"),
        Index("ix_pause_ended", "business_id", "ended_at"),
    )

    subscription_id: Mapped[UUID]
    period: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    previous: Mapped[int | None] = mapped_column(SmallInteger)
    previous_ended_at: Mapped[datetime | None]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    began: Mapped[datetime] = mapped_column(_WALL)
    ended: Mapped[datetime] = mapped_column(_WALL)
    cause: Mapped[str]
    reason: Mapped[str | None]


class SubscriptionChange(Owned, Base):
    """Something that changed a subscription: only ever added to.

    `changed_at` is when it took effect; what time brings belongs to the beginning of its day, `created_at` is when it
    was written. `days_before` and `days_after` are the days that were left. `wasted_minor` is what the wasted days
    cost, `refund_minor` what of it went back into the wallet. `invoice_id` is the invoice of what was paid for it.
    """

    __tablename__ = "subscription_change"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "subscription_id"], ["subscription.business_id", "subscription.id"]),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        CheckConstraint(one_of("action", ACTIONS), "action"),
        CheckConstraint(one_of("to_status", SUBSCRIPTION_STATUSES), "to_status"),
        CheckConstraint(one_of("changed_by_type", CHANGERS), "changed_by_type"),
        CheckConstraint("wasted_minor >= 0 AND refund_minor BETWEEN 0 AND wasted_minor", "money"),
        Index("ix_subscription_change_of", "subscription_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    subscription_id: Mapped[UUID]
    period: Mapped[int] = mapped_column(SmallInteger)
    action: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    changed_at: Mapped[datetime]
    days_before: Mapped[int | None]
    days_after: Mapped[int]
    ends_before: Mapped[datetime | None] = mapped_column(_WALL)
    ends_after: Mapped[datetime] = mapped_column(_WALL)
    pause_days: Mapped[int | None]
    changed_by: Mapped[str | None]
    changed_by_type: Mapped[str]
    reason: Mapped[str | None]
    notes: Mapped[str | None]
    override: Mapped[str | None]
    ip: Mapped[str | None]
    request_id: Mapped[str | None]
    wasted_minor: Mapped[Minor | None]
    refund_minor: Mapped[Minor | None]
    invoice_id: Mapped[UUID | None]


class SubscriptionNotice(Owned, Base):
    """Something that a customer is to be told once: what of, and about which day. `outcome` is empty until then."""

    __tablename__ = "subscription_notice"
    __table_args__ = (
        UniqueConstraint("subscription_id", "kind", "about"),
        CheckConstraint(one_of("outcome", OUTCOMES), "outcome"),
        Index("ix_subscription_notice_waiting", "created_at", postgresql_where=text("outcome IS NULL")),
    )

    subscription_id: Mapped[UUID]
    kind: Mapped[str]
    about: Mapped[date]
    outcome: Mapped[str | None]
