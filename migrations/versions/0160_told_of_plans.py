"""Customers are told when a plan of theirs is broken, and are reminded when staff asks for it, as often as they ask."""

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0114"
branch_labels = None
depends_on = None

_KINDS_BEFORE = ("invoice", "instalment", "disconnection")
_STAGE = ("invoice_id", "kind", "instalment_id", "stage")
_BY_ITSELF = sa.text("kind <> 'asked'")


def upgrade() -> None:
    """Let there be these kinds; what is asked for is not counted by day and stage."""
    _let_kinds_be(*_KINDS_BEFORE, "broken_plan", "asked")
    op.drop_constraint(op.f("uq_reminder_invoice_id_day"), "reminder", type_="unique")
    op.create_index("uq_reminder_day", "reminder", ["invoice_id", "day"], unique=True, postgresql_where=_BY_ITSELF)
    op.drop_index("uq_reminder_stage", "reminder")
    op.create_index(
        "uq_reminder_stage", "reminder", list(_STAGE), unique=True, postgresql_nulls_not_distinct=True,
        postgresql_where=_BY_ITSELF,
    )  # fmt: skip


def downgrade() -> None:
    """Forget those of the new kinds; what was sent stays among the messages."""
    op.execute("DELETE FROM reminder WHERE kind IN ('broken_plan', 'asked')")
    op.drop_index("uq_reminder_stage", "reminder")
    op.create_index("uq_reminder_stage", "reminder", list(_STAGE), unique=True, postgresql_nulls_not_distinct=True)
    op.drop_index("uq_reminder_day", "reminder")
    op.create_unique_constraint(op.f("uq_reminder_invoice_id_day"), "reminder", ["invoice_id", "day"])
    _let_kinds_be(*_KINDS_BEFORE)


def _let_kinds_be(*kinds: str) -> None:
    listed = ", ".join(f"'{one}'" for one in kinds)
    op.drop_constraint(op.f("ck_reminder_kind"), "reminder", type_="check")
    op.create_check_constraint(op.f("ck_reminder_kind"), "reminder", f"kind IN ({listed})")
