"""Disconnections for a debt are followed until the debt is paid: then the meter is reconnected, or staff is told to."""

import sqlalchemy as sa
from alembic import op

revision = "0162"
down_revision = "0161"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let commands say that they are about a debt. What rules have disconnected before was for one."""
    no = sa.text("false")
    op.add_column("meter_command", sa.Column("for_debt", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("meter_command", sa.Column("undoes_id", sa.Uuid(), nullable=True))
    op.add_column("meter_command", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_meter_command_business_id_undoes_id_meter_command"), "meter_command", "meter_command",
        ["business_id", "undoes_id"], ["business_id", "id"],
    )  # fmt: skip
    op.create_index(
        "uq_meter_command_undoes", "meter_command", ["undoes_id"], unique=True,
        postgresql_where=sa.text("undoes_id IS NOT NULL AND state <> 'failed'"),
    )  # fmt: skip
    op.create_index(
        "ix_meter_command_unsettled", "meter_command", ["meter_id"],
        postgresql_where=sa.text("for_debt AND settled_at IS NULL"),
    )  # fmt: skip
    op.execute("UPDATE meter_command SET for_debt = true WHERE invoice_id IS NOT NULL")
    op.add_column("dunning_rules", sa.Column("reconnects", sa.Boolean(), nullable=False, server_default=no))


def downgrade() -> None:
    """Drop that."""
    op.drop_column("dunning_rules", "reconnects")
    op.drop_index("ix_meter_command_unsettled", "meter_command")
    op.drop_index("uq_meter_command_undoes", "meter_command")
    op.drop_constraint(op.f("fk_meter_command_business_id_undoes_id_meter_command"), "meter_command")
    for column in ("settled_at", "undoes_id", "for_debt"):
        op.drop_column("meter_command", column)
