"""Disputes: a customer says that an invoice is wrong; until staff has looked at it nobody is reminded of it."""

from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

_OPEN: Final = """
    INSERT INTO invoice_dispute (id, created_at, business_id, invoice_id, reason)
    SELECT %(id)s, %(now)s, business_id, id, %(reason)s FROM invoice WHERE id = %(invoice_id)s
    ON CONFLICT (invoice_id) WHERE closed_at IS NULL DO NOTHING RETURNING id
"""
_CLOSE: Final = """
    UPDATE invoice_dispute SET closed_at = %(now)s, outcome = %(outcome)s
    WHERE invoice_id = %(invoice_id)s AND closed_at IS NULL RETURNING id
"""


def open_dispute(visit: Visit, invoice_id: UUID, reason: str) -> UUID | None:
    """Open a dispute about an invoice; None where one is open already."""
    values = {"id": new_id(), "now": now(), "invoice_id": invoice_id, "reason": reason}
    rows = visit.ask(_OPEN, values)
    return rows[0][0] if rows else None


def close_dispute(visit: Visit, invoice_id: UUID, outcome: str) -> UUID | None:
    """Close the open dispute about an invoice; None where none is open."""
    rows = visit.ask(_CLOSE, {"invoice_id": invoice_id, "outcome": outcome, "now": now()})
    return rows[0][0] if rows else None
