"""Renewing a subscription by a payment: which one it is for, and the invoice of what was paid."""

import sqlalchemy as sa
from alembic import op

revision = "0141"
down_revision = "0140"
branch_labels = None
depends_on = None

_BEFORE = "purpose IN ('invoice', 'top_up', 'purchase')"
_AFTER = "purpose IN ('invoice', 'top_up', 'purchase', 'renewal')"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("payment", sa.Column("subscription_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_payment_business_id_subscription_id"),
        "payment", "subscription", ["business_id", "subscription_id"], ["business_id", "id"],
    )  # fmt: skip
    _check("purpose", _AFTER)
    op.create_check_constraint(
        op.f("ck_payment_renewal"), "payment", "(purpose = 'renewal') = (subscription_id IS NOT NULL)"
    )
    op.add_column("subscription_change", sa.Column("invoice_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_subscription_change_business_id_invoice_id"),
        "subscription_change", "invoice", ["business_id", "invoice_id"], ["business_id", "id"],
    )  # fmt: skip


def downgrade() -> None:
    """Take them away again; there must be no payments for renewals."""
    op.drop_column("subscription_change", "invoice_id")
    op.drop_column("payment", "subscription_id")
    _check("purpose", _BEFORE)


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_payment_{name}"), "payment", type_="check")
    op.create_check_constraint(op.f(f"ck_payment_{name}"), "payment", condition)
