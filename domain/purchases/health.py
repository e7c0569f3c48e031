"""How the vendor is, as a turn may know it without asking anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

# A vend that is not answered for so long tells of a vendor that takes requests and does nothing with them.
_SLOW: Final = timedelta(seconds=15)
_MANY: Final = 3
# What is older than this is a matter for staff, and says nothing of how the vendor is now.
_RECENT: Final = timedelta(minutes=15)

_DOWN: Final = "SELECT failing_since IS NOT NULL FROM vendor_health"
_STUCK: Final = """
    SELECT count(*) FROM purchase
    WHERE due_at IS NOT NULL AND attempts > 0 AND paid_at BETWEEN %(since)s AND %(before)s
      AND state IN ('paid', 'vending', 'in_doubt')
"""
_NOTE: Final = """
    INSERT INTO vendor_health (business_id, created_at, checked_at, failing_since, capabilities, credit_minor,
                               currency)
    SELECT id, %(now)s, %(now)s, CASE WHEN %(failing)s THEN %(now)s END, %(able)s, %(credit)s, %(currency)s
    FROM business
    ON CONFLICT (business_id) DO UPDATE
    SET checked_at = excluded.checked_at,
        failing_since = CASE WHEN %(failing)s THEN COALESCE(vendor_health.failing_since, excluded.checked_at) END,
        capabilities = CASE WHEN %(known)s THEN excluded.capabilities ELSE vendor_health.capabilities END,
        credit_minor = CASE WHEN %(known)s THEN excluded.credit_minor ELSE vendor_health.credit_minor END,
        currency = CASE WHEN %(known)s THEN excluded.currency ELSE vendor_health.currency END
"""
_WAIT: Final = """
    INSERT INTO vend_waiting (id, created_at, business_id, conversation_id)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(conversation_id)s) ON CONFLICT (conversation_id) DO NOTHING
"""
_TAKE: Final = """
    DELETE FROM vend_waiting WHERE id IN (
        SELECT one.id FROM vend_waiting AS one
        JOIN vendor_health ON vendor_health.business_id = one.business_id AND failing_since IS NULL
        ORDER BY one.id LIMIT %(most)s FOR UPDATE OF one SKIP LOCKED)
    RETURNING business_id, conversation_id
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the vendor said when it was asked: what it can do, and what we still have with it (minor units)."""

    capabilities: Sequence[str]
    credit_minor: int | None
    currency: str | None


def is_down(visit: Visit) -> bool:
    """Tell whether nothing can be vended now: the vendor fails, or there is none that was ever seen."""
    rows = visit.ask(_DOWN, {})
    return not rows or bool(rows[0][0])


def is_stuck(visit: Visit) -> bool:
    """Tell whether the vendor leaves so much unanswered that it is no use to send it more."""
    ((stuck,),) = visit.ask(_STUCK, {"since": now() - _RECENT, "before": now() - _SLOW})
    return int(stuck) >= _MANY


def note_health(visit: Visit, seen: Seen | None, *, failing: bool) -> None:
    """Write down for every business how the vendor is; `seen` is None where it gave no answer."""
    able = list(seen.capabilities) if seen else []
    values = {"now": now(), "failing": failing, "known": seen is not None, "able": able}
    values |= {"credit": seen.credit_minor if seen else None, "currency": seen.currency if seen else None}
    visit.ask(_NOTE, values)


def wait_for_vendor(visit: Visit, business_id: UUID, conversation_id: UUID) -> None:
    """Remember that somebody wants to be told when the vendor can vend again."""
    values = {"id": new_id(), "now": now(), "business_id": business_id, "conversation_id": conversation_id}
    visit.ask(_WAIT, values)


def take_waiting(visit: Visit, most: int) -> list[tuple[UUID, UUID]]:
    """Take away up to `most` of those who wait, now that the vendor can vend: business and conversation."""
    return [(business_id, conversation_id) for business_id, conversation_id in visit.ask(_TAKE, {"most": most})]
