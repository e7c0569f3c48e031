"""The tables of billing: runs, and the items of them: one meter in one period."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable
from domain.billing.states import ASKED, BILLED, CANCELLED, ITEM_STATES, OPEN, RUN_STATES, WAITING


class BillingRun(Owned, Base):
    """One pass over the postpaid meters for the month that begins on `period`.

    Of a business and a period one real run is open at a time. A dry run writes nothing but its `report`. `progress`
    and `report` are counts, totals by currency, and what was held back and why. `by_itself`: the schedule asked for it.
    """

    __tablename__ = "billing_run"
    __table_args__ = (
        referable(),
        CheckConstraint(one_of("state", RUN_STATES), "state"),
        CheckConstraint("extract(day FROM period) = 1", "period"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('asked', 'running'))", "ended_at"),
        Index(
            "uq_billing_run_open",
            "business_id",
            "period",
            unique=True,
            postgresql_where=text(f"{one_of('state', OPEN)} AND NOT dry_run"),
        ),
        Index("ix_billing_run_open", "id", postgresql_where=text(one_of("state", OPEN))),
        Index("ix_billing_run_listed", "business_id", "period", "id"),
    )

    period: Mapped[date]
    state: Mapped[str] = mapped_column(default=ASKED)
    dry_run: Mapped[bool] = mapped_column(default=False)
    by_itself: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[str | None]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    report: Mapped[dict[str, Any] | None]


class BillingItem(Owned, Base):
    """A meter in a period: billed by an invoice, held back for a reason (`code`, `detail`), or failed.

    A bill is for the days from `first` to before `until`, of `wh` (below zero where estimates were too high), and ends
    where the meter had counted `end_wh`. While
    estimates follow each other, `estimates` counts them, `since_on` and `since_wh` are where they began, and
    `unsettled_wh` and `unsettled_minor` what was charged by them: the next actual reading settles it. Without
    estimates `since_on` and `since_wh` are the end.
    """

    __tablename__ = "billing_item"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "run_id"], ["billing_run.business_id", "billing_run.id"]),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        ForeignKeyConstraint(["business_id", "start_reading_id"], ["reading.business_id", "reading.id"]),
        ForeignKeyConstraint(["business_id", "end_reading_id"], ["reading.business_id", "reading.id"]),
        UniqueConstraint("invoice_id"),
        CheckConstraint(one_of("state", ITEM_STATES), "state"),
        CheckConstraint(f"({one_of('state', (BILLED, CANCELLED))}) = (invoice_id IS NOT NULL)", "invoice"),
        CheckConstraint("(state IN ('held', 'failed')) = (code IS NOT NULL)", "code"),
        CheckConstraint("(invoice_id IS NULL) = (first IS NULL)", "billed"),
        CheckConstraint("until > first", "days"),
        CheckConstraint("estimates >= 0", "estimates"),
        Index(
            "uq_billing_item_live",
            "meter_id",
            "period",
            unique=True,
            postgresql_where=text(f"state <> '{CANCELLED}'"),
        ),
        Index("ix_billing_item_waiting", "business_id", "period", "id", postgresql_where=text(f"state = '{WAITING}'")),
        Index("ix_billing_item_listed", "business_id", "period", "state", "id"),
    )

    run_id: Mapped[UUID]
    meter_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    period: Mapped[date]
    state: Mapped[str] = mapped_column(default=WAITING)
    code: Mapped[str | None]
    detail: Mapped[str | None]
    invoice_id: Mapped[UUID | None]
    first: Mapped[date | None]
    until: Mapped[date | None]
    wh: Mapped[int | None] = mapped_column(BigInteger)
    start_reading_id: Mapped[UUID | None]
    end_reading_id: Mapped[UUID | None]
    start_wh: Mapped[int | None] = mapped_column(BigInteger)
    end_wh: Mapped[int | None] = mapped_column(BigInteger)
    estimates: Mapped[int | None] = mapped_column(SmallInteger)
    since_on: Mapped[date | None]
    since_wh: Mapped[int | None] = mapped_column(BigInteger)
    unsettled_wh: Mapped[int | None] = mapped_column(BigInteger)
    unsettled_minor: Mapped[int | None] = mapped_column(BigInteger)
