"""What is left on the accounts that messages are paid from."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard_from_businesses, unguard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, seen by no single business."""
    op.create_table(
        "account_balance",
        sa.Column("account_sid", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 4), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_sid", name=op.f("pk_account_balance")),
    )
    guard_from_businesses("account_balance")


def downgrade() -> None:
    """Drop it."""
    unguard("account_balance")
    op.drop_table("account_balance")
