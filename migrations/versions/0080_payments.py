"""Payments: attempts, what they pay, what is given back, and what the gateway told us."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard, guard_from_businesses, unguard

revision = "0080"
down_revision = "0090"
branch_labels = None
depends_on = None

_TABLES = ("payment", "payment_part", "payment_refund")


def upgrade() -> None:
    """Make the tables."""
    _payment()
    _payment_part()
    _payment_refund()
    _gateway_notice()
    for table in _TABLES:
        guard(table)
    guard_from_businesses("gateway_notice")


def downgrade() -> None:
    """Drop them."""
    for table in ("gateway_notice", *reversed(_TABLES)):
        unguard(table)
        op.drop_table(table)


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=True),
        sa.Column("received_currency", sa.String(), nullable=True),
        sa.Column("to_wallet_minor", sa.BigInteger(), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("astray", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_live", sa.Boolean(), nullable=True),
        sa.Column("page_id", sa.String(), nullable=True),
        sa.Column("page_url", sa.String(), nullable=True),
        sa.Column("gateway_payment_id", sa.String(), nullable=True),
        sa.Column("biller_name", sa.String(), nullable=True),
        sa.Column("biller_code", sa.String(), nullable=True),
        sa.Column("bill_number", sa.String(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wants_word", sa.Boolean(), nullable=False),
        sa.Column("twin_of", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(purpose = 'purchase') = (purchase_id IS NOT NULL)", name=op.f("ck_payment_purchase")),
        sa.CheckConstraint(
            "(status IN ('paid', 'settled', 'refunded')) = (received_minor IS NOT NULL)",
            name=op.f("ck_payment_received_and_status"),
        ),
        sa.CheckConstraint(
            "(status IN ('settled', 'refunded')) = (settled_at IS NOT NULL)", name=op.f("ck_payment_settled")
        ),
        sa.CheckConstraint("amount_minor > 0 AND currency ~ '^[A-Z]{3}$'", name=op.f("ck_payment_amount")),
        sa.CheckConstraint(
            "astray IN ('late', 'double', 'amount', 'currency', 'surplus')", name=op.f("ck_payment_astray")
        ),
        sa.CheckConstraint("method IN ('link', 'sadad', 'wallet', 'cash', 'transfer')", name=op.f("ck_payment_method")),
        sa.CheckConstraint("purpose IN ('invoice', 'top_up', 'purchase')", name=op.f("ck_payment_purpose")),
        sa.CheckConstraint(
            "status IN ('created', 'pending', 'in_doubt', 'paid', 'settled', 'failed', 'expired', 'refunded')",
            name=op.f("ck_payment_status"),
        ),
        sa.CheckConstraint(
            "(received_minor IS NULL) = (received_currency IS NULL) AND received_minor > 0",
            name=op.f("ck_payment_received"),
        ),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND COALESCE(received_minor, 0)", name=op.f("ck_payment_refunded")
        ),
        sa.CheckConstraint("to_wallet_minor BETWEEN 0 AND received_minor", name=op.f("ck_payment_to_wallet")),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversation.business_id", "conversation.id"],
            name=op.f("fk_payment_business_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_payment_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"], ["staff.business_id", "staff.id"], name=op.f("fk_payment_business_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "twin_of"],
            ["payment.business_id", "payment.id"],
            name=op.f("fk_payment_business_id_twin_of"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_payment_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_payment_business_id_id")),
        sa.UniqueConstraint("gateway_payment_id", name=op.f("uq_payment_gateway_payment_id")),
        sa.UniqueConstraint("page_id", name=op.f("uq_payment_page_id")),
    )
    op.create_index("ix_payment_customer", "payment", ["customer_id", "id"])
    op.create_index("ix_payment_due", "payment", ["ask_at"], postgresql_where=sa.text("ask_at IS NOT NULL"))
    op.create_index("ix_payment_listed", "payment", ["business_id", "id"])
    op.create_index(
        "ix_payment_purchase", "payment", ["purchase_id"], postgresql_where=sa.text("purchase_id IS NOT NULL")
    )
    op.create_index("ix_payment_status", "payment", ["business_id", "status", "id"])


def _payment_part() -> None:
    op.create_table(
        "payment_part",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("asked_minor > 0", name=op.f("ck_payment_part_asked")),
        sa.CheckConstraint("booked_minor BETWEEN 0 AND asked_minor", name=op.f("ck_payment_part_booked")),
        sa.ForeignKeyConstraint(
            ["business_id", "invoice_id"],
            ["invoice.business_id", "invoice.id"],
            name=op.f("fk_payment_part_business_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "payment_id"],
            ["payment.business_id", "payment.id"],
            name=op.f("fk_payment_part_business_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_payment_part_business_id")),
        sa.PrimaryKeyConstraint("payment_id", "invoice_id", name=op.f("pk_payment_part")),
    )
    op.create_index(op.f("ix_payment_part_invoice_id"), "payment_part", ["invoice_id"])


def _payment_refund() -> None:
    op.create_table(
        "payment_refund",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("before_minor", sa.BigInteger(), nullable=True),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_payment_refund_reason")),
        sa.CheckConstraint("status IN ('asked', 'in_doubt', 'done', 'failed')", name=op.f("ck_payment_refund_status")),
        sa.CheckConstraint("way IN ('gateway', 'wallet')", name=op.f("ck_payment_refund_way")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_refund_amount")),
        sa.ForeignKeyConstraint(
            ["business_id", "payment_id"],
            ["payment.business_id", "payment.id"],
            name=op.f("fk_payment_refund_business_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff.business_id", "staff.id"],
            name=op.f("fk_payment_refund_business_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_payment_refund_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_refund")),
    )
    op.create_index(
        "ix_payment_refund_due", "payment_refund", ["ask_at"], postgresql_where=sa.text("ask_at IS NOT NULL")
    )
    op.create_index(op.f("ix_payment_refund_payment_id"), "payment_refund", ["payment_id"])
    op.create_index(
        "uq_payment_refund_on_its_way",
        "payment_refund",
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('asked', 'in_doubt')"),
    )


def _gateway_notice() -> None:
    op.create_table(
        "gateway_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("page_id", sa.String(), nullable=True),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_notice")),
        sa.UniqueConstraint("event_id", name=op.f("uq_gateway_notice_event_id")),
    )
    op.create_index(op.f("ix_gateway_notice_created_at"), "gateway_notice", ["created_at"])
    op.create_index(
        "ix_gateway_notice_open", "gateway_notice", ["ask_at"], postgresql_where=sa.text("ask_at IS NOT NULL")
    )
