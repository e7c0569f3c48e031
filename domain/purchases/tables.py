"""The tables of purchases."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from domain.base import Base, Minor, Owned, one_of, referable
from domain.clock import now
from domain.purchases.states import ASKED, OPEN, PURCHASE_STATES
from domain.vendors.results import TokenKind

_OPEN = one_of("state", OPEN)


class Purchase(Owned, Base):
    """Electricity for a meter. Its id is our reference at the vendor. Amounts are minor units of `currency`.

    What was quoted: of `asked_minor`, `arrears_minor` go to what is overdue, and `total_minor` (with tax) is the price
    of `units` tenths of a kWh. `lines` are `[units, price, net]`; `rest_minor` is what is less than a tenth of a kWh.
    `words` are those of its invoice, in English and Arabic.

    `due_at` is when a worker looks at it next; `sent_at` when the vendor was last asked and gave no answer; `refused`
    why the vendor said no while an earlier request could still have come through; `tell` what the customer is still to
    be told. `refund_asked_at`: staff wants the money back, as soon as it is certain that nothing was issued.
    """

    __tablename__ = "purchase"
    __table_args__ = (
        referable(),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        ForeignKeyConstraint(["business_id", "tariff_id"], ["tariff.business_id", "tariff.id"]),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
        CheckConstraint(one_of("state", PURCHASE_STATES), "state"),
        CheckConstraint("units > 0", "units"),
        CheckConstraint("arrears_minor >= 0 AND fee_minor >= 0 AND total_minor >= 0", "amounts"),
        CheckConstraint("total_minor = net_minor + vat_minor", "total"),
        CheckConstraint("arrears_minor + total_minor <= asked_minor", "no_more_than_asked"),
        CheckConstraint(
            "(state IN ('asked', 'awaiting_payment', 'failed')) = (paid_at IS NULL) "
            "AND (paid_at IS NULL) = (invoice_id IS NULL) AND (paid_at IS NULL) = (bought_on IS NULL)",
            "paid",
        ),
        CheckConstraint(f"(due_at IS NULL) = NOT ({_OPEN})", "due_at"),
        Index("ix_purchase_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_purchase_tell", "id", postgresql_where=text("tell IS NOT NULL")),
        Index("ix_purchase_expires", "expires_at", postgresql_where=text("state IN ('asked', 'awaiting_payment')")),
        Index("ix_purchase_meter", "meter_id", "bought_on"),
        Index("ix_purchase_customer", "customer_id", "id"),
    )

    customer_id: Mapped[UUID]
    meter_id: Mapped[UUID]
    conversation_id: Mapped[UUID | None]
    tariff_id: Mapped[UUID]
    invoice_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default=ASKED)
    state_at: Mapped[datetime] = mapped_column(default=now)
    currency: Mapped[str]
    asked_minor: Mapped[Minor]
    arrears_minor: Mapped[Minor]
    fee_minor: Mapped[Minor]
    rest_minor: Mapped[Minor]
    net_minor: Mapped[Minor]
    vat_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    units: Mapped[int]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    words: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    bought_on: Mapped[date | None]
    issued_at: Mapped[datetime | None]
    arrears_paid: Mapped[list[Any] | None] = mapped_column(JSONB)
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    doubt_since: Mapped[datetime | None]
    refused: Mapped[str | None]
    detail: Mapped[str | None]
    vendor_id: Mapped[str | None]
    tell: Mapped[str | None]
    told_late_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    refund_asked_at: Mapped[datetime | None]
    refund_reason: Mapped[str | None]


class Token(Owned, Base):
    """A token that was issued for a purchase: the `part`th, in the order in which they are entered. Never changed.

    `reference` is ours at the vendor, so that one vend has one set of tokens; `units` are tenths of a kWh, 0 for a key
    change.
    """

    __tablename__ = "token"
    __table_args__ = (
        UniqueConstraint("business_id", "reference", "part"),
        ForeignKeyConstraint(["business_id", "purchase_id"], ["purchase.business_id", "purchase.id"]),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        CheckConstraint(one_of("kind", tuple(TokenKind)), "kind"),
        CheckConstraint("part >= 1", "part"),
        CheckConstraint("digits ~ '^[0-9]{20}$'", "digits"),
        Index("ix_token_purchase", "purchase_id", "part"),
        Index("ix_token_digits", "business_id", "digits"),
    )

    purchase_id: Mapped[UUID]
    meter_id: Mapped[UUID]
    reference: Mapped[str]
    part: Mapped[int]
    kind: Mapped[str]
    digits: Mapped[str]
    units: Mapped[int]
    issued_at: Mapped[datetime]


class VendorHealth(Base):
    """How the vendor is, as it was last seen: who buys is told before they pay. `failing_since`: it can't vend now.

    `credit_minor` is what the business still has with it, where it keeps that.
    """

    __tablename__ = "vendor_health"

    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    checked_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    credit_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]


class VendWaiting(Owned, Base):
    """Somebody who wants to be told when the vendor can vend again."""

    __tablename__ = "vend_waiting"
    __table_args__ = (
        UniqueConstraint("conversation_id"),
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
    )

    conversation_id: Mapped[UUID]


class MeterQuestion(Owned, Base):
    """Something that a customer asked of a meter, for a worker to ask the vendor. Answered, it is gone.

    `digits` is a token that is said not to work, where it is about one.
    """

    __tablename__ = "meter_question"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        Index("ix_meter_question_due", "due_at"),
    )

    conversation_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    meter_id: Mapped[UUID]
    digits: Mapped[str | None]
    due_at: Mapped[datetime] = mapped_column(default=now)
    tries: Mapped[int] = mapped_column(default=0)
