"""Conversations in full: how fast they go, timers, and choices as buttons and lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import guard, unguard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("conversation", sa.Column("carrier_stopped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conversation", sa.Column("turned_at", sa.DateTime(timezone=True)))
    op.add_column("conversation", sa.Column("busy_until", sa.DateTime(timezone=True)))
    op.drop_column("contact", "last_inbound_at")
    op.add_column("message", sa.Column("choices", JSONB()))
    _timer()
    _content()
    guard("timer")
    guard("content")


def _timer() -> None:
    op.create_table(
        "timer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_timer_conversation_id")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_timer_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversation.business_id", "conversation.id"],
            name=op.f("fk_timer_business_id_conversation_id"),
        ),
    )
    op.create_index("ix_timer_due", "timer", ["due_at"])


def _content() -> None:
    op.create_table(
        "content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("account_sid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("content_sid", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content")),
        sa.UniqueConstraint(
            "business_id",
            "account_sid",
            "name",
            "language",
            name=op.f("uq_content_business_id_account_sid_name_language"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_content_business_id")),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_content_language")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.add_column("contact", sa.Column("last_inbound_at", sa.DateTime(timezone=True)))
    for table in ("content", "timer"):
        unguard(table)
        op.drop_table(table)
    op.drop_column("message", "choices")
    op.drop_column("conversation", "busy_until")
    op.drop_column("conversation", "turned_at")
    op.drop_column("conversation", "carrier_stopped")
