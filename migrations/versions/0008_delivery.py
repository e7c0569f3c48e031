"""What delivery needs to know: urgency, other ways, pace, bad addresses, templates, and what staff is told."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import guard, unguard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PRIORITY = (
    "CASE kind WHEN 'reply' THEN 0 WHEN 'code' THEN 0 WHEN 'staff' THEN 0 WHEN 'notice' THEN 1 WHEN 'campaign' THEN 2 "
    "END"
)


# Every sender has a pace from its first moment on.
_KEEP_PACE = """
INSERT INTO sender_pace (sender_id, business_id) SELECT id, business_id FROM sender;
CREATE FUNCTION keep_pace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sender_pace (sender_id, business_id) VALUES (NEW.id, NEW.business_id);
    RETURN NULL;
END $$;
CREATE TRIGGER keep_pace AFTER INSERT ON sender FOR EACH ROW EXECUTE FUNCTION keep_pace()
"""


def _columns() -> Iterator[tuple[str, tuple[sa.Column[Any], ...]]]:
    yield (
        "message",
        (
            sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
            sa.Column("resends", sa.SmallInteger(), server_default="0", nullable=False),
            sa.Column("looks", sa.SmallInteger(), server_default="0", nullable=False),
            sa.Column("priority", sa.SmallInteger(), sa.Computed(_PRIORITY, persisted=True), nullable=False),
            sa.Column("template", JSONB(), nullable=True),
            sa.Column("ways", JSONB(), server_default="[]", nullable=False),
            sa.Column("replaced_by", sa.Uuid(), nullable=True),
        ),
    )
    yield (
        "sender",
        (
            sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
            sa.Column("paused_for", sa.String(), nullable=True),
        ),
    )
    yield (
        "contact",
        (
            sa.Column("invalid_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("invalid_for", sa.String(), nullable=True),
        ),
    )


def upgrade() -> None:
    """Add the columns and tables."""
    for table, columns in _columns():
        for column in columns:
            op.add_column(table, column)
    op.drop_index("ix_message_due", "message")
    op.create_index(
        "ix_message_due",
        "message",
        ["priority", "sender_id", "due_at", "seq"],
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_message_unknown",
        "message",
        ["accepted_at"],
        postgresql_where=sa.text("status IN ('accepted', 'sent') AND looks < 3"),
    )
    _sender_pace()
    _notification()
    _template()


def _sender_pace() -> None:
    op.create_table(
        "sender_pace",
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("factor", sa.Float(), server_default="1", nullable=False),
        sa.Column("slowed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("factor > 0 AND factor <= 1", name=op.f("ck_sender_pace_factor")),
        sa.ForeignKeyConstraint(
            ["business_id", "sender_id"],
            ["sender.business_id", "sender.id"],
            name=op.f("fk_sender_pace_business_id_sender_id"),
        ),
        sa.PrimaryKeyConstraint("sender_id", name=op.f("pk_sender_pace")),
    )
    guard("sender_pace")
    op.execute(_KEEP_PACE)


def _notification() -> None:
    op.create_table(
        "notification",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("severity IN ('info', 'warning', 'critical')", name=op.f("ck_notification_severity")),
        sa.CheckConstraint("(subject_type IS NULL) = (subject_id IS NULL)", name=op.f("ck_notification_subject")),
        sa.CheckConstraint("times > 0", name=op.f("ck_notification_times")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_notification_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    op.create_index("ix_notification_listed", "notification", ["business_id", "created_at", "id"])
    op.create_index(
        "uq_notification_unread",
        "notification",
        ["business_id", "kind", "subject_type", "subject_id", sa.text("(facts ->> 'code')")],
        unique=True,
        postgresql_where=sa.text("read_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    guard("notification")


def _template() -> None:
    op.create_table(
        "template",
        sa.Column("account_sid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("variables", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("content_sid", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_template_language")),
        sa.CheckConstraint("category IN ('utility', 'marketing', 'authentication')", name=op.f("ck_template_category")),
        sa.CheckConstraint("version > 0", name=op.f("ck_template_version")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_template_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint(
            "business_id",
            "account_sid",
            "name",
            "language",
            "version",
            name=op.f("uq_template_business_id_account_sid_name_language_version"),
        ),
    )
    guard("template")


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP TRIGGER keep_pace ON sender; DROP FUNCTION keep_pace()")
    for table in ("template", "notification", "sender_pace"):
        unguard(table)
        op.drop_table(table)
    op.drop_index("ix_message_unknown", "message")
    op.drop_index("ix_message_due", "message")
    for table, columns in _columns():
        for column in columns:
            op.drop_column(table, column.name)
    op.create_index("ix_message_due", "message", ["due_at", "seq"], postgresql_where=sa.text("status = 'queued'"))
