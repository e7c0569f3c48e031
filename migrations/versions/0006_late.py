"""What reached us late: up to when each number was looked after, and when what a turn was about was said."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("sender", sa.Column("listed_until", sa.DateTime(timezone=True)))
    op.add_column("conversation", sa.Column("heard_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("conversation", "heard_at")
    op.drop_column("sender", "listed_until")
