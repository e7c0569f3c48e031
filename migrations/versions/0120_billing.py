"""Readings, exchanged meters, billing runs and their items; what was billed by, or made a bill, stays as it was."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import guard, unguard

revision = "0120"
down_revision = "0113"
branch_labels = None
depends_on = None

_TABLES = ("billing_run", "reading", "meter_exchange", "billing_item")
_RULES = {
    "business": {
        "billing_day": "billing_day BETWEEN 1 AND 28",
        "due_days": "due_days BETWEEN 0 AND 365",
        "use_percent": "low_use_percent BETWEEN 0 AND 100 AND high_use_percent > 100",
        "most_estimates": "most_estimates BETWEEN 0 AND 12",
    },
    "meter": {"register_digits": "register_digits BETWEEN 3 AND 12"},
    "tariff": {"minimum_covers": "minimum_covers IN ('energy', 'energy_and_fee')"},
}
_COLUMNS = {
    "business": (
        "billing_day",
        "due_days",
        "accountant_email",
        "low_use_percent",
        "high_use_percent",
        "most_estimates",
    ),
    "meter": ("register_digits",),
    "tariff": ("minimum_covers", "used_at"),
}
# Without it the planner takes one row in two hundred for ours, and joins a batch to a whole city row by row. That of
# invoices is there already (0110).
_ESTIMATE = "CREATE STATISTICS {table}_business ON ((business_id)::text) FROM {table}"
_LARGE = ("billing_item", "journal_entry", "journal_line", "ledger_account", "meter", "reading")
_CHARGED_BY = (
    "business_id, code, valid_from, mode, blocks, fixed_fee_minor, minimum_charge_minor, minimum_covers, currency"
)
_TARIFFS_STAY = f"""
CREATE FUNCTION refuse_used_tariff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL OR EXISTS (
            SELECT FROM purchase WHERE tariff_id = OLD.id AND paid_at IS NOT NULL) THEN
        RAISE EXCEPTION 'tariff % of % was used: % refused', OLD.code, OLD.valid_from, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER used_stays BEFORE UPDATE ON tariff FOR EACH ROW
    WHEN (({", ".join(f"OLD.{one}" for one in _CHARGED_BY.split(", "))})
          IS DISTINCT FROM ({", ".join(f"NEW.{one}" for one in _CHARGED_BY.split(", "))})
          OR OLD.used_at IS NOT NULL AND NEW.used_at IS DISTINCT FROM OLD.used_at)
    EXECUTE FUNCTION refuse_used_tariff();
CREATE TRIGGER used_stays_there BEFORE DELETE ON tariff FOR EACH ROW EXECUTE FUNCTION refuse_used_tariff()
"""  # noqa: S608  names of our own
# A bill says from where to where its meter had counted. Its readings can be found by the meter.
_READINGS_STAY = """
CREATE FUNCTION refuse_billed_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM billing_item AS item WHERE item.meter_id = OLD.meter_id AND item.state <> 'cancelled'
               AND OLD.id IN (item.start_reading_id, item.end_reading_id)) THEN
        RAISE EXCEPTION 'the reading of % was billed: % refused', OLD.read_at, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER billed_stays BEFORE UPDATE ON reading FOR EACH ROW
    WHEN ((OLD.business_id, OLD.meter_id, OLD.read_at, OLD.source, OLD.wh, OLD.state)
          IS DISTINCT FROM (NEW.business_id, NEW.meter_id, NEW.read_at, NEW.source, NEW.wh, NEW.state))
    EXECUTE FUNCTION refuse_billed_reading();
