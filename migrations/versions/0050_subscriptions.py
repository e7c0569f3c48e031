"""Subscriptions to the second: periods, pauses, what changed and what is told, and a business's rules for them."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import guard

revision = "0050"
down_revision = "0030"
branch_labels = None
depends_on = None

_TABLES = ("pause", "subscription_change", "subscription_notice")
_INDEXES = ("begins", "expires", "pauses", "resumes", "status")
_NEEDED = ("zone", "days_planned", "ends", "price_minor")

_CHECKS = {
    "status": "status IN ('pending', 'active', 'paused', 'stopped', 'expired', 'cancelled')",
    "days_planned": "days_planned > 0",
    "price": "price_minor >= 0",
    "paused_at": "(status = 'paused') = (paused_at IS NOT NULL)",
    "paused_wall": "(paused_at IS NULL) = (paused_wall IS NULL)",
    "paused_cause": "(paused_at IS NULL) = (paused_cause IS NULL)",
    "cause": "paused_cause IN ('asked', 'overdue')",
    "resume_on": "resume_on IS NULL OR status = 'paused'",
    "pause_from": "pause_from IS NULL OR status = 'active'",
    "pause_until": "pause_until > pause_from",
    "days_wasted": "(stopped_on IS NULL) = (days_wasted IS NULL)",
    "wasted": "days_wasted BETWEEN 0 AND days_planned",
}
_RULES = {
    "pause_days": "pause_shortest_days > 0 AND pause_longest_days >= pause_shortest_days",
    "pauses_per_period": "pauses_per_period >= 0",
    "overdue_pause_days": "overdue_pause_days > 0",
    "long_pause_notice_days": "long_pause_notice_days > 0",
    "renewal_offer_days": "renewal_offer_days >= 0",
}

# What was known so far: a last day. Where it lies beyond the plan's own, pauses had moved it.
_CONVERT = """
UPDATE subscription SET
    zone = business.timezone,
    days_planned = LEAST(plan.days, last_day - start_date + 1),
    days_adjusted = GREATEST(last_day - start_date + 1 - plan.days, 0),
    ends = last_day + 1,
    price_minor = plan.price_minor,
    paused_wall = paused_on,
    paused_at = paused_on::timestamp AT TIME ZONE business.timezone,
    paused_cause = CASE WHEN paused_on IS NOT NULL THEN 'asked' END,
    resume_on = GREATEST(paused_on + 90, CASE WHEN paused_on IS NOT NULL THEN CURRENT_DATE + 7 END),
    days_wasted = CASE WHEN stopped_on IS NOT NULL THEN
        LEAST(GREATEST(last_day - stopped_on, 0), LEAST(plan.days, last_day - start_date + 1)) END,
    imported = jsonb_build_object('start_date', start_date, 'plan', plan.code, 'status', status, 'end_date', NULL,
                                  'paused_on', paused_on, 'stopped_on', stopped_on, 'reason', reason)
FROM plan, business WHERE plan.id = plan_id AND business.id = subscription.business_id
"""
_FIRST = """
INSERT INTO subscription_change (id, created_at, business_id, subscription_id, period, action, to_status, changed_at,
                                 days_after, ends_after, changed_by_type, reason)
SELECT gen_random_uuid(), now(), business_id, id, 1, 'import', status, created_at,
       CASE WHEN status IN ('active', 'paused')
            THEN LEAST(GREATEST(last_day - COALESCE(paused_on, CURRENT_DATE), 0), days_planned) ELSE 0 END,
       ends, 'import', reason
FROM subscription
"""
_GENERATED = """
ALTER TABLE subscription
    DROP COLUMN last_day,
    DROP COLUMN paused_on,
    ADD COLUMN last_day date NOT NULL GENERATED ALWAYS AS ((ends - '1 microsecond'::interval)::date) STORED,
    ADD COLUMN paused_on date GENERATED ALWAYS AS (paused_wall::date) STORED
"""
_PLAIN = """
ALTER TABLE subscription
    DROP COLUMN last_day,
    DROP COLUMN paused_on,
    ADD COLUMN last_day date,
    ADD COLUMN paused_on date
"""
# The end is what was planned, and every pause since: whoever writes one without the other is refused at the commit.
_ADDS_UP = """
CREATE FUNCTION subscription_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid;
    wrong boolean;
