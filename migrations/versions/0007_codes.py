"""One-time codes, their locks, and contacts that have changed hands."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard, unguard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NO_CODE_LEFT = "kind <> 'code' OR status IN ('queued', 'sending', 'in_doubt') OR text !~ '[0-9]{6}'"
# Who may speak for whom, and nobody else: what everybody asks who shows a customer's data. Row-level security goes by
# who asks, as it does for the tables.
_SPEAKS_FOR = """
CREATE VIEW speaks_for WITH (security_invoker = true) AS
SELECT link.business_id, link.contact_id, link.customer_id
FROM contact_customer AS link JOIN contact ON contact.id = link.contact_id
WHERE contact.changed_hands_at IS NULL
   OR COALESCE(link.confirmed_at, link.created_at) >= contact.changed_hands_at
"""


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("business", sa.Column("code_countries", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("contact", sa.Column("changed_hands_at", sa.DateTime(timezone=True)))
    op.add_column("contact_customer", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(op.f("ck_message_no_code_left"), "message", _NO_CODE_LEFT)
    _code()
    _code_lock()
    guard("code")
    guard("code_lock")
    op.execute(_SPEAKS_FOR)


def _code() -> None:
    op.create_table(
        "code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("destination", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_code_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_code_business_id_contact_id"),
        ),
    )
    op.create_index("ix_code_contact", "code", ["contact_id", "purpose", "seq"])
    op.create_index("ix_code_hour", "code", ["business_id", "created_at"])


def _code_lock() -> None:
    op.create_table(
        "code_lock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_lock")),
        sa.UniqueConstraint("business_id", "purpose", "key", name=op.f("uq_code_lock_business_id_purpose_key")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_code_lock_business_id")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.execute("DROP VIEW speaks_for")
    for table in ("code_lock", "code"):
        unguard(table)
        op.drop_table(table)
    op.drop_constraint(op.f("ck_message_no_code_left"), "message")
    op.drop_column("contact_customer", "confirmed_at")
    op.drop_column("contact", "changed_hands_at")
    op.drop_column("business", "code_countries")
