"""The tables of payments: each try to bring money in, what it is to pay, what is given back, and what we were told."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable
from domain.clock import now
from domain.ids import new_id
from domain.payments.states import CREATED, PAYMENT_STATUSES

LINK, SADAD, WALLET, CASH, TRANSFER = METHODS = ("link", "sadad", "wallet", "cash", "transfer")
# What is paid for at a gateway, and what staff confirms.
AT_GATEWAY: Final = (LINK, SADAD)
BY_STAFF: Final = (CASH, TRANSFER)
INVOICE, TOP_UP, PURCHASE, RENEWAL = PURPOSES = ("invoice", "top_up", "purchase", "renewal")
# Why money went to the wallet and not where it was meant to: it came after the end, a second time, as another amount or
# in another currency; or what it was for owed less by then.
LATE, DOUBLE, AMOUNT, CURRENCY, SURPLUS = ASTRAY = ("late", "double", "amount", "currency", "surplus")
TO_GATEWAY, TO_WALLET = REFUND_WAYS = ("gateway", "wallet")
ASKED, IN_DOUBT, DONE, FAILED = REFUND_STATUSES = ("asked", "in_doubt", "done", "failed")


class PaymentAttempt(Owned, Base):
    """One try to bring money in, and what came of it. `amount_minor` was asked for, `received_minor` came.

    What is with a gateway is looked after at `ask_at`. `tried_at` is when the gateway was last asked to make the page
    or the bill. `twin_of` is the attempt on whose page this money came a second time.
    """

    __tablename__ = "payment"
    __table_args__ = (
        referable(),
        UniqueConstraint("page_id"),
        UniqueConstraint("gateway_payment_id"),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
        ForeignKeyConstraint(["business_id", "staff_id"], ["staff.business_id", "staff.id"]),
        ForeignKeyConstraint(["business_id", "twin_of"], ["payment.business_id", "payment.id"]),
        CheckConstraint(one_of("method", METHODS), "method"),
        CheckConstraint(one_of("purpose", PURPOSES), "purpose"),
        CheckConstraint(one_of("status", PAYMENT_STATUSES), "status"),
        CheckConstraint(one_of("astray", ASTRAY), "astray"),
        CheckConstraint("amount_minor > 0 AND currency ~ '^[A-Z]{3}$'", "amount"),
        ForeignKeyConstraint(["business_id", "subscription_id"], ["subscription.business_id", "subscription.id"]),
        CheckConstraint("(purpose = 'renewal') = (subscription_id IS NOT NULL)", "renewal"),
        CheckConstraint("(purpose = 'purchase') = (purchase_id IS NOT NULL)", "purchase"),
        CheckConstraint("(received_minor IS NULL) = (received_currency IS NULL) AND received_minor > 0", "received"),
        CheckConstraint(
            "(status IN ('paid', 'settled', 'refunded')) = (received_minor IS NOT NULL)", "received_and_status"
        ),
        CheckConstraint("(status IN ('settled', 'refunded')) = (settled_at IS NOT NULL)", "settled"),
        CheckConstraint("refunded_minor BETWEEN 0 AND COALESCE(received_minor, 0)", "refunded"),
        CheckConstraint("to_wallet_minor BETWEEN 0 AND received_minor", "to_wallet"),
        Index("ix_payment_due", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
        Index("ix_payment_settled", "business_id", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
        Index("ix_payment_customer", "customer_id", "id"),
        Index("ix_payment_status", "business_id", "status", "id"),
        Index("ix_payment_purchase", "purchase_id", postgresql_where=text("purchase_id IS NOT NULL")),
    )

    customer_id: Mapped[UUID]
    conversation_id: Mapped[UUID | None]
    method: Mapped[str]
    purpose: Mapped[str]
    purchase_id: Mapped[UUID | None]
    subscription_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default=CREATED)
    status_at: Mapped[datetime] = mapped_column(default=now)
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    received_minor: Mapped[Minor | None]
    received_currency: Mapped[str | None]
    to_wallet_minor: Mapped[Minor | None]
    refunded_minor: Mapped[Minor] = mapped_column(default=0)
    astray: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    is_live: Mapped[bool | None]
    page_id: Mapped[str | None]
    page_url: Mapped[str | None]
    gateway_payment_id: Mapped[str | None]
    biller_name: Mapped[str | None]
    biller_code: Mapped[str | None]
    bill_number: Mapped[str | None]
    last_day: Mapped[date | None]
    expires_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    wants_word: Mapped[bool] = mapped_column(default=False)
    twin_of: Mapped[UUID | None]
    detail: Mapped[str | None]
    staff_id: Mapped[UUID | None]
    reference: Mapped[str | None]
    reason: Mapped[str | None]


class PaymentPart(Base):
    """An invoice that a payment is to pay, in the order in which they are. `booked_minor` is what it did pay of it.

    What was given back of it is no longer booked.
    """

    __tablename__ = "payment_part"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "payment_id"], ["payment.business_id", "payment.id"]),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        ForeignKeyConstraint(["business_id"], ["business.id"]),
        CheckConstraint("asked_minor > 0", "asked"),
        CheckConstraint("booked_minor BETWEEN 0 AND asked_minor", "booked"),
    )

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    invoice_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    n: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    business_id: Mapped[UUID]
    asked_minor: Mapped[Minor]
    booked_minor: Mapped[Minor] = mapped_column(default=0)


class PaymentRefund(Owned, Base):
    """Money given back of a payment, at its gateway or into the wallet.

    At a gateway there is no telling two refunds apart but by the payment's running total: `before_minor` is what that
    was before ours, so only one may be on its way.
    """

    __tablename__ = "payment_refund"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "payment_id"], ["payment.business_id", "payment.id"]),
        ForeignKeyConstraint(["business_id", "staff_id"], ["staff.business_id", "staff.id"]),
        CheckConstraint(one_of("way", REFUND_WAYS), "way"),
        CheckConstraint(one_of("status", REFUND_STATUSES), "status"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint("reason <> ''", "reason"),
        Index("ix_payment_refund_due", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
        Index(
            "uq_payment_refund_on_its_way",
            "payment_id",
            unique=True,
            postgresql_where=text("status IN ('asked', 'in_doubt')"),
        ),
    )

    payment_id: Mapped[UUID] = mapped_column(index=True)
    way: Mapped[str]
    status: Mapped[str]
    status_at: Mapped[datetime] = mapped_column(default=now)
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    before_minor: Mapped[Minor | None]
    ask_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    reason: Mapped[str]
    staff_id: Mapped[UUID | None]
    detail: Mapped[str | None]


class GatewayNotice(Base):
    """That a gateway told us something, once for each event: a reason to ask, and nothing else is kept of it.

    It belongs to no business: only the gateway itself knows of which payment it is.
    """

    __tablename__ = "gateway_notice"
    __table_args__ = (
        UniqueConstraint("event_id"),
        Index("ix_gateway_notice_open", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    event_id: Mapped[str]
    event: Mapped[str]
    payment_id: Mapped[str]
    page_id: Mapped[str | None]
    ask_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(default=0)
