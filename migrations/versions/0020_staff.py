"""Staff: who signs in, API keys, the audit log and its seals, and how staff look for things."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import guard

revision = "0020"
down_revision = "0011"
branch_labels = None
depends_on = None

_OWNED = (
    "staff",
    "access_token",
    "api_key",
    "staff_token",
    "audit_entry",
    "audit_personal",
    "audit_waiting",
    "audit_seal",
    "answer",
)
_INDEXES = (
    ("ix_conversation_wanted", "conversation"),
    ("ix_customer_name_key", "customer"),
    ("ix_customer_name_ar_key", "customer"),
    ("ix_customer_phone", "customer"),
    ("ix_message_contact", "message"),
    ("ix_message_customer", "message"),
    ("ix_message_listed", "message"),
    ("ix_ticket_status", "ticket"),
)

# What a request bears says whose it is, before any business is known: so this one question is answered with the
# owner's rights, and only this.
_ENTER_BY_BEARER = """
CREATE FUNCTION enter_by_bearer(given bytea, at_instant timestamptz)
RETURNS TABLE (kind text, id uuid, business_id uuid, name varchar, email varchar, role varchar, language varchar,
               scopes text[], bearer_id uuid, last_used_at timestamptz)
LANGUAGE plpgsql VOLATILE ROWS 1 SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT 'staff' AS kind, staff.id, staff.business_id, staff.name, staff.email, staff.role, staff.language,
               NULL::text[] AS scopes, token.id AS bearer_id, NULL::timestamptz AS last_used_at
        FROM access_token AS token JOIN staff ON staff.id = token.staff_id
        WHERE token.digest = given AND token.revoked_at IS NULL AND token.expires_at > at_instant
          AND staff.disabled_at IS NULL
        UNION ALL
        SELECT 'api_key', key.id, key.business_id, key.name, NULL, NULL, NULL, key.scopes, key.id, key.last_used_at
        FROM api_key AS key
        WHERE key.digest = given AND key.revoked_at IS NULL
          AND (key.expires_at IS NULL OR key.expires_at > at_instant)
    )
    SELECT found.* FROM found
    CROSS JOIN LATERAL set_config('raseed.business', found.business_id::text, true);
END
$$
"""
# Row-level security compares a business as text. Without these the planner takes one row in a hundred to be of the
# business that asks, where it may be all of them, and reads a table from end to end to find a page of it.
_ESTIMATED = ("audit_entry", "contact", "conversation", "customer", "message", "notification", "ticket")
_ESTIMATE = "CREATE STATISTICS {table}_business ON ((business_id)::text) FROM {table}"
_ONLY_ADDED_TO = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Make the tables and indexes, and put their guards up."""
    _people()
    _audit()
    _kept()
    _indexes()
    for table in _OWNED:
        guard(table)
    guard("sign_in_limit", key="NULL")
    op.execute(_ENTER_BY_BEARER)
    op.execute("REVOKE ALL ON FUNCTION enter_by_bearer FROM PUBLIC")
    for table in ("audit_entry", "audit_seal"):
        op.execute(_ONLY_ADDED_TO.format(table=table))
    for table in _ESTIMATED:
        op.execute(_ESTIMATE.format(table=table))


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP FUNCTION enter_by_bearer")
    for table in _ESTIMATED:
        op.execute(f"DROP STATISTICS {table}_business")
    for index, table in _INDEXES:
        op.drop_index(index, table_name=table)
    for column in ("name_key", "name_ar_key"):
        op.drop_column("customer", column)
    for table in ("sign_in_limit", *reversed(_OWNED)):
        op.drop_table(table)


def _people() -> None:
    op.create_table(
        "staff",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_staff_language")),
        sa.CheckConstraint("role IN ('admin', 'agent', 'viewer')", name=op.f("ck_staff_role")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_email")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_staff_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("business_id", "email", name=op.f("uq_staff_business_id_email")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_staff_business_id_id")),
    )
    op.create_index(op.f("ix_staff_email"), "staff", ["email"], unique=False)
    op.create_table(
        "access_token",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff.business_id", "staff.id"],
            name=op.f("fk_access_token_business_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_access_token_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_access_token_digest")),
    )
    op.create_index(op.f("ix_access_token_staff_id"), "access_token", ["staff_id"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "created_by"],
            ["staff.business_id", "staff.id"],
            name=op.f("fk_api_key_business_id_created_by"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_api_key_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    op.create_table(
        "staff_token",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name=op.f("ck_staff_token_purpose")),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["staff.business_id", "staff.id"],
            name=op.f("fk_staff_token_business_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_staff_token_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_token_digest")),
    )
    op.create_index(op.f("ix_staff_token_staff_id"), "staff_token", ["staff_id"], unique=False)
    op.create_table(
        "sign_in_limit",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_limit")),
    )
    op.create_index(op.f("ix_sign_in_limit_ends_at"), "sign_in_limit", ["ends_at"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("origin", JSONB(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("after", JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(actor_kind = 'operator') = (actor_id IS NULL)", name=op.f("ck_audit_entry_actor_id")),
        sa.CheckConstraint("actor_kind IN ('staff', 'api_key', 'operator')", name=op.f("ck_audit_entry_actor_kind")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_audit_entry_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_entry_seq")),
    )
    op.create_index("ix_audit_entry_action", "audit_entry", ["business_id", "action", "created_at", "id"], unique=False)
    op.create_index(
        "ix_audit_entry_actor", "audit_entry", ["business_id", "actor_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_audit_entry_listed", "audit_entry", ["business_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_audit_entry_subject", "audit_entry", ["business_id", "subject_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "audit_personal",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_personal_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_personal")),
    )
    op.create_table(
        "audit_waiting",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_waiting_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_waiting")),
    )
    op.create_index(op.f("ix_audit_waiting_business_id"), "audit_waiting", ["business_id"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_seal_number")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_audit_seal_business_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_seal_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("business_id", "number", name=op.f("uq_audit_seal_business_id_number")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seal_entry_id")),
    )


def _kept() -> None:
    op.create_table(
        "answer",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_answer_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("principal_id", "key", name=op.f("uq_answer_principal_id_key")),
    )
    op.create_index("ix_answer_created_at", "answer", ["created_at"], unique=False)
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["business_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )


def _indexes() -> None:
    op.create_index(
        "ix_conversation_wanted",
        "conversation",
        ["business_id", "id"],
        unique=False,
        postgresql_where=sa.text("person_wanted_at IS NOT NULL"),
    )
    for name in ("name", "name_ar"):
        key = sa.Computed(f"lower({name})", persisted=True)
        op.add_column("customer", sa.Column(f"{name}_key", sa.Text(collation="C"), key, nullable=name == "name_ar"))
        op.create_index(f"ix_customer_{name}_key", "customer", ["business_id", f"{name}_key"])
    op.create_index("ix_customer_phone", "customer", ["business_id", "phone"], unique=False)
    op.create_index(
        "ix_message_customer",
        "message",
        ["business_id", "customer_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_message_listed", "message", ["business_id", "channel", "status", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_message_contact",
        "message",
        ["business_id", "contact_id", "created_at", "id"],
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    op.create_index("ix_ticket_status", "ticket", ["business_id", "status", "number"], unique=False)
