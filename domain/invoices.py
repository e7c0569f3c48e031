"""An invoice: imported as it is, or issued by us, with lines and a number of a series."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable

INVOICE_STATUSES = ("issued", "part_paid", "paid", "cancelled")
OPEN_STATUSES = ("issued", "part_paid")


class Invoice(Owned, Base):
    """What a customer was asked to pay. All amounts are minor units of `currency`.

    One that we issued has its number in a `series`, the instant of its issue, and the `parties` as they were then.
    Amounts and parties never change: the database refuses it.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("business_id", "invoice_no"),
        UniqueConstraint("business_id", "series", "number"),
        referable(),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        CheckConstraint(one_of("status", INVOICE_STATUSES), "status"),
        CheckConstraint("net_minor >= 0 AND vat_minor >= 0", "amounts"),
        CheckConstraint("total_minor = net_minor + vat_minor", "total"),
        CheckConstraint("paid_minor BETWEEN 0 AND total_minor", "paid"),
        CheckConstraint("due_date >= issue_date", "due_date"),
        CheckConstraint(
            "CASE status WHEN 'issued' THEN paid_minor = 0 AND total_minor > 0 "
            "WHEN 'part_paid' THEN paid_minor > 0 AND paid_minor < total_minor "
            "WHEN 'paid' THEN paid_minor = total_minor ELSE true END",
            "status_and_paid",
        ),
        CheckConstraint(
            "(series IS NULL) = (number IS NULL) AND (series IS NULL) = (issued_at IS NULL) "
            "AND (series IS NULL) = (parties IS NULL)",
            "ours",
        ),
        Index(
            "ix_invoice_open",
            "customer_id",
            "due_date",
            postgresql_where=text(one_of("status", OPEN_STATUSES)),
        ),
        # How staff look for invoices: the newest, and what is owed to the whole business.
        Index("ix_invoice_listed", "business_id", "issue_date", "id"),
        Index(
            "ix_invoice_owed",
            "business_id",
            "due_date",
            "id",
            postgresql_where=text(one_of("status", OPEN_STATUSES)),
        ),
    )

    customer_id: Mapped[UUID] = mapped_column(index=True)
    invoice_no: Mapped[str]
    status: Mapped[str]
    issue_date: Mapped[date]
    due_date: Mapped[date]
    currency: Mapped[str]
    net_minor: Mapped[Minor]
    vat_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    paid_minor: Mapped[Minor]
    description_en: Mapped[str | None]
    description_ar: Mapped[str | None]
    series: Mapped[str | None]
    number: Mapped[int | None] = mapped_column(BigInteger)
    issued_at: Mapped[datetime | None]
    parties: Mapped[dict[str, Any] | None]


def status_of(total_minor: int, paid_minor: int) -> str:
    """Return the status of an invoice that is not cancelled, from what was paid of it."""
    if paid_minor >= total_minor:
        return "paid"
    return "part_paid" if paid_minor else "issued"