CREATE TRIGGER billed_stays_there BEFORE DELETE ON reading FOR EACH ROW EXECUTE FUNCTION refuse_billed_reading()
"""
_EXCHANGES_STAY = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON meter_exchange
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_BILLS_STAY = """
CREATE FUNCTION refuse_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a meter was billed for %: % refused', OLD.period, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER billed_stays BEFORE UPDATE ON billing_item FOR EACH ROW
    WHEN (OLD.invoice_id IS NOT NULL
          AND (to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state' OR NEW.state <> 'cancelled'))
    EXECUTE FUNCTION refuse_billed();
CREATE TRIGGER billed_stays_there BEFORE DELETE ON billing_item FOR EACH ROW
    WHEN (OLD.invoice_id IS NOT NULL) EXECUTE FUNCTION refuse_billed()
"""


def upgrade() -> None:
    """Make the tables, and let nothing change that a bill was made of."""
    _columns()
    _billing_run()
    _reading()
    _meter_exchange()
    _billing_item()
    for table in _TABLES:
        guard(table)
    for table in _LARGE:
        op.execute(_ESTIMATE.format(table=table))
    for statement in (_TARIFFS_STAY, _READINGS_STAY, _EXCHANGES_STAY, _BILLS_STAY):
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TRIGGER used_stays ON tariff; DROP TRIGGER used_stays_there ON tariff")
    for table in _LARGE:
        op.execute(f"DROP STATISTICS {table}_business")
    for table in reversed(_TABLES):
        unguard(table)
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_used_tariff, refuse_billed_reading, refuse_billed")
    for table, rules in _RULES.items():
        for name in rules:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)


def _columns() -> None:
    op.add_column("business", sa.Column("billing_day", sa.Integer(), nullable=True))
    op.add_column("business", sa.Column("due_days", sa.Integer(), server_default=sa.text("14"), nullable=False))
    op.add_column("business", sa.Column("accountant_email", sa.String(), nullable=True))
    op.add_column("business", sa.Column("low_use_percent", sa.Integer(), server_default=sa.text("50"), nullable=False))
    op.add_column(
        "business", sa.Column("high_use_percent", sa.Integer(), server_default=sa.text("200"), nullable=False)
    )
    op.add_column("business", sa.Column("most_estimates", sa.Integer(), server_default=sa.text("3"), nullable=False))
    op.add_column("meter", sa.Column("register_digits", sa.Integer(), nullable=True))
    op.add_column("tariff", sa.Column("minimum_covers", sa.String(), server_default="energy", nullable=False))
    op.add_column("tariff", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    for table, rules in _RULES.items():
        for name, condition in rules.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _billing_run() -> None:
    op.create_table(
        "billing_run",
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('asked', 'running'))", name=op.f("ck_billing_run_ended_at")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'running', 'finished', 'finished_with_exceptions')", name=op.f("ck_billing_run_state")
        ),
        sa.CheckConstraint("extract(day FROM period) = 1", name=op.f("ck_billing_run_period")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_billing_run_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_run")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_billing_run_business_id_id")),
    )
    op.create_index("ix_billing_run_listed", "billing_run", ["business_id", "period", "id"], unique=False)
    op.create_index(
        "ix_billing_run_open",
        "billing_run",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('asked', 'running')"),
    )
    op.create_index(
        "uq_billing_run_open",
        "billing_run",
        ["business_id", "period"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'running') AND NOT dry_run"),
    )


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("wh", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("photo", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('file', 'vendor', 'network', 'staff', 'customer', 'estimate')", name=op.f("ck_reading_origin")
        ),
        sa.CheckConstraint("source IN ('actual', 'estimated')", name=op.f("ck_reading_source")),
        sa.CheckConstraint("state IN ('accepted', 'held', 'rejected')", name=op.f("ck_reading_state")),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_reading_decided")),
        sa.CheckConstraint("wh BETWEEN 0 AND 1000000000000000", name=op.f("ck_reading_wh")),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"], ["meter.business_id", "meter.id"], name=op.f("fk_reading_business_id_meter_id")
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_reading_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_reading_business_id_id")),
        sa.UniqueConstraint(
            "business_id", "meter_id", "read_at", "source", name=op.f("uq_reading_business_id_meter_id_read_at_source")
        ),
    )
    op.create_index(
        "ix_reading_held", "reading", ["business_id", "id"], unique=False, postgresql_where=sa.text("state = 'held'")
    )


def _meter_exchange() -> None:
    op.create_table(
        "meter_exchange",
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("old_meter_id", sa.Uuid(), nullable=False),
        sa.Column("exchanged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_wh", sa.BigInteger(), nullable=False),
        sa.Column("first_wh", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "last_wh BETWEEN 0 AND 1000000000000000 AND first_wh BETWEEN 0 AND 1000000000000000",
            name=op.f("ck_meter_exchange_wh"),
        ),
        sa.CheckConstraint("meter_id <> old_meter_id", name=op.f("ck_meter_exchange_another")),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_meter_exchange_business_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "old_meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_meter_exchange_business_id_old_meter_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_meter_exchange_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_exchange")),
        sa.UniqueConstraint("business_id", "meter_id", name=op.f("uq_meter_exchange_business_id_meter_id")),
        sa.UniqueConstraint("business_id", "old_meter_id", name=op.f("uq_meter_exchange_business_id_old_meter_id")),
    )


def _billing_item() -> None:
    op.create_table(
        "billing_item",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("first", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("wh", sa.BigInteger(), nullable=True),
        sa.Column("start_reading_id", sa.Uuid(), nullable=True),
        sa.Column("end_reading_id", sa.Uuid(), nullable=True),
        sa.Column("start_wh", sa.BigInteger(), nullable=True),
        sa.Column("end_wh", sa.BigInteger(), nullable=True),
        sa.Column("estimates", sa.SmallInteger(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("since_wh", sa.BigInteger(), nullable=True),
        sa.Column("unsettled_wh", sa.BigInteger(), nullable=True),
        sa.Column("unsettled_minor", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('billed', 'cancelled')) = (invoice_id IS NOT NULL)", name=op.f("ck_billing_item_invoice")
        ),
        sa.CheckConstraint("(state IN ('held', 'failed')) = (code IS NOT NULL)", name=op.f("ck_billing_item_code")),
        sa.CheckConstraint(
            "state IN ('waiting', 'billed', 'held', 'failed', 'cancelled')", name=op.f("ck_billing_item_state")
        ),
        sa.CheckConstraint("(invoice_id IS NULL) = (first IS NULL)", name=op.f("ck_billing_item_billed")),
        sa.CheckConstraint("until > first", name=op.f("ck_billing_item_days")),
        sa.CheckConstraint("estimates >= 0", name=op.f("ck_billing_item_estimates")),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_billing_item_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "end_reading_id"],
            ["reading.business_id", "reading.id"],
            name=op.f("fk_billing_item_business_id_end_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "invoice_id"],
            ["invoice.business_id", "invoice.id"],
            name=op.f("fk_billing_item_business_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_billing_item_business_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "run_id"],
            ["billing_run.business_id", "billing_run.id"],
            name=op.f("fk_billing_item_business_id_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "start_reading_id"],
            ["reading.business_id", "reading.id"],
            name=op.f("fk_billing_item_business_id_start_reading_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_billing_item_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_item")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_billing_item_invoice_id")),
    )
    op.create_index("ix_billing_item_listed", "billing_item", ["business_id", "period", "state", "id"], unique=False)
    op.create_index(
        "ix_billing_item_waiting",
        "billing_item",
        ["business_id", "period", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_billing_item_live",
        "billing_item",
        ["meter_id", "period"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
