"""What is to be seen of purchases from time to time: what is in doubt for too long, and what nobody paid for."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit

# A link is paid a little later than it was meant to; the money is then kept in the wallet anyway.
_GRACE: Final = timedelta(hours=1)

_LONG: Final = """
    UPDATE purchase SET notified_at = %(now)s
    WHERE due_at IS NOT NULL AND notified_at IS NULL AND COALESCE(doubt_since, paid_at) < %(before)s
    RETURNING business_id, id, state
"""
_EXPIRE: Final = """
    UPDATE purchase SET state = 'failed', state_at = %(now)s, detail = 'expired'
    WHERE id IN (SELECT id FROM purchase WHERE state IN ('asked', 'awaiting_payment') AND expires_at < %(before)s
                 LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
"""


def long_in_doubt(visit: Visit, before: datetime) -> list[tuple[UUID, UUID, str]]:
    """Return what is paid for and not settled since before then: business, purchase and state; each once."""
    rows = visit.ask(_LONG, {"now": now(), "before": before})
    return [(business_id, purchase_id, state) for business_id, purchase_id, state in rows]


def expire_asked(visit: Visit) -> None:
    """End what was asked for and never paid. Money that comes for it later stays in the wallet."""
    at = now()
    visit.ask(_EXPIRE, {"now": at, "before": at - _GRACE})
