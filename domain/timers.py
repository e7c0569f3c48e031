"""What happens by itself in a conversation, unless the customer writes before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, Session

from domain.base import Base, Owned
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id


class Timer(Owned, Base):
    """One thing that waits for its time in a conversation: the choice that its flow's script then follows.

    It does nothing when the conversation has moved on: when `turn` is no longer its number of turns.
    """

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("conversation_id"),
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
        Index("ix_timer_due", "due_at"),
    )

    conversation_id: Mapped[UUID]
    turn: Mapped[int]
    due_at: Mapped[datetime]
    choice: Mapped[str]


_SET: Final = """
    INSERT INTO timer (id, created_at, business_id, conversation_id, turn, due_at, choice)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(conversation_id)s, %(turn)s, %(due_at)s, %(choice)s)
    ON CONFLICT (conversation_id) DO UPDATE
    SET turn = excluded.turn, due_at = excluded.due_at, choice = excluded.choice
"""
# Nothing is known yet of whose timer it is, so all may be seen until its conversation says so.
_ENTER: Final = "SELECT set_config('raseed.business', '*', true)"
_TAKE: Final = "DELETE FROM timer WHERE id = %(id)s AND due_at <= %(now)s RETURNING conversation_id, turn, choice"


@dataclass(frozen=True, slots=True)
class Taken:
    """A timer whose time has come."""

    conversation_id: UUID
    turn: int
    choice: str


def set_timer(visit: Visit, business_id: UUID, conversation_id: UUID, turn: int, due_at: datetime, choice: str) -> None:
    """Let `choice` happen at `due_at`, if turn number `turn` is then still the last. Replaces what waited before."""
    values: dict[str, Any] = {"id": new_id(), "now": now(), "business_id": business_id, "turn": turn}
    visit.ask(_SET, {**values, "conversation_id": conversation_id, "due_at": due_at, "choice": choice})


def due_timers(session: Session, limit: int) -> list[UUID]:
    """Return the ids of up to `limit` timers that are due, of all businesses, the oldest first."""
    rows = session.query(Timer.id).where(Timer.due_at <= now()).order_by(Timer.due_at).limit(limit)
    return [row.id for row in rows]


def take_timer(visit: Visit, timer_id: UUID) -> Taken | None:
    """Take a due timer away and return it; None when somebody else did, or it was set anew."""
    visit.ask(_ENTER, {})
    rows = visit.ask(_TAKE, {"id": timer_id, "now": now()})
    return Taken(*rows[0]) if rows else None
