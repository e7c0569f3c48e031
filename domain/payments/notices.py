"""What a gateway told us: kept once, as a reason to ask."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

_LEASE: Final = timedelta(minutes=2)
KEPT: Final = timedelta(days=90)
# A notice belongs to no business, and the transaction that keeps it to none.
_ENTER: Final = "SELECT set_config('raseed.business', '*', true)"
_KEEP: Final = """
    INSERT INTO gateway_notice (id, created_at, event_id, event, payment_id, page_id, ask_at, asks)
    VALUES (%(id)s, %(now)s, %(event_id)s, %(event)s, %(payment_id)s, %(page_id)s, %(now)s, 0)
    ON CONFLICT (event_id) DO NOTHING RETURNING id
"""
_ANY: Final = "SELECT EXISTS (SELECT FROM gateway_notice WHERE ask_at <= %(now)s)"
_TAKE: Final = """
    UPDATE gateway_notice SET ask_at = %(until)s, asks = asks + 1
    WHERE id IN (SELECT id FROM gateway_notice WHERE ask_at <= %(now)s ORDER BY ask_at LIMIT %(most)s
                 FOR UPDATE SKIP LOCKED)
    RETURNING id, payment_id, page_id, asks
"""
_DONE: Final = "UPDATE gateway_notice SET ask_at = NULL WHERE id = %(id)s"
_WHOSE: Final = """
    UPDATE payment SET ask_at = %(now)s
    WHERE page_id = %(page_id)s OR gateway_payment_id = %(payment_id)s OR id = %(own_id)s
    RETURNING id
"""
_FORGET: Final = "DELETE FROM gateway_notice WHERE created_at < %(before)s AND ask_at IS NULL"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that nobody has followed yet: which payment and which page of the gateway's it is about."""

    id: UUID
    payment_id: str
    page_id: str | None
    asks: int


def keep_notice(visit: Visit, event_id: str, event: str, payment_id: str, page_id: str | None) -> bool:
    """Keep a notice; False where it was told before."""
    values = {"id": new_id(), "now": now(), "event_id": event_id, "event": event}
    visit.ask(_ENTER, {})
    return bool(visit.ask(_KEEP, {**values, "payment_id": payment_id, "page_id": page_id}))


def any_notice(visit: Visit) -> bool:
    """Tell whether there are notices to follow."""
    ((found,),) = visit.ask(_ANY, {"now": now()})
    return bool(found)


def take_notices(visit: Visit, most: int) -> list[Notice]:
    """Take up to `most` notices on."""
    at = now()
    return [Notice(*row) for row in visit.ask(_TAKE, {"now": at, "until": at + _LEASE, "most": most})]


def follow_notice(visit: Visit, notice: Notice) -> bool:
    """Let the payment that a notice is about be asked about now. False where it is known by none of its names."""
    values = {"now": now(), "page_id": notice.page_id, "payment_id": notice.payment_id}
    return bool(visit.ask(_WHOSE, {**values, "own_id": _own(notice.payment_id)}))


def notice_done(visit: Visit, notice: Notice) -> None:
    """A notice was followed, or leads nowhere."""
    visit.ask(_DONE, {"id": notice.id})


def forget_notices(visit: Visit) -> None:
    """Delete what was followed long ago: the gateway repeats a notice for four hours at most."""
    visit.ask(_FORGET, {"before": now() - KEPT})


def _own(payment_id: str) -> UUID | None:
    """Return our own id, which a bill is made under."""
    try:
        return UUID(payment_id)
    except ValueError:
        return None
