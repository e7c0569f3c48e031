"""What is left on the accounts that messages are paid from, and what workers count."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard_from_businesses, unguard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, seen by no single business."""
    op.create_table(
        "account_balance",
        sa.Column("account_sid", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 4), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_sid", name=op.f("pk_account_balance")),
    )
    op.create_table(
        "count",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", "label", "bucket", name=op.f("pk_count")),
    )
    for table in ("account_balance", "count"):
        guard_from_businesses(table)


def downgrade() -> None:
    """Drop them."""
    for table in ("count", "account_balance"):
        unguard(table)
        op.drop_table(table)
