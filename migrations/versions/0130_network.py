"""Meters that report by themselves: their reports, and commands that set something."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import guard, unguard

revision = "0130"
down_revision = "0120"
branch_labels = None
depends_on = None

_BEFORE = ("disconnect", "reconnect", "reduce_amperage", "increase_amperage", "turn_on", "turn_off")
_SETTING = ("set_tariff", "set_quota", "set_credit_limit", "set_mode", "set_communication")
_COLUMNS = ("settings", "invoice_id", "ask_at")


def upgrade() -> None:
    """Make the table, and let commands say what they set, and for which debt they are."""
    op.create_table(
        "meter_report",
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("watt_hours", sa.BigInteger(), nullable=True),
        sa.Column("supplied", sa.Boolean(), nullable=True),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("watt_hours >= 0", name=op.f("ck_meter_report_watt_hours")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_meter_report_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_meter_report_business_id_meter_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_report")),
        sa.UniqueConstraint("meter_id", "at", name=op.f("uq_meter_report_meter_id_at")),
    )
    guard("meter_report")
    op.add_column("meter_command", sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("meter_command", sa.Column("invoice_id", sa.Uuid(), nullable=True))
    op.add_column("meter_command", sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_meter_command_business_id_invoice_id"),
        "meter_command",
        "invoice",
        ["business_id", "invoice_id"],
        ["business_id", "id"],
    )
    op.create_unique_constraint(op.f("uq_meter_command_business_id_id"), "meter_command", ["business_id", "id"])
    _let_commands_be(*_BEFORE, *_SETTING)


def downgrade() -> None:
    """Drop it; there must be no commands that set something."""
    _let_commands_be(*_BEFORE)
    op.drop_constraint(op.f("uq_meter_command_business_id_id"), "meter_command", type_="unique")
    op.drop_constraint(op.f("fk_meter_command_business_id_invoice_id"), "meter_command", type_="foreignkey")
    for column in _COLUMNS:
        op.drop_column("meter_command", column)
    unguard("meter_report")
    op.drop_table("meter_report")


def _let_commands_be(*commands: str) -> None:
    listed = ", ".join(f"'{one}'" for one in commands)
    op.drop_constraint(op.f("ck_meter_command_command"), "meter_command", type_="check")
    op.create_check_constraint(op.f("ck_meter_command_command"), "meter_command", f"command IN ({listed})")
