"""Reminders, disputes, instalments, late fees and subsidies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import guard, unguard

revision = "0131"
down_revision = "0130"
branch_labels = None
depends_on = None

_TABLES = (
    "dunning_rules", "invoice_dispute", "instalment_plan", "instalment", "reminder", "late_fee", "subsidy",
    "subsidy_charge",
)  # fmt: skip
_BEFORE = ("wallet", "receivable", "revenue", "vat_payable", "gateway_clearing", "cash", "elsewhere", "opening")


def upgrade() -> None:
    """Make the tables; messages know of which reminder they are; the state has an account."""
    _rules()
    _dispute()
    _plan()
    _instalment()
    _reminder()
    _late_fee()
    _subsidy()
    _subsidy_charge()
    for table in _TABLES:
        guard(table)
    op.add_column("message", sa.Column("reminder_id", sa.Uuid(), nullable=True))
    op.create_index(
        "uq_meter_command_for_a_debt", "meter_command", ["invoice_id", "meter_id"], unique=True,
        postgresql_where=sa.text("invoice_id IS NOT NULL AND state <> 'failed'"),
    )  # fmt: skip
    _let_accounts_be(*_BEFORE, "government")


def downgrade() -> None:
    """Drop them; nothing may be booked on the state's account."""
    _let_accounts_be(*_BEFORE)
    op.drop_index("uq_meter_command_for_a_debt", "meter_command")
    op.drop_column("message", "reminder_id")
    for table in reversed(_TABLES):
        unguard(table)
        op.drop_table(table)


def _let_accounts_be(*kinds: str) -> None:
    listed = ", ".join(f"'{one}'" for one in kinds)
    op.drop_constraint(op.f("ck_ledger_account_kind"), "ledger_account", type_="check")
    op.create_check_constraint(op.f("ck_ledger_account_kind"), "ledger_account", f"kind IN ({listed})")


