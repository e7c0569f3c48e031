"""Campaigns: broadcasts to an audience, and their recipients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import guard

revision = "0040"
down_revision = "0060"
branch_labels = None
depends_on = None

_TABLES = ("campaign", "campaign_phone", "campaign_recipient")


def upgrade() -> None:
    """Make the tables, and let a message tell of which campaign it is."""
    _campaign()
    _phones()
    _recipients()
    for table in _TABLES:
        guard(table)
    _elsewhere()


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_message_campaign", table_name="message")
    op.drop_index("ix_message_templated", table_name="message")
    op.drop_constraint(op.f("fk_message_business_id_campaign_id"), "message", type_="foreignkey")
    op.drop_column("message", "campaign_id")
    op.drop_column("business", "campaigns_a_week")
    op.drop_column("sender", "messaging_limit")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("texts", JSONB(), nullable=True),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("variables", JSONB(), nullable=False),
        sa.Column("media_url", sa.String(), nullable=True),
        sa.Column("audience", JSONB(), nullable=False),
        sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("schedule_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("send_from", sa.Time(), nullable=False),
        sa.Column("send_until", sa.Time(), nullable=False),
        sa.Column("messages_per_second", sa.Numeric(8, 3), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("going_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'running', 'paused', 'finished', 'cancelled')",
            name=op.f("ck_campaign_status"),
        ),
        sa.CheckConstraint("channel IN ('auto', 'whatsapp', 'sms')", name=op.f("ck_campaign_channel")),
        sa.CheckConstraint("(texts IS NULL) <> (template IS NULL)", name=op.f("ck_campaign_said")),
        sa.CheckConstraint("(status = 'paused') = (reason IS NOT NULL)", name=op.f("ck_campaign_reason")),
        sa.CheckConstraint("send_from < send_until", name=op.f("ck_campaign_hours")),
        sa.CheckConstraint("messages_per_second > 0", name=op.f("ck_campaign_pace")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_campaign_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_campaign_business_id_id")),
    )
    op.create_index("ix_campaign_listed", "campaign", ["business_id", "created_at", "id"])
    op.create_index(
        "ix_campaign_open",
        "campaign",
        ["id"],
        postgresql_where=sa.text("status IN ('scheduled', 'running', 'paused')"),
    )


def _phones() -> None:
    op.create_table(
        "campaign_phone",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "campaign_id"],
            ["campaign.business_id", "campaign.id"],
            name=op.f("fk_campaign_phone_business_id_campaign_id"),
        ),
        sa.PrimaryKeyConstraint("campaign_id", "excluded", "address", name=op.f("pk_campaign_phone")),
    )


def _recipients() -> None:
    op.create_table(
        "campaign_recipient",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'skipped', 'given')", name=op.f("ck_campaign_recipient_status")),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_campaign_recipient_language")),
        sa.CheckConstraint("(status = 'skipped') = (reason IS NOT NULL)", name=op.f("ck_campaign_recipient_reason")),
        sa.CheckConstraint("(status = 'given') = (message_id IS NOT NULL)", name=op.f("ck_campaign_recipient_message")),
        sa.CheckConstraint("(status = 'given') = (given_at IS NOT NULL)", name=op.f("ck_campaign_recipient_given_at")),
        sa.ForeignKeyConstraint(
            ["business_id", "campaign_id"],
            ["campaign.business_id", "campaign.id"],
            name=op.f("fk_campaign_recipient_business_id_campaign_id"),
        ),
        sa.PrimaryKeyConstraint("campaign_id", "seq", name=op.f("pk_campaign_recipient")),
        sa.UniqueConstraint("campaign_id", "address", name=op.f("uq_campaign_recipient_campaign_id_address")),
    )
    op.create_index(
        "ix_campaign_recipient_waiting",
        "campaign_recipient",
        ["campaign_id", "seq"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "ix_campaign_recipient_message",
        "campaign_recipient",
        ["message_id"],
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(
        "ix_campaign_recipient_given",
        "campaign_recipient",
        ["business_id", "address", "given_at"],
        postgresql_where=sa.text("given_at IS NOT NULL"),
    )


def _elsewhere() -> None:
    op.add_column("message", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_message_business_id_campaign_id"),
        "message",
        "campaign",
        ["business_id", "campaign_id"],
        ["business_id", "id"],
    )
    op.create_index(
        "ix_message_campaign",
        "message",
        ["campaign_id", "status"],
        postgresql_where=sa.text("campaign_id IS NOT NULL AND replaced_by IS NULL"),
    )
    op.create_index(
        "ix_message_templated",
        "message",
        ["sender_id", "created_at"],
        postgresql_where=sa.text("template IS NOT NULL"),
    )
    op.add_column("business", sa.Column("campaigns_a_week", sa.SmallInteger(), server_default="3", nullable=False))
    op.create_check_constraint(op.f("ck_business_campaigns_a_week"), "business", "campaigns_a_week >= 0")
    op.add_column("sender", sa.Column("messaging_limit", sa.Integer(), nullable=True))
