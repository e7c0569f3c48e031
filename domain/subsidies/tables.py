"""The tables of subsidies."""

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable

CHARGING, CHARGED, FAILED, SETTLED = CHARGE_STATES = ("charging", "charged", "failed", "settled")
MOST_KWH: Final = 1_000_000


class Subsidy(Owned, Base):
    """That a programme gives a customer so many kWh a month at a meter, from a day on, until another or for good."""

    __tablename__ = "subsidy"
    __table_args__ = (
        UniqueConstraint("business_id", "programme", "customer_id", "meter_id", "valid_from"),
        referable(),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        CheckConstraint(f"monthly_kwh > 0 AND monthly_kwh <= {MOST_KWH}", "monthly_kwh"),
        CheckConstraint("valid_to >= valid_from", "valid_to"),
    )

    programme: Mapped[str]
    customer_id: Mapped[UUID]
    meter_id: Mapped[UUID]
    valid_from: Mapped[date]
    monthly_kwh: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    valid_to: Mapped[date | None]


class SubsidyCharge(Owned, Base):
    """A customer's quota for a month (its first day): once for each programme, customer and month.

    `command_id` is the command that told the meter. When the month is over, `consumed_wh` is what was used of it, and
    the amounts are the state's debt for that; `detail` says why it can't be settled yet, or has failed.
    """

    __tablename__ = "subsidy_charge"
    __table_args__ = (
        UniqueConstraint("business_id", "programme", "customer_id", "month"),
        ForeignKeyConstraint(["business_id", "subsidy_id"], ["subsidy.business_id", "subsidy.id"]),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        ForeignKeyConstraint(["business_id", "command_id"], ["meter_command.business_id", "meter_command.id"]),
        CheckConstraint(one_of("state", CHARGE_STATES), "state"),
        CheckConstraint("quota_wh > 0 AND consumed_wh BETWEEN 0 AND quota_wh", "watt_hours"),
        CheckConstraint("(state = 'settled') = (consumed_wh IS NOT NULL AND net_minor IS NOT NULL)", "settled"),
        CheckConstraint("extract(day FROM month) = 1", "month"),
        Index("ix_subsidy_charge_state", "state", "month"),
    )

    subsidy_id: Mapped[UUID]
    programme: Mapped[str]
    customer_id: Mapped[UUID]
    meter_id: Mapped[UUID]
    month: Mapped[date]
    quota_wh: Mapped[int] = mapped_column(BigInteger)
    command_id: Mapped[UUID | None]
    state: Mapped[str]
    consumed_wh: Mapped[int | None] = mapped_column(BigInteger)
    net_minor: Mapped[int | None] = mapped_column(BigInteger)
    vat_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str]
    detail: Mapped[str | None]
