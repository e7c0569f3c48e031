"""A customer: who owns meters, subscriptions, invoices and a wallet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Computed, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable
from domain.businesses import LANGUAGES


class Customer(Owned, Base):
    """An account at the business. `opening_balance_minor` is in minor units of the business's currency."""

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("business_id", "account_no"),
        referable(),
        CheckConstraint(one_of("language", LANGUAGES), "language"),
        CheckConstraint("opening_balance_minor >= 0", "opening_balance"),
        # How staff look for a customer: by what a name begins with, byte by byte.
        Index("ix_customer_phone", "business_id", "phone"),
        Index("ix_customer_name_key", "business_id", "name_key"),
        Index("ix_customer_name_ar_key", "business_id", "name_ar_key"),
    )

    account_no: Mapped[str]
    name: Mapped[str]
    name_ar: Mapped[str | None]
    language: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    address: Mapped[str | None]
    area: Mapped[str | None]
    vat_number: Mapped[str | None]
    opening_balance_minor: Mapped[Minor] = mapped_column(default=0)
    marketing_consent: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    protected: Mapped[bool] = mapped_column(default=False)
    tokens_by_sms: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    # Columns of their own: row-level security lets no index be used for what a function says of a column.
    name_key: Mapped[str] = mapped_column(Text(collation="C"), Computed("lower(name)", persisted=True))
    name_ar_key: Mapped[str | None] = mapped_column(Text(collation="C"), Computed("lower(name_ar)", persisted=True))


class ContactCustomer(Owned, Base):
    """That a contact speaks for a customer. One contact may speak for several.

    `source` tells how we know: from the company's own file, or because the contact proved it. `confirmed_at` is when
    it was last proved.
    """

    __tablename__ = "contact_customer"
    __table_args__ = (
        UniqueConstraint("contact_id", "customer_id"),
        CheckConstraint(one_of("source", ("import", "linked")), "source"),
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"]),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
    )

    contact_id: Mapped[UUID]
    customer_id: Mapped[UUID] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(default="import")
    confirmed_at: Mapped[datetime | None]
