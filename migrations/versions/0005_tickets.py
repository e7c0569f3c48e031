"""Tickets, and what is told before one is made: outages, hours and holidays, and the areas they are of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import guard

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("holiday", "opening_hours", "outage", "ticket_counter", "ticket", "ticket_event")

# What happened to a ticket stays as it was.
_ONLY_ADDED_TO = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Make the tables and the columns, and put their guards up."""
    _calendar()
    _tickets()
    _events()
    op.add_column("business", sa.Column("emergency_number", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("area", sa.String(), nullable=True))
    op.add_column("meter", sa.Column("area", sa.String(), nullable=True))
    for table in _TABLES:
        guard(table)
    op.execute(_ONLY_ADDED_TO)


def downgrade() -> None:
    """Drop them."""
    for table, column in (("meter", "area"), ("customer", "area"), ("business", "emergency_number")):
        op.drop_column(table, column)
    for table in reversed(_TABLES):
        op.drop_table(table)


def _calendar() -> None:
    op.create_table(
        "holiday",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_ar", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_holiday_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
        sa.UniqueConstraint("business_id", "date", name=op.f("uq_holiday_business_id_date")),
    )
    op.create_table(
        "opening_hours",
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_opening_hours_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
        sa.UniqueConstraint("business_id", "weekday", "opens", name=op.f("uq_opening_hours_business_id_weekday_opens")),
    )
    op.create_table(
        "outage",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=True),
        sa.Column("reason_ar", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('planned', 'unplanned')", name=op.f("ck_outage_kind")),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_outage_ends_at")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_outage_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("business_id", "reference", name=op.f("uq_outage_business_id_reference")),
    )


def _tickets() -> None:
    op.create_table(
        "ticket_counter",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_ticket_counter_business_id")),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_ticket_counter")),
    )
    op.create_table(
        "ticket",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=True),
        sa.Column("reporter", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("media", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sameness", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('no_power', 'voltage', 'meter_fault', 'danger', 'other', 'request')", name=op.f("ck_ticket_kind")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'in_progress', 'waiting_customer', 'resolved', 'closed')", name=op.f("ck_ticket_status")
        ),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_ticket_whole_location")),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("ck_ticket_location")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "contact_id"],
            ["contact.business_id", "contact.id"],
            name=op.f("fk_ticket_business_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversation.business_id", "conversation.id"],
            name=op.f("fk_ticket_business_id_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_ticket_business_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "meter_id"], ["meter.business_id", "meter.id"], name=op.f("fk_ticket_business_id_meter_id")
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_ticket_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_ticket_business_id_id")),
        sa.UniqueConstraint("business_id", "number", name=op.f("uq_ticket_business_id_number")),
    )
    op.create_index(op.f("ix_ticket_contact_id"), "ticket", ["contact_id"], unique=False)
    op.create_index(op.f("ix_ticket_customer_id"), "ticket", ["customer_id"], unique=False)
    op.create_index("ix_ticket_sameness", "ticket", ["sameness", "created_at"], unique=False)


def _events() -> None:
    op.create_table(
        "ticket_event",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=True),
        sa.Column("from_status", sa.String(), nullable=True),
        sa.Column("to_status", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("media", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(action = 'moved') = (from_status IS NOT NULL)", name=op.f("ck_ticket_event_from_status")),
        sa.CheckConstraint(
            "(action IN ('moved', 'reported')) = (to_status IS NOT NULL)", name=op.f("ck_ticket_event_to_status")
        ),
        sa.CheckConstraint(
            "action IN ('reported', 'repeated', 'remark', 'moved')", name=op.f("ck_ticket_event_action")
        ),
        sa.CheckConstraint("actor IN ('customer', 'staff', 'system')", name=op.f("ck_ticket_event_actor")),
        sa.ForeignKeyConstraint(
            ["business_id", "ticket_id"],
            ["ticket.business_id", "ticket.id"],
            name=op.f("fk_ticket_event_business_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_ticket_event_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    op.create_index(op.f("ix_ticket_event_ticket_id"), "ticket_event", ["ticket_id"], unique=False)
