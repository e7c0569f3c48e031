"""The guards: every row is seen by its business only; what is only added to stays as it was."""

from alembic import op

from migrations.guards import guard, unguard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OWNED = (
    "consent",
    "contact",
    "contact_customer",
    "conversation",
    "customer",
    "delivery_event",
    "invoice",
    "message",
    "meter",
    "plan",
    "sender",
    "subscription",
)

# The inbound number says which business a message is for, before any business is known: so this one question is
# answered with the owner's rights, and only this.
_ENTER_BY_SENDER = """
CREATE FUNCTION enter_by_sender(on_channel text, at_address text)
RETURNS TABLE (sender_id uuid, business_id uuid, name_en varchar, name_ar varchar, currency varchar,
               timezone varchar, country varchar, language varchar, account_sid_var varchar)
LANGUAGE plpgsql VOLATILE ROWS 1 SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT sender.id, business.id, business.name_en, business.name_ar, business.currency,
           business.timezone, business.country, business.language, sender.account_sid_var
    FROM sender
    JOIN business ON business.id = sender.business_id
    CROSS JOIN LATERAL set_config('raseed.business', business.id::text, true)
    WHERE sender.channel = on_channel AND sender.address = at_address;
END
$$
"""

_ONLY_ADDED_TO = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON consent
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Put the guards up."""
    guard("business", key="id")
    for table in _OWNED:
        guard(table)
    op.execute(_ENTER_BY_SENDER)
    op.execute("REVOKE ALL ON FUNCTION enter_by_sender FROM PUBLIC")
    op.execute(_ONLY_ADDED_TO)


def downgrade() -> None:
    """Take the guards down."""
    op.execute("DROP TRIGGER only_added_to ON consent; DROP FUNCTION refuse_change")
    op.execute("DROP FUNCTION enter_by_sender")
    for table in ("business", *_OWNED):
        unguard(table)