BEGIN
    IF TG_TABLE_NAME = 'pause' THEN changed := NEW.subscription_id; ELSE changed := NEW.id; END IF;
    SELECT ends <> start_date + make_interval(days => days_planned + days_adjusted) + COALESCE(
               (SELECT sum(pause.ended - pause.began) FROM pause
                WHERE pause.subscription_id = subscription.id AND pause.period = subscription.period), '0')
           OR pauses <> (SELECT count(*) FROM pause WHERE pause.subscription_id = subscription.id)
    INTO wrong FROM subscription WHERE id = changed;
    IF wrong THEN
        RAISE EXCEPTION 'subscription %: its end is not what was planned and paused', changed
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER adds_up
    AFTER INSERT OR UPDATE OF ends, start_date, days_planned, days_adjusted, period, pauses ON subscription
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subscription_adds_up();
CREATE CONSTRAINT TRIGGER adds_up AFTER INSERT ON pause
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subscription_adds_up()
"""
_ONLY_ADDED_TO = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def _columns() -> Iterator[tuple[str, tuple[sa.Column[Any], ...]]]:
    yield (
        "business",
        (
            sa.Column("pause_longest_days", sa.Integer(), server_default=sa.text("90"), nullable=False),
            sa.Column("pause_shortest_days", sa.Integer(), server_default=sa.text("1"), nullable=False),
            sa.Column("pauses_per_period", sa.Integer(), server_default=sa.text("3"), nullable=False),
            sa.Column("pause_when_overdue", sa.Boolean(), server_default=sa.text("false"), nullable=False),
            sa.Column("refund_on_stop", sa.Boolean(), server_default=sa.text("false"), nullable=False),
            sa.Column("overdue_pause_days", sa.Integer(), nullable=True),
            sa.Column("long_pause_notice_days", sa.Integer(), server_default=sa.text("30"), nullable=False),
            sa.Column("renewal_offer_days", sa.Integer(), server_default=sa.text("3"), nullable=False),
        ),
    )
    yield (
        "subscription",
        (
            sa.Column("zone", sa.String(), nullable=True),
            sa.Column("days_planned", sa.Integer(), nullable=True),
            sa.Column("days_adjusted", sa.Integer(), server_default=sa.text("0"), nullable=False),
            sa.Column("ends", sa.DateTime(), nullable=True),
            sa.Column("period", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
            sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
            sa.Column("pauses", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
            sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("paused_wall", sa.DateTime(), nullable=True),
            sa.Column("paused_cause", sa.String(), nullable=True),
            sa.Column("resume_on", sa.Date(), nullable=True),
            sa.Column("pause_from", sa.Date(), nullable=True),
            sa.Column("pause_until", sa.Date(), nullable=True),
            sa.Column("days_wasted", sa.Integer(), nullable=True),
            sa.Column("price_minor", sa.BigInteger(), nullable=True),
            sa.Column("imported", JSONB(), nullable=True),
        ),
    )


def upgrade() -> None:
    """Add the columns and tables, and reckon what there is."""
    for table, columns in _columns():
        for column in columns:
            op.add_column(table, column)
    _tables()
    op.drop_constraint(op.f("ck_subscription_status"), "subscription")
    op.execute(_CONVERT)
    op.execute(_FIRST)
    op.execute(_GENERATED)
    for needed in _NEEDED:
        op.alter_column("subscription", needed, nullable=False)
    for table, checks in (("subscription", _CHECKS), ("business", _RULES)):
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    _indexes()
    for table in _TABLES:
        guard(table)
    for table in ("pause", "subscription_change"):
        op.execute(_ONLY_ADDED_TO.format(table=table))
    op.execute(_ADDS_UP)
    op.execute("CREATE STATISTICS subscription_business ON ((business_id)::text) FROM subscription")


def downgrade() -> None:
    """Take them away again. What only the new model knows is lost: pauses, and what was pending or cancelled."""
    op.execute("DROP STATISTICS subscription_business")
    op.execute("DROP TRIGGER adds_up ON subscription")
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION subscription_adds_up")
    for name in _INDEXES:
        op.drop_index(f"ix_subscription_{name}", table_name="subscription")
    for table, checks in (("subscription", _CHECKS), ("business", _RULES)):
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.execute("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT id, last_day, paused_on FROM subscription")
    op.execute(_PLAIN)
    op.execute(
        "UPDATE subscription SET last_day = kept.last_day, paused_on = kept.paused_on FROM kept "
        "WHERE kept.id = subscription.id"
    )
    op.execute("UPDATE subscription SET status = 'active' WHERE status = 'pending'")
    op.execute("UPDATE subscription SET status = 'expired' WHERE status = 'cancelled'")
    op.alter_column("subscription", "last_day", nullable=False)
    for name, condition in _BEFORE.items():
        op.create_check_constraint(op.f(f"ck_subscription_{name}"), "subscription", condition)
    for table, columns in _columns():
        for column in columns:
            op.drop_column(table, column.name)


_BEFORE = {
    "status": "status IN ('active', 'paused', 'stopped', 'expired')",
    "last_day": "last_day >= start_date",
    "paused_on": "(status = 'paused') = (paused_on IS NOT NULL)",
}


def _indexes() -> None:
    op.create_index(
        "ix_subscription_begins",
        "subscription",
        ["start_date"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_subscription_expires",
        "subscription",
        ["last_day"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_subscription_pauses",
        "subscription",
        ["pause_from"],
        unique=False,
        postgresql_where=sa.text("pause_from IS NOT NULL"),
    )
    op.create_index(
        "ix_subscription_resumes",
        "subscription",
        ["resume_on"],
        unique=False,
        postgresql_where=sa.text("resume_on IS NOT NULL"),
    )
    op.create_index("ix_subscription_status", "subscription", ["business_id", "status", "id"], unique=False)


def _tables() -> None:
    op.create_table(
        "pause",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("previous", sa.SmallInteger(), nullable=True),
        sa.Column("previous_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began", sa.DateTime(), nullable=False),
        sa.Column("ended", sa.DateTime(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cause IN ('asked', 'overdue')", name=op.f("ck_pause_cause")),
        sa.CheckConstraint("(previous IS NULL) = (previous_ended_at IS NULL)", name=op.f("ck_pause_previous_ended_at")),
        sa.CheckConstraint("began_at >= previous_ended_at", name=op.f("ck_pause_overlap")),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_pause_ended_at")),
        sa.CheckConstraint("number > 0", name=op.f("ck_pause_number")),
        sa.CheckConstraint("previous IS NOT DISTINCT FROM NULLIF(number - 1, 0)", name=op.f("ck_pause_previous")),
        sa.ForeignKeyConstraint(
            ["business_id", "subscription_id"],
            ["subscription.business_id", "subscription.id"],
            name=op.f("fk_pause_business_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_pause_business_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id", "previous", "previous_ended_at"],
            ["pause.subscription_id", "pause.number", "pause.ended_at"],
            name="fk_pause_previous",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
        sa.UniqueConstraint(
            "subscription_id", "number", "ended_at", name=op.f("uq_pause_subscription_id_number_ended_at")
        ),
        sa.UniqueConstraint("subscription_id", "number", name=op.f("uq_pause_subscription_id_number")),
    )
    op.create_table(
        "subscription_change",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("from_status", sa.String(), nullable=True),
        sa.Column("to_status", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=True),
        sa.Column("days_after", sa.Integer(), nullable=False),
        sa.Column("ends_before", sa.DateTime(), nullable=True),
        sa.Column("ends_after", sa.DateTime(), nullable=False),
        sa.Column("pause_days", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.Column("changed_by_type", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("override", sa.String(), nullable=True),
        sa.Column("ip", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("wasted_minor", sa.BigInteger(), nullable=True),
        sa.Column("refund_minor", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "action IN ('begin', 'pause', 'resume', 'stop', 'expire', 'reactivate', 'renew', 'cancel', "
            "'schedule_pause', 'cancel_pause', 'import')",
            name=op.f("ck_subscription_change_action"),
        ),
        sa.CheckConstraint(
            "changed_by_type IN ('customer', 'staff', 'api_key', 'system', 'import')",
            name=op.f("ck_subscription_change_changed_by_type"),
        ),
        sa.CheckConstraint(
            "to_status IN ('pending', 'active', 'paused', 'stopped', 'expired', 'cancelled')",
            name=op.f("ck_subscription_change_to_status"),
        ),
        sa.CheckConstraint(
            "wasted_minor >= 0 AND refund_minor BETWEEN 0 AND wasted_minor", name=op.f("ck_subscription_change_money")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "subscription_id"],
            ["subscription.business_id", "subscription.id"],
            name=op.f("fk_subscription_change_business_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_subscription_change_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_change")),
    )
    op.create_table(
        "subscription_notice",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("outcome IN ('told', 'dropped')", name=op.f("ck_subscription_notice_outcome")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_subscription_notice_business_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_notice")),
        sa.UniqueConstraint(
            "subscription_id", "kind", "about", name=op.f("uq_subscription_notice_subscription_id_kind_about")
        ),
    )
    op.create_index("ix_pause_ended", "pause", ["business_id", "ended_at"], unique=False)
    op.create_index("ix_subscription_change_of", "subscription_change", ["subscription_id", "seq"], unique=False)
    op.create_index(
        "ix_subscription_notice_waiting",
        "subscription_notice",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("outcome IS NULL"),
    )
