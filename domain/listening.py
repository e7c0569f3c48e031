"""Who listens to what happens: how many there are on each of the processes that tell them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base
from domain.clock import now

MESSAGES, CAMPAIGNS, CONVERSATIONS, NOTIFICATIONS = TOPICS = ("messages", "campaigns", "conversations", "notifications")
# What a process wrote down this long ago is of one that is no more.
GONE_AFTER: Final = timedelta(minutes=1)


class Listening(Base):
    """What one process that tells events counted for one business since it began.

    `told` are events that were handed to listeners, `reloads` how often one was told to reload, `dropped` how many were
    too slow.
    """

    __tablename__ = "listening"

    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), primary_key=True)
    process: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
    listeners: Mapped[int]
    events_per_minute: Mapped[int]
    told: Mapped[int] = mapped_column(BigInteger)
    reloads: Mapped[int] = mapped_column(BigInteger)
    dropped: Mapped[int] = mapped_column(BigInteger)


class Happening(Base):
    """Something that changed and is not told yet. Triggers write it down; whoever tells it takes it away."""

    __tablename__ = "happening"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    business_id: Mapped[UUID]
    payload: Mapped[str]


# One tells, and all processes that tell events hear of it: NOTIFY in one transaction now and then, rather than in
# every one that changes something, lets no commit wait for another.
_RELAY: Final = text(
    """
    WITH taken AS (
        DELETE FROM happening WHERE id IN (SELECT id FROM happening ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED)
        RETURNING payload
    )
    SELECT count(pg_notify('raseed_events', payload)) FROM (SELECT DISTINCT payload FROM taken) AS once
    """
)
# Where nobody tells events for long, the newest are enough.
_FORGET: Final = text("DELETE FROM happening WHERE id < (SELECT max(id) - 20000 FROM happening)")


def relay(session: Session) -> None:
    """Tell all processes of what was committed and not told yet."""
    session.execute(_RELAY)


def forget_untold(session: Session) -> None:
    """Forget what nobody told, but for the newest."""
    session.execute(_FORGET)


@dataclass(slots=True)
class Figures:
    """What was counted for one business."""

    listeners: int = 0
    events_per_minute: int = 0
    told: int = 0
    reloads: int = 0
    dropped: int = 0


def write_figures(session: Session, process: str, figures: Iterable[tuple[UUID, Figures]]) -> None:
    """Write down what a process has counted, and forget processes that are no more."""
    session.execute(delete(Listening).where(Listening.seen_at < now() - GONE_AFTER))
    rows = [{"business_id": one, "process": process, "seen_at": now(), **asdict(counted)} for one, counted in figures]
    if rows:
        made = insert(Listening).values(rows)
        changed = {name: made.excluded[name] for name in rows[0] if name not in {"business_id", "process"}}
        session.execute(made.on_conflict_do_update(index_elements=["business_id", "process"], set_=changed))
