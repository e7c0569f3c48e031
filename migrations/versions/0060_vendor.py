"""The tokens that the embedded vendor issued, and the commands to meters."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard, unguard

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

_ONLY_ADDED_TO = (
    "CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON vended_token "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)


def upgrade() -> None:
    """Make the tables; the tokens are only ever added to."""
    _vended_token()
    _meter_command()
    for table in ("vended_token", "meter_command"):
        guard(table)
    op.execute(_ONLY_ADDED_TO)


def downgrade() -> None:
    """Drop them."""
    for table in ("meter_command", "vended_token"):
        unguard(table)
        op.drop_table(table)


def _vended_token() -> None:
    op.create_table(
        "vended_token",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("tid", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("digits", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("part >= 1", name=op.f("ck_vended_token_part")),
        sa.CheckConstraint("units BETWEEN 1 AND 16383", name=op.f("ck_vended_token_units")),
        sa.CheckConstraint("tid BETWEEN 0 AND 16777215", name=op.f("ck_vended_token_tid")),
        sa.CheckConstraint("base IN ('93', '14', '35')", name=op.f("ck_vended_token_base")),
        sa.CheckConstraint("digits ~ '^[0-9]{20}$'", name=op.f("ck_vended_token_digits")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_vended_token_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_vended_token_business_id_meter_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vended_token")),
        sa.UniqueConstraint(
            "business_id", "reference", "part", name=op.f("uq_vended_token_business_id_reference_part")
        ),
        sa.UniqueConstraint("meter_id", "base", "tid", name=op.f("uq_vended_token_meter_id_base_tid")),
    )


def _meter_command() -> None:
    op.create_table(
        "meter_command",
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("amperes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "command IN ('disconnect', 'reconnect', 'reduce_amperage', 'increase_amperage', 'turn_on', 'turn_off')",
            name=op.f("ck_meter_command_command"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'acknowledged', 'confirmed', 'failed', 'in_doubt')",
            name=op.f("ck_meter_command_state"),
        ),
        sa.CheckConstraint("amperes BETWEEN 1 AND 200", name=op.f("ck_meter_command_amperes")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_meter_command_reason")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_meter_command_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"],
            ["meter.business_id", "meter.id"],
            name=op.f("fk_meter_command_business_id_meter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff.business_id", "staff.id"],
            name=op.f("fk_meter_command_business_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_command")),
    )
    op.create_index(op.f("ix_meter_command_meter_id"), "meter_command", ["meter_id"])
    op.create_index(
        "ix_meter_command_open",
        "meter_command",
        ["state_at"],
        postgresql_where=sa.text("state IN ('queued', 'sent', 'acknowledged', 'in_doubt')"),
    )
