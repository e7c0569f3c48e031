"""Purchases of electricity, their tokens and tariffs, and what is known of the vendor and asked of meters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import guard, unguard

revision = "0100"
down_revision = "0080"
branch_labels = None
depends_on = None

_TABLES = ("tariff", "vendor_health", "meter_question", "purchase", "vend_waiting", "token")
_ONLY_ADDED_TO = (
    "CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON token "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)
_RULES = {
    "arrears_percent": "arrears_percent BETWEEN 0 AND 100",
    "low_credit_kwh": "low_credit_kwh > 0",
}
_COLUMNS = {
    "business": ("arrears_percent", "buy_for_others", "low_credit_kwh"),
    "customer": ("tokens_by_sms",),
    "meter": ("remind_low", "low_told_at"),
}


def upgrade() -> None:
    """Make the tables; tokens are only ever added to."""
    _tariff()
    _vendor_health()
    _meter_question()
    _purchase()
    _vend_waiting()
    _token()
    for table in _TABLES:
        guard(table)
    op.execute(_ONLY_ADDED_TO)
    _let_vended_tokens_have("units BETWEEN 0 AND 16383")
    _columns()


def downgrade() -> None:
    """Drop them. Maintenance codes that were made stay in the book: the older rule holds for what comes."""
    _let_vended_tokens_have("units BETWEEN 1 AND 16383", "NOT VALID")
    for name in _RULES:
        op.drop_constraint(op.f(f"ck_business_{name}"), "business")
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
    for table in reversed(_TABLES):
        unguard(table)
        op.drop_table(table)


def _let_vended_tokens_have(units: str, how: str = "") -> None:
    op.drop_constraint(op.f("ck_vended_token_units"), "vended_token")
    op.execute(f"ALTER TABLE vended_token ADD CONSTRAINT ck_vended_token_units CHECK ({units}) {how}")


def _columns() -> None:
    op.add_column("business", sa.Column("arrears_percent", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "business", sa.Column("buy_for_others", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("business", sa.Column("low_credit_kwh", sa.Integer(), server_default=sa.text("10"), nullable=False))
    op.add_column("customer", sa.Column("tokens_by_sms", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("meter", sa.Column("remind_low", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("meter", sa.Column("low_told_at", sa.DateTime(timezone=True), nullable=True))
    for name, condition in _RULES.items():
        op.create_check_constraint(op.f(f"ck_business_{name}"), "business", condition)


def _tariff() -> None:
    op.create_table(
        "tariff",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_ar", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("blocks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fixed_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("minimum_charge_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("mode IN ('graduated', 'volume')", name=op.f("ck_tariff_mode")),
        sa.CheckConstraint("fixed_fee_minor >= 0 AND minimum_charge_minor >= 0", name=op.f("ck_tariff_amounts")),
        sa.CheckConstraint("jsonb_array_length(blocks) > 0", name=op.f("ck_tariff_blocks")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_tariff_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff")),
        sa.UniqueConstraint("business_id", "code", "valid_from", name=op.f("uq_tariff_business_id_code_valid_from")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_tariff_business_id_id")),
    )


def _vendor_health() -> None:
    op.create_table(
        "vendor_health",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capabilities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("credit_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_vendor_health_business_id")),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_vendor_health")),
    )


def _meter_question() -> None:
    op.create_table(
        "meter_question",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("digits", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversation.business_id", "conversation.id"],
            name=op.f("fk_meter_question_business_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_meter_question_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_meter_question_business_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_meter_question_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_question")),
    )
    op.create_index("ix_meter_question_due", "meter_question", ["due_at"], unique=False)


def _purchase() -> None:
    op.create_table(
        "purchase",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("tariff_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("arrears_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("rest_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrears_paid", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubt_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("vendor_id", sa.String(), nullable=True),
        sa.Column("tell", sa.String(), nullable=True),
        sa.Column("told_late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(due_at IS NULL) = NOT (state IN ('paid', 'vending', 'in_doubt'))", name=op.f("ck_purchase_due_at")
        ),
        sa.CheckConstraint(
            "(state IN ('asked', 'awaiting_payment', 'failed')) = (paid_at IS NULL)"
            " AND (paid_at IS NULL) = (invoice_id IS NULL) AND (paid_at IS NULL) = (bought_on IS NULL)",
            name=op.f("ck_purchase_paid"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'awaiting_payment', 'paid', 'vending', 'in_doubt', 'issued', 'failed', 'refunded')",
            name=op.f("ck_purchase_state"),
        ),
        sa.CheckConstraint("arrears_minor + total_minor <= asked_minor", name=op.f("ck_purchase_no_more_than_asked")),
        sa.CheckConstraint(
            "arrears_minor >= 0 AND fee_minor >= 0 AND total_minor >= 0", name=op.f("ck_purchase_amounts")
        ),
        sa.CheckConstraint("total_minor = net_minor + vat_minor", name=op.f("ck_purchase_total")),
        sa.CheckConstraint("units > 0", name=op.f("ck_purchase_units")),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversation.business_id", "conversation.id"],
            name=op.f("fk_purchase_business_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_purchase_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "invoice_id"],
            ["invoice.business_id", "invoice.id"],
            name=op.f("fk_purchase_business_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_purchase_business_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "tariff_id"],
            ["tariff.business_id", "tariff.id"],
            name=op.f("fk_purchase_business_id_tariff_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_purchase_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_purchase_business_id_id")),
    )
    op.create_index("ix_purchase_customer", "purchase", ["customer_id", "id"], unique=False)
    op.create_index(
        "ix_purchase_due", "purchase", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(
        "ix_purchase_expires",
        "purchase",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('asked', 'awaiting_payment')"),
    )
    op.create_index("ix_purchase_listed", "purchase", ["business_id", "id"], unique=False)
    op.create_index("ix_purchase_meter", "purchase", ["meter_id", "bought_on"], unique=False)
    op.create_index("ix_purchase_tell", "purchase", ["id"], unique=False, postgresql_where=sa.text("tell IS NOT NULL"))


def _vend_waiting() -> None:
    op.create_table(
        "vend_waiting",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversation.business_id", "conversation.id"],
            name=op.f("fk_vend_waiting_business_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_vend_waiting_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vend_waiting")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_vend_waiting_conversation_id")),
    )


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("digits", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("digits ~ '^[0-9]{20}$'", name=op.f("ck_token_digits")),
        sa.CheckConstraint("kind IN ('key_change', 'credit')", name=op.f("ck_token_kind")),
        sa.CheckConstraint("part >= 1", name=op.f("ck_token_part")),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"], ["meter.business_id", "meter.id"], name=op.f("fk_token_business_id_meter_id")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "purchase_id"],
            ["purchase.business_id", "purchase.id"],
            name=op.f("fk_token_business_id_purchase_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_token_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("business_id", "reference", "part", name=op.f("uq_token_business_id_reference_part")),
    )
    op.create_index("ix_token_digits", "token", ["business_id", "digits"], unique=False)
    op.create_index("ix_token_listed", "token", ["business_id", "id"], unique=False)
    op.create_index("ix_token_purchase", "token", ["purchase_id", "part"], unique=False)
