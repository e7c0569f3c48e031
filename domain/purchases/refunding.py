"""Staff wants the money of a purchase back in the wallet: a worker gives it back when nothing can have been issued."""

from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.purchases.states import OPEN

_ASK: Final = """
    UPDATE purchase SET refund_asked_at = %(now)s, refund_reason = %(reason)s,
                        due_at = CASE state WHEN 'paid' THEN %(now)s ELSE due_at END
    WHERE id = %(id)s AND state = ANY(%(open)s) AND refund_asked_at IS NULL RETURNING id
"""


def ask_refund(visit: Visit, purchase_id: UUID, reason: str) -> bool:
    """Ask for it. False when the purchase is settled, was never paid, or was asked for before."""
    return bool(visit.ask(_ASK, {"id": purchase_id, "now": now(), "reason": reason, "open": list(OPEN)}))
