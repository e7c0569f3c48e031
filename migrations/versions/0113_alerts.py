"""Which notifications were told by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0113"
down_revision = "0112"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and how those that are to be told are found."""
    op.add_column("notification", sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))
    # What was there before is not told anew.
    op.execute("UPDATE notification SET mailed_at = created_at")
    op.create_index(
        "ix_notification_urgent",
        "notification",
        ["created_at"],
        postgresql_where=sa.text("severity = 'critical' AND mailed_at IS NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_notification_urgent", "notification")
    op.drop_column("notification", "mailed_at")
