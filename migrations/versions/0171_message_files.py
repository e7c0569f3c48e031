"""Files of messages: what staff sends, and what customers sent, once somebody has looked at it."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard, unguard

revision = "0171"
down_revision = "0170"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "message_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("place >= 0", name=op.f("ck_message_file_place")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_message_file_business_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_file_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_file")),
        sa.UniqueConstraint("message_id", "place", name=op.f("uq_message_file_message_id_place")),
    )
    # Pictures and documents are packed already: to pack them once more costs time and saves nothing.
    op.execute("ALTER TABLE message_file ALTER COLUMN content SET STORAGE EXTERNAL")
    guard("message_file")


def downgrade() -> None:
    """Drop it."""
    unguard("message_file")
    op.drop_table("message_file")
