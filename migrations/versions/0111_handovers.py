"""Conversations that staff take over, what they note about them, and who of staff is there for those who wait."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard, unguard

revision = "0111"
down_revision = "0150"
branch_labels = None
depends_on = None

_COLUMNS = (
    sa.Column("handover_id", sa.Uuid(), nullable=True),
    sa.Column("assigned_to", sa.Uuid(), nullable=True),
    sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("wait_told_at", sa.DateTime(timezone=True), nullable=True),
)


def upgrade() -> None:
    """Make the tables, and the columns of those that are concerned."""
    _handover()
    _note()
    for column in _COLUMNS:
        op.add_column("conversation", column)
    op.add_column("staff", sa.Column("available_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_conversation_assigned",
        "conversation",
        ["business_id", "assigned_to"],
        postgresql_where=sa.text("assigned_to IS NOT NULL"),
    )
    op.create_index(
        "ix_conversation_taken",
        "conversation",
        ["business_id", "id"],
        postgresql_where=sa.text("handover_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_conversation_taken", "conversation")
    op.drop_index("ix_conversation_assigned", "conversation")
    op.drop_column("staff", "available_at")
    for column in _COLUMNS:
        op.drop_column("conversation", column.name)
    for table in ("conversation_note", "handover"):
        unguard(table)
        op.drop_table(table)


def _own(table: str) -> list[sa.schema.SchemaItem]:
    """Return what both tables have: an id, a time, a business, and a conversation of that business."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f(f"fk_{table}_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversation.business_id", "conversation.id"],
            name=op.f(f"fk_{table}_business_id_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _handover() -> None:
    op.create_table(
        "handover",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_by_name", sa.String(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        *_own("handover"),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_handover_business_id_id")),
    )
    op.create_index(op.f("ix_handover_conversation_id"), "handover", ["conversation_id"])
    op.create_index("ix_handover_began", "handover", ["business_id", "created_at"])
    guard("handover")


def _note() -> None:
    op.create_table(
        "conversation_note",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        *_own("conversation_note"),
    )
    op.create_index(
        "ix_conversation_note_listed",
        "conversation_note",
        ["business_id", "conversation_id", "created_at", "id"],
    )
    guard("conversation_note")
