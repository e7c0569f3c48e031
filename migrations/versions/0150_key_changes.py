"""The embedded vendor's book knows under which key a meter was last served, and the tokens that change it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0150"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a token have no identifier, and say what the meter's key is after it."""
    op.add_column("vended_token", sa.Column("meter_key", postgresql.JSONB(), nullable=True))
    op.alter_column("vended_token", "tid", nullable=True)
    op.create_check_constraint(op.f("ck_vended_token_key_change"), "vended_token", "tid IS NOT NULL OR units = 0")
    op.create_index("ix_vended_token_latest", "vended_token", ["meter_id", "issued_at"])
    op.create_index("ix_vended_token_digits", "vended_token", ["business_id", "digits"])


def downgrade() -> None:
    """Forget it. A book in which keys were changed can't be read by what was before, so it does not go back."""
    op.drop_index("ix_vended_token_digits", "vended_token")
    op.drop_index("ix_vended_token_latest", "vended_token")
    op.drop_constraint(op.f("ck_vended_token_key_change"), "vended_token")
    op.alter_column("vended_token", "tid", nullable=False)
    op.drop_column("vended_token", "meter_key")
