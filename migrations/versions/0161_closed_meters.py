"""Meters know since when they are in use no more: they get their last bill for the days until then."""

import sqlalchemy as sa
from alembic import op

revision = "0161"
down_revision = "0160"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day. Of those that are in use no more already nobody knows it: they are billed no more."""
    op.add_column("meter", sa.Column("closed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("meter", "closed_on")
