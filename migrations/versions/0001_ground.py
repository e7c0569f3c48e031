"""The ground: business, senders, customers, contacts, conversations, messages and what customers hold."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""

    op.create_table(
        "business",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_ar", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("vat_number", sa.String(), nullable=True),
        sa.Column("address_ar", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_business_country")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_business_currency")),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_business_language")),
        sa.CheckConstraint("vat_rate >= 0 AND vat_rate < 1", name=op.f("ck_business_vat_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business")),
        sa.UniqueConstraint("code", name=op.f("uq_business_code")),
    )
    op.create_table(
        "delivery_event",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("provider_sid", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_delivery_event")),
    )
    op.create_index("ix_delivery_event_message", "delivery_event", ["message_id"], unique=False)
    op.create_index(
        "ix_delivery_event_unfolded",
        "delivery_event",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("folded_at IS NULL"),
    )
    op.create_table(
        "contact",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("channel IN ('whatsapp', 'sms', 'email')", name=op.f("ck_contact_channel")),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_contact_language")),
        sa.CheckConstraint("length(address) BETWEEN 1 AND 320", name=op.f("ck_contact_address")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_contact_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("business_id", "channel", "address", name=op.f("uq_contact_business_id_channel_address")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_contact_business_id_id")),
    )
    op.create_table(
        "customer",
        sa.Column("account_no", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_ar", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("vat_number", sa.String(), nullable=True),
        sa.Column("opening_balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("marketing_consent", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language IN ('ar', 'en')", name=op.f("ck_customer_language")),
        sa.CheckConstraint("opening_balance_minor >= 0", name=op.f("ck_customer_opening_balance")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_customer_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("business_id", "account_no", name=op.f("uq_customer_business_id_account_no")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_customer_business_id_id")),
    )
    op.create_table(
        "plan",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_ar", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_plan_days")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_plan_price")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_plan_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("business_id", "code", name=op.f("uq_plan_business_id_code")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_plan_business_id_id")),
    )
    op.create_table(
        "sender",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account_sid_var", sa.String(), nullable=True),
        sa.Column("auth_token_var", sa.String(), nullable=True),
        sa.Column("messages_per_second", sa.Numeric(precision=8, scale=3), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("channel IN ('whatsapp', 'sms')", name=op.f("ck_sender_channel")),
        sa.CheckConstraint("(account_sid_var IS NULL) = (auth_token_var IS NULL)", name=op.f("ck_sender_account")),
        sa.CheckConstraint("messages_per_second > 0", name=op.f("ck_sender_pace")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_sender_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_sender_business_id_id")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_sender_channel_address")),
    )
    op.create_table(
        "consent",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("topic IN ('messages', 'marketing')", name=op.f("ck_consent_topic")),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_consent_business_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "sender_id"],
            ["sender.business_id", "sender.id"],
            name=op.f("fk_consent_business_id_sender_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_consent_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_contact_id"), "consent", ["contact_id"], unique=False)
    op.create_table(
        "contact_customer",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("source IN ('import', 'linked')", name=op.f("ck_contact_customer_source")),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_contact_customer_business_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_contact_customer_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_contact_customer_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_customer")),
        sa.UniqueConstraint("contact_id", "customer_id", name=op.f("uq_contact_customer_contact_id_customer_id")),
    )
    op.create_index(op.f("ix_contact_customer_customer_id"), "contact_customer", ["customer_id"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("flow", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(flow IS NULL) = (state IS NULL)", name=op.f("ck_conversation_flow_and_state")),
        sa.CheckConstraint("misses >= 0", name=op.f("ck_conversation_misses")),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_conversation_business_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_conversation_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "sender_id"],
            ["sender.business_id", "sender.id"],
            name=op.f("fk_conversation_business_id_sender_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_conversation_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint(
            "business_id",
            "id",
            "sender_id",
            "contact_id",
            name=op.f("uq_conversation_business_id_id_sender_id_contact_id"),
        ),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_conversation_business_id_id")),
        sa.UniqueConstraint("sender_id", "contact_id", name=op.f("uq_conversation_sender_id_contact_id")),
    )
    op.create_index(op.f("ix_conversation_contact_id"), "conversation", ["contact_id"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_no", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("description_en", sa.String(), nullable=True),
        sa.Column("description_ar", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "CASE status WHEN 'issued' THEN paid_minor = 0 AND total_minor > 0 WHEN 'part_paid' THEN paid_minor > 0 AND paid_minor < total_minor WHEN 'paid' THEN paid_minor = total_minor ELSE true END",  # noqa: E501
            name=op.f("ck_invoice_status_and_paid"),
        ),
        sa.CheckConstraint("status IN ('issued', 'part_paid', 'paid', 'cancelled')", name=op.f("ck_invoice_status")),
        sa.CheckConstraint("due_date >= issue_date", name=op.f("ck_invoice_due_date")),
        sa.CheckConstraint("net_minor >= 0 AND vat_minor >= 0", name=op.f("ck_invoice_amounts")),
        sa.CheckConstraint("paid_minor BETWEEN 0 AND total_minor", name=op.f("ck_invoice_paid")),
        sa.CheckConstraint("total_minor = net_minor + vat_minor", name=op.f("ck_invoice_total")),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_invoice_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_invoice_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_invoice_business_id_id")),
        sa.UniqueConstraint("business_id", "invoice_no", name=op.f("uq_invoice_business_id_invoice_no")),
    )
    op.create_index(op.f("ix_invoice_customer_id"), "invoice", ["customer_id"], unique=False)
    op.create_index(
        "ix_invoice_open",
        "invoice",
        ["customer_id", "due_date"],
        unique=False,
        postgresql_where=sa.text("status IN ('issued', 'part_paid')"),
    )
    op.create_table(
        "meter",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("meter_no", sa.String(), nullable=False),
        sa.Column("nickname", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("tariff", sa.String(), nullable=True),
        sa.Column("digits", sa.Integer(), nullable=True),
        sa.Column("iin", sa.String(), nullable=True),
        sa.Column("supply_group_code", sa.String(), nullable=True),
        sa.Column("key_revision", sa.Integer(), nullable=True),
        sa.Column("key_type", sa.Integer(), nullable=True),
        sa.Column("tariff_index", sa.String(), nullable=True),
        sa.Column("ea", sa.String(), nullable=True),
        sa.Column("dkga", sa.String(), nullable=True),
        sa.Column("base_date", sa.String(), nullable=True),
        sa.Column("key_expiry", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('prepaid', 'postpaid')", name=op.f("ck_meter_kind")),
        sa.CheckConstraint("network IN ('sts', 'acrel', 'manual')", name=op.f("ck_meter_network")),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_meter_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_meter_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_meter_business_id_id")),
        sa.UniqueConstraint("business_id", "meter_no", name=op.f("uq_meter_business_id_meter_no")),
    )
    op.create_index(op.f("ix_meter_customer_id"), "meter", ["customer_id"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(status = 'paused') = (paused_on IS NOT NULL)", name=op.f("ck_subscription_paused_on")),
        sa.CheckConstraint("(status = 'stopped') = (stopped_on IS NOT NULL)", name=op.f("ck_subscription_stopped_on")),
        sa.CheckConstraint("status IN ('active', 'paused', 'stopped', 'expired')", name=op.f("ck_subscription_status")),
        sa.CheckConstraint("last_day >= start_date", name=op.f("ck_subscription_last_day")),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_subscription_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "plan_id"],
            ["plan.business_id", "plan.id"],
            name=op.f("fk_subscription_business_id_plan_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_subscription_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_subscription_business_id_id")),
        sa.UniqueConstraint("business_id", "reference", name=op.f("uq_subscription_business_id_reference")),
    )
    op.create_index(op.f("ix_subscription_customer_id"), "subscription", ["customer_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("provider_sid", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("media", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("encoding", sa.String(), nullable=True),
        sa.Column("segments", sa.SmallInteger(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(direction = 'inbound') = (status = 'received')", name=op.f("ck_message_direction_and_status")
        ),
        sa.CheckConstraint("channel IN ('whatsapp', 'sms', 'email')", name=op.f("ck_message_channel")),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name=op.f("ck_message_direction")),
        sa.CheckConstraint("kind IN ('reply', 'code', 'notice', 'campaign', 'staff')", name=op.f("ck_message_kind")),
        sa.CheckConstraint(
            "status IN ('received', 'queued', 'sending', 'in_doubt', 'accepted', 'sent', 'delivered', 'read', 'undelivered', 'failed', 'skipped')",  # noqa: E501
            name=op.f("ck_message_status"),
        ),
        sa.CheckConstraint("segments > 0", name=op.f("ck_message_segments")),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id", "sender_id", "contact_id"],
            ["conversation.business_id", "conversation.id", "conversation.sender_id", "conversation.contact_id"],
            name=op.f("fk_message_business_id_conversation_id_sender_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_message_business_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_conversation", "message", ["conversation_id", "seq"], unique=False)
    op.create_index(
        "ix_message_due", "message", ["due_at", "seq"], unique=False, postgresql_where=sa.text("status = 'queued'")
    )
    op.create_index(
        "ix_message_unsent",
        "message",
        ["conversation_id", "seq"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'sending', 'in_doubt')"),
    )
    op.create_index(
        "uq_message_provider_sid",
        "message",
        ["provider_sid"],
        unique=True,
        postgresql_where=sa.text("provider_sid IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them."""

    op.drop_index("uq_message_provider_sid", table_name="message", postgresql_where=sa.text("provider_sid IS NOT NULL"))
    op.drop_index(
        "ix_message_unsent",
        table_name="message",
        postgresql_where=sa.text("status IN ('queued', 'sending', 'in_doubt')"),
    )
    op.drop_index("ix_message_due", table_name="message", postgresql_where=sa.text("status = 'queued'"))
    op.drop_index("ix_message_conversation", table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_subscription_customer_id"), table_name="subscription")
    op.drop_table("subscription")
    op.drop_index(op.f("ix_meter_customer_id"), table_name="meter")
    op.drop_table("meter")
    op.drop_index(
        "ix_invoice_open", table_name="invoice", postgresql_where=sa.text("status IN ('issued', 'part_paid')")
    )
    op.drop_index(op.f("ix_invoice_customer_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_index(op.f("ix_conversation_contact_id"), table_name="conversation")
    op.drop_table("conversation")
    op.drop_index(op.f("ix_contact_customer_customer_id"), table_name="contact_customer")
    op.drop_table("contact_customer")
    op.drop_index(op.f("ix_consent_contact_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_table("sender")
    op.drop_table("plan")
    op.drop_table("customer")
    op.drop_table("contact")
    op.drop_index(
        "ix_delivery_event_unfolded", table_name="delivery_event", postgresql_where=sa.text("folded_at IS NULL")
    )
    op.drop_index("ix_delivery_event_message", table_name="delivery_event")
    op.drop_table("delivery_event")
    op.drop_table("business")
