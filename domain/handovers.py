"""Handovers: a person of staff answers in a conversation instead of the bot. And those who wait for one.

The row of the conversation is locked by whoever takes it over and by every turn, so that a message is either answered
by the bot, or left to the person: never both, never neither.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, referable
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

# As many conversations are given to one person at once; they may take more themselves.
MOST_AT_ONCE: Final = 5
# Whom nobody came to for so long is given to somebody else.
COMES_WITHIN: Final = timedelta(minutes=3)


class Handover(Owned, Base):
    """That a person of staff took a conversation over. `wanted_at` is when the customer had asked for one.

    What the customer said up to `answered_seq` is answered, by the bot or by the person. Of the wait since then staff
    were told at `told_at`, and as something urgent at `urged_at`.
    """

    __tablename__ = "handover"
    __table_args__ = (
        referable(),
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
        Index("ix_handover_began", "business_id", "created_at"),
    )

    conversation_id: Mapped[UUID] = mapped_column(index=True)
    taken_by: Mapped[UUID]
    taken_by_name: Mapped[str]
    wanted_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    answered_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    told_at: Mapped[datetime | None]
    urged_at: Mapped[datetime | None]


class ConversationNote(Owned, Base):
    """What staff note about a conversation for each other. Customers never see it."""

    __tablename__ = "conversation_note"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "conversation_id"], ["conversation.business_id", "conversation.id"]),
        Index("ix_conversation_note_listed", "business_id", "conversation_id", "created_at", "id"),
    )

    conversation_id: Mapped[UUID]
    author: Mapped[UUID]
    author_name: Mapped[str]
    text: Mapped[str]


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation whose row is locked for the rest of the transaction, and who has it, if somebody does."""

    conversation_id: UUID
    sender_id: UUID
    last_inbound_at: datetime | None
    carrier_stopped: bool
    opted_out: bool
    person_wanted_at: datetime | None
    handover_id: UUID | None
    taken_by: UUID | None
    taken_by_name: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who takes a conversation over."""

    id: UUID
    name: str


_LOCK: Final = """
    SELECT id FROM conversation WHERE id = %(conversation_id)s AND business_id = %(business_id)s FOR NO KEY UPDATE
"""
_HELD: Final = """
    SELECT talk.id, sender_id, last_inbound_at, carrier_stopped, opted_out_at IS NOT NULL, person_wanted_at,
           handover_id, taken_by, taken_by_name
    FROM conversation AS talk LEFT JOIN handover ON handover.id = handover_id WHERE talk.id = %(conversation_id)s
"""
# Whatever the bot was in the middle of is over; its timers and buttons are of an older turn. How the customer writes
# is all that is kept. What is still to be answered: all since what the one before answered; everything, where a person
# was asked for; else nothing, for the bot did.
_TAKE: Final = """
    WITH before AS (
        UPDATE handover SET released_at = %(now)s WHERE id = %(before)s
    ), begun AS (
        INSERT INTO handover
            (id, created_at, business_id, conversation_id, taken_by, taken_by_name, wanted_at, answered_seq)
        SELECT %(id)s, %(now)s, %(business_id)s, %(conversation_id)s, %(by)s, %(name)s, %(wanted_at)s,
               COALESCE((SELECT answered_seq FROM handover WHERE id = %(before)s),
                        CASE WHEN %(wanted_at)s::timestamptz IS NULL THEN
                             (SELECT max(seq) FROM message WHERE conversation_id = %(conversation_id)s) END, 0)
        RETURNING id
    )
    UPDATE conversation
    SET handover_id = begun.id, assigned_to = %(by)s, assigned_at = %(now)s, person_wanted_at = NULL,
        wait_told_at = NULL, flow = NULL, state = NULL, misses = 0, turns = turns + 1,
        data = CASE WHEN data ? 'guess' THEN jsonb_build_object('guess', data -> 'guess') ELSE '{}' END
    FROM begun WHERE conversation.id = %(conversation_id)s
"""
_RELEASE: Final = """
    WITH ended AS (
        UPDATE handover SET released_at = %(now)s WHERE id = %(handover_id)s
    )
    UPDATE conversation SET handover_id = NULL, assigned_to = NULL, assigned_at = NULL, turned_at = %(now)s
    WHERE id = %(conversation_id)s
