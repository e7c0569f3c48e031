"""How the console finds its lists: conversations by who wrote last, invoices by issue and by due date.

And in whose place a message was sent.
"""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0141"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "ix_conversation_heard",
        "conversation",
        ["business_id", "last_inbound_at", "id"],
        postgresql_where=sa.text("last_inbound_at IS NOT NULL"),
    )
    op.create_index("ix_invoice_listed", "invoice", ["business_id", "issue_date", "id"])
    op.create_index(
        "ix_invoice_owed",
        "invoice",
        ["business_id", "due_date", "id"],
        postgresql_where=sa.text("status IN ('issued', 'part_paid')"),
    )
    op.create_index(
        "ix_message_replaced_by",
        "message",
        ["replaced_by"],
        postgresql_where=sa.text("replaced_by IS NOT NULL"),
    )
    # See 0020: without it the planner believes that few rows are of the business that asks.
    op.execute("CREATE STATISTICS invoice_business ON ((business_id)::text) FROM invoice")


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP STATISTICS invoice_business")
    op.drop_index("ix_message_replaced_by", "message")
    op.drop_index("ix_invoice_owed", "invoice")
    op.drop_index("ix_invoice_listed", "invoice")
    op.drop_index("ix_conversation_heard", "conversation")
