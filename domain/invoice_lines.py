"""The lines of an invoice that we issued, and the credit note that cancels one."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Numeric,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of
from domain.clock import now
from domain.vat import CATEGORIES


class InvoiceLine(Base):
    """What was supplied: `quantity` of `unit` at `unit_price` (in whole units of the currency), where it is measured.

    `net_minor` is in minor units of the invoice's currency, below zero for a discount.
    """

    __tablename__ = "invoice_line"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        CheckConstraint(one_of("vat_category", CATEGORIES), "vat_category"),
        CheckConstraint("vat_rate >= 0 AND vat_rate < 1", "vat_rate"),
        CheckConstraint("(vat_category = 'S') = (vat_rate > 0)", "vat"),
    )

    invoice_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    description_en: Mapped[str]
    description_ar: Mapped[str]
    meter_no: Mapped[str | None]
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(18, 3))
    unit: Mapped[str | None]
    unit_price: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    net_minor: Mapped[Minor]
    vat_category: Mapped[str]
    vat_rate: Mapped[Decimal] = mapped_column(Numeric(5, 4))


class CreditNote(Owned, Base):
    """That an invoice was cancelled, whole, and why. Amounts are minor units of `currency`."""

    __tablename__ = "credit_note"
    __table_args__ = (
        UniqueConstraint("business_id", "credit_note_no"),
        UniqueConstraint("business_id", "series", "number"),
        UniqueConstraint("business_id", "invoice_id"),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        CheckConstraint("total_minor = net_minor + vat_minor", "total"),
    )

    invoice_id: Mapped[UUID]
    credit_note_no: Mapped[str]
    series: Mapped[str]
    number: Mapped[int] = mapped_column(BigInteger)
    issue_date: Mapped[date]
    issued_at: Mapped[datetime]
    currency: Mapped[str]
    net_minor: Mapped[Minor]
    vat_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    reason: Mapped[str]
