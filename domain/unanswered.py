"""Conversations that somebody of staff has, and in which a customer waits for an answer; and those left lying.

Whoever has taken a conversation over may forget it, or go home. While it is theirs the bot is silent, so nobody else
would answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit

# What is done after how many times the minutes within which a business answers: the person is told, then it becomes
# urgent, then the customer is given to somebody else.
URGENT_AFTER: Final = 2
GIVEN_ON_AFTER: Final = 3
# Where neither side has said anything for so long the bot answers again. By then WhatsApp's window is closed too.
LEFT_LYING: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A customer who waits since `since` for an answer of who has the conversation.

    `gone`: that person has signed out, or is of staff no more. `told`, `urged`: staff know of this wait already.
    """

    business_id: UUID
    conversation_id: UUID
    handover_id: UUID
    taken_by: UUID
    taken_by_name: str
    since: datetime
    answer_minutes: int
    gone: bool
    told: bool
    urged: bool

    def waited(self, times: int) -> bool:
        """Tell whether the customer has waited so many times longer than the business lets anybody wait."""
        return now() - self.since >= timedelta(minutes=self.answer_minutes * times)

    @property
    def minutes(self) -> int:
        """For how many whole minutes the customer has waited."""
        return int((now() - self.since).total_seconds()) // 60

    @property
    def is_given_on(self) -> bool:
        """Whether somebody else is to answer: at once where nobody else will, for they have gone."""
        return self.waited(1 if self.gone else GIVEN_ON_AFTER)


# An API key that took a conversation over is nobody of staff, and doesn't sign out.
_GONE: Final = """
    COALESCE((SELECT disabled_at IS NOT NULL OR role NOT IN ('agent', 'admin') OR NOT EXISTS (
        SELECT FROM access_token WHERE staff_id = staff.id AND revoked_at IS NULL AND expires_at > %(now)s
    ) FROM staff WHERE staff.id = taken_by), false)
"""
# A wait begins with the first message after what was answered, and not before somebody took it over. Who stopped us at
# the carrier can't be answered.
_WAITING: Final = f"""
    SELECT talk.business_id, talk.id, handover.id, taken_by, taken_by_name,
           GREATEST(unanswered.created_at, handover.created_at), answer_minutes, {_GONE},
           told_at IS NOT NULL, urged_at IS NOT NULL
    FROM conversation AS talk
    JOIN handover ON handover.id = talk.handover_id
    JOIN business ON business.id = talk.business_id
    CROSS JOIN LATERAL (
        SELECT created_at FROM message
        WHERE conversation_id = talk.id AND seq > answered_seq AND direction = 'inbound' ORDER BY seq LIMIT 1
    ) AS unanswered
    WHERE talk.handover_id IS NOT NULL AND NOT carrier_stopped
      AND GREATEST(unanswered.created_at, handover.created_at) <= %(now)s - make_interval(mins => answer_minutes)
      AND (%(conversation_id)s::uuid IS NULL OR talk.id = %(conversation_id)s)
"""  # noqa: S608
_LYING: Final = """
    SELECT talk.business_id, talk.id FROM conversation AS talk JOIN handover ON handover.id = talk.handover_id
    CROSS JOIN LATERAL (
        SELECT created_at FROM message WHERE conversation_id = talk.id ORDER BY seq DESC LIMIT 1
    ) AS last
    WHERE talk.handover_id IS NOT NULL AND GREATEST(last.created_at, handover.created_at) <= %(before)s
      AND (%(conversation_id)s::uuid IS NULL OR talk.id = %(conversation_id)s)
"""
_TOLD: Final = """
    UPDATE handover SET told_at = COALESCE(told_at, %(now)s),
        urged_at = CASE WHEN %(urged)s THEN COALESCE(urged_at, %(now)s) ELSE urged_at END
    WHERE id = %(handover_id)s
"""
# It waits for the one who had it, as far as assigning goes: somebody else gets it, if there is anybody. Staff know.
_GIVE_ON: Final = """
    WITH ended AS (
        UPDATE handover SET released_at = %(now)s WHERE id = %(handover_id)s
    )
    UPDATE conversation SET handover_id = NULL, person_wanted_at = %(since)s, wait_told_at = %(now)s,
        turned_at = %(now)s
    WHERE id = %(conversation_id)s
"""


def unanswered(visit: Visit, conversation_id: UUID | None = None) -> list[Unanswered]:
    """Return who has waited for as long as their business lets anybody wait; of one conversation, or of all seen."""
    return [Unanswered(*row) for row in visit.ask(_WAITING, {"now": now(), "conversation_id": conversation_id})]


def left_lying(visit: Visit, conversation_id: UUID | None = None) -> list[tuple[UUID, UUID]]:
    """Return business and conversation where neither side has said anything for a day."""
    rows = visit.ask(_LYING, {"before": now() - LEFT_LYING, "conversation_id": conversation_id})
    return [(business_id, found) for business_id, found in rows]


def note_told(visit: Visit, one: Unanswered, urged: bool) -> None:
    """Note that staff were told of this wait, and whether as something urgent."""
    visit.ask(_TOLD, {"now": now(), "urged": urged, "handover_id": one.handover_id})


def give_on(visit: Visit, one: Unanswered) -> None:
    """Let the customer wait for a person again, since when they wait; meanwhile the bot answers."""
    values = {"now": now(), "since": one.since, "handover_id": one.handover_id}
    visit.ask(_GIVE_ON, {**values, "conversation_id": one.conversation_id})