"""
_ANSWERED: Final = """
    UPDATE handover SET told_at = NULL, urged_at = NULL,
        answered_seq = (SELECT max(seq) FROM message WHERE conversation_id = %(conversation_id)s)
    WHERE id = (SELECT handover_id FROM conversation WHERE id = %(conversation_id)s)
"""
_PLACE: Final = """
    SELECT count(*) + 1 FROM conversation
    WHERE business_id = %(business_id)s AND person_wanted_at IS NOT NULL
      AND (person_wanted_at, id) < (%(since)s, %(conversation_id)s)
"""
# Who is given it: whoever has the least to do; of those, who was given something the longest ago. Not whom it waits
# for already, if there is anybody else.
_ASSIGN: Final = """
    WITH waits AS MATERIALIZED (
        SELECT id, assigned_to FROM conversation
        WHERE business_id = %(business_id)s AND person_wanted_at IS NOT NULL
          AND (assigned_at IS NULL OR assigned_at < %(stale)s)
        ORDER BY person_wanted_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ), free AS (
        SELECT staff.id FROM staff CROSS JOIN waits
        CROSS JOIN LATERAL (
            SELECT count(*) AS number, max(assigned_at) AS last FROM conversation
            WHERE business_id = %(business_id)s AND conversation.assigned_to = staff.id
        ) AS busy
        WHERE staff.business_id = %(business_id)s AND available_at IS NOT NULL AND disabled_at IS NULL
          AND role IN ('agent', 'admin') AND busy.number < %(most)s
        ORDER BY staff.id IS NOT DISTINCT FROM waits.assigned_to, busy.number, busy.last NULLS FIRST, staff.id
        LIMIT 1
    )
    UPDATE conversation SET assigned_to = free.id, assigned_at = %(now)s
    FROM waits, free WHERE conversation.id = waits.id
    RETURNING conversation.id, free.id
"""
_ONE_AFTER_THE_OTHER: Final = "SELECT pg_advisory_xact_lock(hashtextextended('assign ' || %(business_id)s, 0))"


def hold(visit: Visit, business_id: UUID, conversation_id: UUID) -> Held | None:
    """Lock a conversation until the transaction ends, and tell who has it; None where the business has none such."""
    values = {"business_id": business_id, "conversation_id": conversation_id}
    # What somebody else committed while the lock was waited for is seen by the next statement only.
    rows = visit.ask(_HELD, values) if visit.ask(_LOCK, values) else []
    return Held(*rows[0]) if rows else None


def take_over(visit: Visit, business_id: UUID, held: Held, person: Person) -> None:
    """Let `person` answer from now on. Whoever had it before has it no longer."""
    values = {"id": new_id(), "now": now(), "business_id": business_id, "conversation_id": held.conversation_id}
    visit.ask(
        _TAKE,
        {
            **values,
            "by": person.id,
            "name": person.name,
            "wanted_at": held.person_wanted_at,
            "before": held.handover_id,
        },
    )


def hand_back(visit: Visit, held: Held) -> None:
    """Let the bot answer again."""
    values = {"now": now(), "handover_id": held.handover_id, "conversation_id": held.conversation_id}
    visit.ask(_RELEASE, values)


def note_answered(visit: Visit, held: Held) -> None:
    """Note that who has the conversation has answered all that was said in it."""
    visit.ask(_ANSWERED, {"conversation_id": held.conversation_id})


def place_in_queue(visit: Visit, business_id: UUID, conversation_id: UUID, since: datetime) -> int:
    """Return which place somebody has who waits for a person since `since`; 1 is next."""
    values = {"business_id": business_id, "conversation_id": conversation_id, "since": since}
    ((place,),) = visit.ask(_PLACE, values)
    return int(place)


def assign_next(visit: Visit, business_id: UUID) -> tuple[UUID, UUID] | None:
    """Give who waits longest to the least busy of those who are there; None when nobody waits, or nobody is free.

    Returns the conversation and the person. Those of one business are given one after the other, to the commit.
    """
    at = now()
    visit.ask(_ONE_AFTER_THE_OTHER, {"business_id": str(business_id)})
    values = {"business_id": business_id, "now": at, "stale": at - COMES_WITHIN, "most": MOST_AT_ONCE}
    rows = visit.ask(_ASSIGN, values)
    return (rows[0][0], rows[0][1]) if rows else None
