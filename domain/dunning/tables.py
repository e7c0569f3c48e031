"""The tables around an invoice that isn't paid: disputes, instalment plans, reminders, fees."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable

# The last is what staff asks for, whenever they do; all others come by themselves.
INVOICE, INSTALMENT, DISCONNECTION, BROKEN_PLAN, ASKED = REMINDER_KINDS = (
    "invoice", "instalment", "disconnection", "broken_plan", "asked",
)  # fmt: skip
ACTIVE, KEPT, BROKEN, CANCELLED = PLAN_STATES = ("active", "kept", "broken", "cancelled")
CUSTOMER, STAFF = AGREED_BY = ("customer", "staff")
MOST_PARTS: Final = 24


class Dispute(Owned, Base):
    """That a customer says an invoice is wrong. While it is open nobody is reminded of the invoice."""

    __tablename__ = "invoice_dispute"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        CheckConstraint("reason <> ''", "reason"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", "closed"),
        Index("uq_invoice_dispute_open", "invoice_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    invoice_id: Mapped[UUID]
    reason: Mapped[str]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class InstalmentPlan(Owned, Base):
    """What was owed of an invoice, to be paid in parts. `paid_before_minor` had been paid of it already."""

    __tablename__ = "instalment_plan"
    __table_args__ = (
        referable(),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "staff_id"], ["staff.business_id", "staff.id"]),
        CheckConstraint(one_of("state", PLAN_STATES), "state"),
        CheckConstraint(one_of("agreed_by", AGREED_BY), "agreed_by"),
        CheckConstraint("(state = 'active') = (ended_at IS NULL)", "ended"),
        CheckConstraint("total_minor > 0 AND paid_before_minor >= 0", "amounts"),
        CheckConstraint(f"parts BETWEEN 2 AND {MOST_PARTS}", "parts"),
        Index("uq_instalment_plan_active", "invoice_id", unique=True, postgresql_where=text("state = 'active'")),
        Index("ix_instalment_plan_customer", "customer_id"),
    )

    invoice_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default=ACTIVE)
    parts: Mapped[int] = mapped_column(SmallInteger)
    total_minor: Mapped[Minor]
    paid_before_minor: Mapped[Minor]
    currency: Mapped[str]
    agreed_by: Mapped[str]
    staff_id: Mapped[UUID | None]
    agreed_on: Mapped[date]
    ended_at: Mapped[datetime | None]


class Instalment(Owned, Base):
    """A part of a plan, the `n`-th (from 1). `until_minor` is what has to be paid by then altogether."""

    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("plan_id", "n"),
        referable(),
        ForeignKeyConstraint(["business_id", "plan_id"], ["instalment_plan.business_id", "instalment_plan.id"]),
        CheckConstraint("amount_minor > 0 AND until_minor >= amount_minor AND n >= 1", "amounts"),
    )

    plan_id: Mapped[UUID]
    n: Mapped[int] = mapped_column(SmallInteger)
    due_date: Mapped[date]
    amount_minor: Mapped[Minor]
    until_minor: Mapped[Minor]


class Reminder(Owned, Base):
    """That a customer was reminded of an invoice: on a local `day`, at a `stage`, in days after the due date.

    Unique by stage and by day, but for what staff asked for. Without a message there was no way to the customer.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        ForeignKeyConstraint(["business_id", "instalment_id"], ["instalment.business_id", "instalment.id"]),
        CheckConstraint(one_of("kind", REMINDER_KINDS), "kind"),
        CheckConstraint("(kind = 'instalment') = (instalment_id IS NOT NULL)", "instalment"),
        Index("ix_reminder_message", "message_id", postgresql_where=text("message_id IS NOT NULL")),
        Index(
            "uq_reminder_day",
            "invoice_id",
            "day",
            unique=True,
            postgresql_where=text(f"kind <> '{ASKED}'"),
        ),
        Index(
            "uq_reminder_stage",
            "invoice_id",
            "kind",
            "instalment_id",
            "stage",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(f"kind <> '{ASKED}'"),
        ),
    )

    invoice_id: Mapped[UUID]
    instalment_id: Mapped[UUID | None]
    kind: Mapped[str]
    stage: Mapped[int] = mapped_column(SmallInteger)
    day: Mapped[date]
    message_id: Mapped[UUID | None]


class LateFee(Owned, Base):
    """The one fee for an invoice that is late: an invoice of its own."""

    __tablename__ = "late_fee"
    __table_args__ = (
        UniqueConstraint("invoice_id"),
        UniqueConstraint("fee_invoice_id"),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        ForeignKeyConstraint(["business_id", "fee_invoice_id"], ["invoice.business_id", "invoice.id"]),
    )

    invoice_id: Mapped[UUID]
    fee_invoice_id: Mapped[UUID]