def _make(table: str, *columns: "sa.Column[object] | sa.Constraint") -> None:
    op.create_table(
        table,
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f(f"fk_{table}_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column], [f"{other}.business_id", f"{other}.id"], name=op.f(f"fk_{table}_business_id_{column}")
    )


def _referable(table: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("business_id", "id", name=op.f(f"uq_{table}_business_id_id"))


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _rules() -> None:
    table = "dunning_rules"
    _make(
        table,
        sa.Column("remind_at", sa.Time(), server_default=sa.text("'09:00'"), nullable=False),
        sa.Column(
            "reminder_days", postgresql.ARRAY(sa.SmallInteger()), server_default=sa.text("'{-3,0,7,15,30}'"),
            nullable=False,
        ),
        sa.Column(
            "channels", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{whatsapp,sms,email}'"), nullable=False
        ),
        sa.Column("late_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("late_fee_days", sa.SmallInteger(), nullable=True),
        sa.Column("notice_days", sa.SmallInteger(), nullable=True),
        sa.Column("cut_days", sa.SmallInteger(), nullable=True),
        sa.Column("instalments_from_minor", sa.BigInteger(), nullable=True),
        sa.Column("instalments_most", sa.SmallInteger(), server_default=sa.text("3"), nullable=False),
        sa.Column("grace_days", sa.SmallInteger(), server_default=sa.text("3"), nullable=False),
        _check(table, "reminder_days", "cardinality(reminder_days) BETWEEN 0 AND 20"),
        _check(table, "channels", "channels <@ ARRAY['whatsapp', 'sms', 'email'] AND cardinality(channels) > 0"),
        _check(table, "late_fee", "late_fee_minor > 0 AND late_fee_days > 0"),
        _check(table, "late_fee_whole", "(late_fee_minor IS NULL) = (late_fee_days IS NULL)"),
        _check(table, "notice", "notice_days > 0 AND (cut_days IS NULL OR cut_days > notice_days)"),
        _check(table, "cut_after_notice", "cut_days IS NULL OR notice_days IS NOT NULL"),
        _check(table, "instalments_from", "instalments_from_minor > 0"),
        _check(table, "instalments", "instalments_most BETWEEN 2 AND 24 AND grace_days BETWEEN 0 AND 60"),
        sa.UniqueConstraint("business_id", name=op.f("uq_dunning_rules_business_id")),
    )  # fmt: skip


def _dispute() -> None:
    table = "invoice_dispute"
    _make(
        table,
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        _of(table, "invoice_id", "invoice"),
        _check(table, "reason", "reason <> ''"),
        _check(table, "closed", "(closed_at IS NULL) = (outcome IS NULL)"),
    )
    op.create_index(
        "uq_invoice_dispute_open", table, ["invoice_id"], unique=True, postgresql_where=sa.text("closed_at IS NULL")
    )


def _plan() -> None:
    table = "instalment_plan"
    _make(
        table,
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_before_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _referable(table),
        _of(table, "invoice_id", "invoice"),
        _of(table, "customer_id", "customer"),
        _of(table, "staff_id", "staff"),
        _check(table, "state", "state IN ('active', 'kept', 'broken', 'cancelled')"),
        _check(table, "agreed_by", "agreed_by IN ('customer', 'staff')"),
        _check(table, "ended", "(state = 'active') = (ended_at IS NULL)"),
        _check(table, "amounts", "total_minor > 0 AND paid_before_minor >= 0"),
        _check(table, "parts", "parts BETWEEN 2 AND 24"),
    )
    op.create_index(
        "uq_instalment_plan_active", table, ["invoice_id"], unique=True, postgresql_where=sa.text("state = 'active'")
    )
    op.create_index("ix_instalment_plan_customer", table, ["customer_id"])


def _instalment() -> None:
    table = "instalment"
    _make(
        table,
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("until_minor", sa.BigInteger(), nullable=False),
        _referable(table),
        _of(table, "plan_id", "instalment_plan"),
        _check(table, "amounts", "amount_minor > 0 AND until_minor >= amount_minor AND n >= 1"),
        sa.UniqueConstraint("plan_id", "n", name=op.f("uq_instalment_plan_id_n")),
    )


def _reminder() -> None:
    table = "reminder"
    _make(
        table,
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("instalment_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        _of(table, "invoice_id", "invoice"),
        _of(table, "instalment_id", "instalment"),
        _check(table, "kind", "kind IN ('invoice', 'instalment', 'disconnection')"),
        _check(table, "instalment", "(kind = 'instalment') = (instalment_id IS NOT NULL)"),
        sa.UniqueConstraint("invoice_id", "day", name=op.f("uq_reminder_invoice_id_day")),
    )
    op.create_index(
        "ix_reminder_message", table, ["message_id"], postgresql_where=sa.text("message_id IS NOT NULL")
    )  # fmt: skip
    op.create_index(
        "uq_reminder_stage", table, ["invoice_id", "kind", "instalment_id", "stage"], unique=True,
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip


def _late_fee() -> None:
    table = "late_fee"
    _make(
        table,
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("fee_invoice_id", sa.Uuid(), nullable=False),
        _of(table, "invoice_id", "invoice"),
        _of(table, "fee_invoice_id", "invoice"),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_late_fee_invoice_id")),
        sa.UniqueConstraint("fee_invoice_id", name=op.f("uq_late_fee_fee_invoice_id")),
    )


def _subsidy() -> None:
    table = "subsidy"
    _make(
        table,
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("monthly_kwh", sa.Numeric(12, 3), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _referable(table),
        _of(table, "customer_id", "customer"),
        _of(table, "meter_id", "meter"),
        _check(table, "monthly_kwh", "monthly_kwh > 0 AND monthly_kwh <= 1000000"),
        _check(table, "valid_to", "valid_to >= valid_from"),
        sa.UniqueConstraint(
            "business_id", "programme", "customer_id", "meter_id", "valid_from",
            name=op.f("uq_subsidy_business_id_programme_customer_id_meter_id_valid_from"),
        ),
    )  # fmt: skip


def _subsidy_charge() -> None:
    table = "subsidy_charge"
    _make(
        table,
        sa.Column("subsidy_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("quota_wh", sa.BigInteger(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("consumed_wh", sa.BigInteger(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=True),
        sa.Column("vat_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        _of(table, "subsidy_id", "subsidy"),
        _of(table, "customer_id", "customer"),
        _of(table, "meter_id", "meter"),
        _of(table, "command_id", "meter_command"),
        _check(table, "state", "state IN ('charging', 'charged', 'failed', 'settled')"),
        _check(table, "watt_hours", "quota_wh > 0 AND consumed_wh BETWEEN 0 AND quota_wh"),
        _check(table, "settled", "(state = 'settled') = (consumed_wh IS NOT NULL AND net_minor IS NOT NULL)"),
        _check(table, "month", "extract(day FROM month) = 1"),
        sa.UniqueConstraint(
            "business_id", "programme", "customer_id", "month",
            name=op.f("uq_subsidy_charge_business_id_programme_customer_id_month"),
        ),
    )  # fmt: skip
    op.create_index("ix_subsidy_charge_state", table, ["state", "month"])
