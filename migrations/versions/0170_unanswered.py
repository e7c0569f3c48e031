"""What staff has answered of a conversation that was taken over, and what was done about that nobody did."""

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0162"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was said so far in a conversation that somebody has counts as answered."""
    op.add_column("handover", sa.Column("answered_seq", sa.BigInteger(), server_default="0", nullable=False))
    for name in ("told_at", "urged_at"):
        op.add_column("handover", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE handover SET answered_seq = COALESCE("
        "(SELECT max(seq) FROM message WHERE message.conversation_id = handover.conversation_id), 0) "
        "WHERE released_at IS NULL"
    )
    op.add_column("business", sa.Column("answer_minutes", sa.SmallInteger(), server_default="10", nullable=False))
    op.create_check_constraint(op.f("ck_business_answer_minutes"), "business", "answer_minutes BETWEEN 1 AND 1440")


def downgrade() -> None:
    """Drop them."""
    op.drop_column("business", "answer_minutes")
    for name in ("urged_at", "told_at", "answered_seq"):
        op.drop_column("handover", name)
