"""Three indexes that a unique constraint on the same columns made needless."""

from alembic import op

revision = "0140"
down_revision = "0100"
branch_labels = None
depends_on = None

_NEEDLESS = ("payment", "purchase", "token")


def upgrade() -> None:
    """Drop them."""
    for table in _NEEDLESS:
        op.drop_index(f"ix_{table}_listed", table)


def downgrade() -> None:
    """Make them again."""
    for table in _NEEDLESS:
        op.create_index(f"ix_{table}_listed", table, ["business_id", "id"])
