"""What customers are to be told of their subscriptions: noted with what it is about, told once, soon after."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.subscriptions.holding import Holding
from domain.subscriptions.states import EXPIRE, PAUSE, RESUME
from domain.subscriptions.tables import DROPPED, TOLD

RESUMES_SOON, RESUMES_TOMORROW, LONG_PAUSE = "resumes_soon", "resumes_tomorrow", "long_pause"
ENDS_SOON, OVERDUE_PAUSE = "ends_soon", "overdue_pause"
# What time brings and customers hear of.
TOLD_OF: Final = frozenset({PAUSE, RESUME, EXPIRE})

_NOTE: Final = """
    INSERT INTO subscription_notice (id, created_at, business_id, subscription_id, kind, about)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(subscription_id)s, %(kind)s, %(about)s)
    ON CONFLICT DO NOTHING
"""
# Of what came at once, the offer to renew is told last.
_WAITING: Final = """
    SELECT id, business_id, subscription_id, kind, about FROM subscription_notice
    WHERE outcome IS NULL ORDER BY created_at, kind = 'ends_soon', id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_SETTLED: Final = """
    UPDATE subscription_notice SET outcome = CASE WHEN id = ANY(%(told)s) THEN %(is_told)s ELSE %(is_dropped)s END
    WHERE id = ANY(%(all)s)
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is to be told. `about` is the day that it is about."""

    id: UUID
    business_id: UUID
    subscription_id: UUID
    kind: str
    about: date


def note(visit: Visit, held: Holding, kind: str, about: date) -> None:
    """Note that a customer is to be told something, if customers hear of that at all."""
    if kind in TOLD_OF:
        values = {"id": new_id(), "now": now(), "business_id": held.business_id, "subscription_id": held.id}
        visit.ask(_NOTE, {**values, "kind": kind, "about": about})


def take_notices(visit: Visit, most: int) -> list[Notice]:
    """Take up to `most` notices that wait, of every business: nobody else takes them until the transaction ends."""
    return [Notice(*row) for row in visit.ask(_WAITING, {"most": most})]


def settle_notices(visit: Visit, taken: list[Notice], told: list[UUID]) -> None:
    """Write down which of the notices `taken` were told; the others were not worth telling any more."""
    every = [notice.id for notice in taken]
    visit.ask(_SETTLED, {"told": told, "all": every, "is_told": TOLD, "is_dropped": DROPPED})
