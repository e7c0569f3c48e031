"""Deciding on readings that are held: staff confirms or rejects them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.readings.tables import ACCEPTED, HELD, REJECTED

# The states that a decision may come from. What was accepted may still be taken back, until it is billed.
_DECIDED_FROM: Final = {ACCEPTED: (HELD, REJECTED), REJECTED: (HELD, ACCEPTED)}


class CannotDecide(LookupError):
    """There is no such reading, it is as wanted already, or a bill was made of it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A reading that was decided on."""

    reading_id: UUID
    meter_id: UUID
    read_at: datetime
    before: str
    after: str


_DECIDE: Final = """
    UPDATE reading SET state = %(state)s, decided_at = %(now)s, decided_by = %(by)s
    FROM (SELECT id, state FROM reading WHERE id = %(id)s FOR UPDATE) AS was
    WHERE reading.id = was.id AND was.state = ANY(%(allowed)s)
      AND NOT EXISTS (SELECT FROM billing_item AS item WHERE item.meter_id = reading.meter_id
                      AND item.state <> 'cancelled' AND reading.id IN (item.start_reading_id, item.end_reading_id))
    RETURNING reading.id, meter_id, read_at, was.state, reading.state
"""
# What a run finds odd is held then, so that staff sees all of it in one place.
_HOLD: Final = """
    UPDATE reading SET state = 'held', reason = held.reason
    FROM ROWS FROM (unnest(%(ids)s::uuid[]), unnest(%(reasons)s::text[])) AS held (id, reason)
    WHERE reading.id = held.id AND state = 'accepted' AND decided_at IS NULL
"""


def confirm(visit: Visit, reading_id: UUID, by: str) -> Decided:
    """Say that a reading is right: it is billed by, whatever it says. Raises CannotDecide."""
    return _decide(visit, reading_id, ACCEPTED, by)


def reject(visit: Visit, reading_id: UUID, by: str) -> Decided:
    """Say that a reading is wrong: nothing is ever made of it. Raises CannotDecide."""
    return _decide(visit, reading_id, REJECTED, by)


def hold(visit: Visit, reasons: dict[UUID, str]) -> None:
    """Hold readings until staff has looked at them, each for its reason."""
    if reasons:
        visit.ask(_HOLD, {"ids": list(reasons), "reasons": list(reasons.values())})


def _decide(visit: Visit, reading_id: UUID, state: str, by: str) -> Decided:
    values = {"id": reading_id, "state": state, "by": by, "now": now(), "allowed": list(_DECIDED_FROM[state])}
    rows = visit.ask(_DECIDE, values)
    if not rows:
        raise CannotDecide(f"reading {reading_id} can't become {state}")
    return Decided(*rows[0])
