"""E-mail as a channel: a sender for each business, and what a mail has beside its text."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0090"
down_revision = "0041"
branch_labels = None
depends_on = None

# Every business has one sender for mails from its first moment on; the address that they come from is SMTP_FROM.
_SENDERS = """
INSERT INTO sender (id, created_at, business_id, address, channel, messages_per_second, enabled)
SELECT gen_random_uuid(), now(), id, code, 'email', 10, true FROM business;
CREATE FUNCTION send_mails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sender (id, created_at, business_id, address, channel, messages_per_second, enabled)
    VALUES (gen_random_uuid(), now(), NEW.id, NEW.code, 'email', 10, true);
    RETURN NULL;
END $$;
CREATE TRIGGER send_mails AFTER INSERT ON business FOR EACH ROW EXECUTE FUNCTION send_mails()
"""
_FORGET = """
DROP TRIGGER send_mails ON business; DROP FUNCTION send_mails();
DELETE FROM sender_pace USING sender WHERE sender.id = sender_id AND channel = 'email';
DELETE FROM sender WHERE channel = 'email'
"""


def upgrade() -> None:
    """Add the column and the senders."""
    op.add_column("message", sa.Column("mail", JSONB(), nullable=True))
    op.drop_constraint(op.f("ck_sender_channel"), "sender", type_="check")
    op.create_check_constraint(op.f("ck_sender_channel"), "sender", "channel IN ('whatsapp', 'sms', 'email')")
    op.execute(_SENDERS)


def downgrade() -> None:
    """Take them away again; there must be no mails."""
    op.execute(_FORGET)
    op.drop_constraint(op.f("ck_sender_channel"), "sender", type_="check")
    op.create_check_constraint(op.f("ck_sender_channel"), "sender", "channel IN ('whatsapp', 'sms')")
    op.drop_column("message", "mail")
