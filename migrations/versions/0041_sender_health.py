"""How well each sender does; what a campaign's failures are looked for by; and where a customer is reached."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard, unguard

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# Of every sender it is known from its first moment on how it does.
_KEEP_HEALTH = """
INSERT INTO sender_health (sender_id, business_id) SELECT id, business_id FROM sender;
CREATE FUNCTION keep_health() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sender_health (sender_id, business_id) VALUES (NEW.id, NEW.business_id);
    RETURN NULL;
END $$;
CREATE TRIGGER keep_health AFTER INSERT ON sender FOR EACH ROW EXECUTE FUNCTION keep_health()
"""
_SPEAKS_FOR = """
CREATE VIEW speaks_for WITH (security_invoker = true) AS
SELECT link.business_id, link.contact_id, link.customer_id {more}
FROM contact_customer AS link JOIN contact ON contact.id = link.contact_id
WHERE contact.changed_hands_at IS NULL
   OR COALESCE(link.confirmed_at, link.created_at) >= contact.changed_hands_at
"""
# So that whoever asks for many customers need not look each contact up again.
_MORE = ", contact.channel, contact.address, contact.language, contact.invalid_at"
_WHERE = "campaign_id IS NOT NULL AND replaced_by IS NULL"


def upgrade() -> None:
    """Make the table, let the index of a campaign's messages tell when they were made, and the view where to reach."""
    _sender_health()
    op.execute("DROP VIEW speaks_for")
    op.execute(_SPEAKS_FOR.format(more=_MORE))
    _index("campaign_id", "status", "created_at")


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP VIEW speaks_for")
    op.execute(_SPEAKS_FOR.format(more=""))
    _index("campaign_id", "status")
    op.execute("DROP TRIGGER keep_health ON sender; DROP FUNCTION keep_health()")
    unguard("sender_health")
    op.drop_table("sender_health")


def _sender_health() -> None:
    op.create_table(
        "sender_health",
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="unknown", nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_status", sa.String(), nullable=True),
        sa.Column("quality", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('unknown', 'healthy', 'at_risk', 'unhealthy')", name=op.f("ck_sender_health_state")
        ),
        sa.CheckConstraint(
            "(state IN ('at_risk', 'unhealthy')) = (reason IS NOT NULL)", name=op.f("ck_sender_health_reason")
        ),
        sa.CheckConstraint("failed >= 0 AND failed <= tried", name=op.f("ck_sender_health_failed")),
        sa.ForeignKeyConstraint(
            ["business_id", "sender_id"],
            ["sender.business_id", "sender.id"],
            name=op.f("fk_sender_health_business_id_sender_id"),
        ),
        sa.PrimaryKeyConstraint("sender_id", name=op.f("pk_sender_health")),
    )
    guard("sender_health")
    op.execute(_KEEP_HEALTH)


def _index(*columns: str) -> None:
    op.drop_index("ix_message_campaign", table_name="message")
    op.create_index("ix_message_campaign", "message", list(columns), postgresql_where=sa.text(_WHERE))
