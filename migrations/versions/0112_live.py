"""What changes is told to who listens, at the commit; and how many listen."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard, unguard

revision = "0112"
down_revision = "0111"
branch_labels = None
depends_on = None

# A statement that changes more messages than this tells only that there were many.
_MANY = 20
# PostgreSQL says a thing only once in a transaction, and only if that is committed.
_TELL = """
    PERFORM pg_notify('raseed_events', told::text) FROM (
        WITH said AS MATERIALIZED (
            SELECT changed.id, changed.business_id, changed.conversation_id, changed.campaign_id, changed.status,
                   count(*) OVER () AS number
            FROM {changed}
        )
        SELECT jsonb_build_object('topic', 'messages', 'business', business_id, 'message', id,
                                  'conversation', conversation_id, 'status', status)
        FROM said WHERE number <= {many}
        UNION
        SELECT jsonb_build_object('topic', 'messages', 'business', business_id, 'many', true)
        FROM said WHERE number > {many}
        UNION
        SELECT jsonb_build_object('topic', 'campaigns', 'business', business_id, 'campaign', campaign_id)
        FROM said WHERE campaign_id IS NOT NULL
    ) AS all_of_it (told);
"""
_NEW = _TELL.format(changed="changed", many=_MANY)
_MOVED = _TELL.format(changed="changed JOIN before USING (id) WHERE changed.status <> before.status", many=_MANY)
_FUNCTIONS = {
    "tell_of_messages": f"BEGIN IF TG_OP = 'INSERT' THEN {_NEW} ELSE {_MOVED} END IF; RETURN NULL; END",
    "tell_of_row": """
        DECLARE
            told jsonb := to_jsonb(NEW);
        BEGIN
            PERFORM pg_notify('raseed_events', jsonb_build_object(
                'topic', TG_ARGV[0], 'business', told -> 'business_id', TG_ARGV[1], told -> 'id')::text);
            RETURN NULL;
        END
    """,
}
_CHANGED = " OR ".join(
    f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in ("handover_id", "assigned_to", "person_wanted_at")
)
_TRIGGERS = (
    ("message", "AFTER INSERT", "REFERENCING NEW TABLE AS changed FOR EACH STATEMENT", "tell_of_messages()"),
    (
        "message",
        "AFTER UPDATE",
        "REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT",
        "tell_of_messages()",
    ),
    ("conversation", "AFTER INSERT", "FOR EACH ROW", "tell_of_row('conversations', 'conversation')"),
    (
        "conversation",
        "AFTER UPDATE",
        f"FOR EACH ROW WHEN ({_CHANGED})",
        "tell_of_row('conversations', 'conversation')",
    ),
    ("campaign", "AFTER INSERT", "FOR EACH ROW", "tell_of_row('campaigns', 'campaign')"),
    (
        "campaign",
        "AFTER UPDATE",
        "FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.prepared_at IS DISTINCT FROM NEW.prepared_at)",
        "tell_of_row('campaigns', 'campaign')",
    ),
    ("notification", "AFTER INSERT", "FOR EACH ROW", "tell_of_row('notifications', 'notification')"),
    ("notification", "AFTER UPDATE", "FOR EACH ROW", "tell_of_row('notifications', 'notification')"),
)


def upgrade() -> None:
    """Make the table, the functions and the triggers."""
    for name, body in _FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for table, when, how, function in _TRIGGERS:
        op.execute(f"CREATE TRIGGER {_name(when)} {when} ON {table} {how} EXECUTE FUNCTION {function}")
    _listening()
    # By which the console's chart of payments is drawn.
    op.create_index(
        "ix_payment_settled",
        "payment",
        ["business_id", "settled_at"],
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_payment_settled", "payment")
    unguard("listening")
    op.drop_table("listening")
    for table, when, _, _ in _TRIGGERS:
        op.execute(f"DROP TRIGGER {_name(when)} ON {table}")
    for name in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")


def _name(when: str) -> str:
    return f"tell_{when.rsplit(maxsplit=1)[-1].lower()}"


def _listening() -> None:
    op.create_table(
        "listening",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listeners", sa.Integer(), nullable=False),
        sa.Column("events_per_minute", sa.Integer(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("reloads", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_listening_business_id")),
        sa.PrimaryKeyConstraint("business_id", "process", name=op.f("pk_listening")),
    )
    guard("listening")
