"""What customers ask of their meters, for a worker to ask the vendor: written down in a turn, gone once answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.vendors.requests import MeterAt


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is ours to answer. `digits`: whether this token is for the meter."""

    question_id: UUID
    conversation_id: UUID
    meter: MeterAt
    nickname: str | None
    timezone: str
    digits: str | None
    tries: int


_ASK: Final = """
    INSERT INTO meter_question (id, created_at, business_id, conversation_id, customer_id, meter_id, digits, due_at,
                                tries)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(conversation_id)s, %(customer_id)s, %(meter_id)s, %(digits)s, %(now)s,
            0)
"""
_CLAIM: Final = """
    WITH due AS (
        SELECT id FROM meter_question WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(most)s
        FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE meter_question SET due_at = %(until)s, tries = tries + 1
    FROM due, meter, business
    WHERE meter_question.id = due.id AND meter.id = meter_id AND business.id = meter_question.business_id
    RETURNING meter_question.id, conversation_id, meter_question.business_id, meter_id, meter_no, nickname,
              business.timezone, meter_question.digits, tries
"""
# Once, and only by whoever claimed it last; and only while who asked still speaks for the customer.
_TAKE: Final = """
    WITH taken AS (DELETE FROM meter_question WHERE id = %(id)s AND tries = %(tries)s RETURNING *)
    SELECT 1 FROM taken JOIN conversation ON conversation.id = conversation_id
    JOIN speaks_for ON speaks_for.contact_id = conversation.contact_id AND speaks_for.customer_id = taken.customer_id
"""


_OWN: Final = """
    SELECT other.meter_no, other.nickname FROM meter JOIN meter AS other ON other.customer_id = meter.customer_id
    WHERE meter.id = %(meter_id)s AND other.meter_no = %(meter_no)s
"""


def ask_meter(visit: Visit, asked: dict[str, Any], digits: str | None = None) -> None:
    """Write a question down. `asked` has business_id, conversation_id, customer_id and meter_id."""
    visit.ask(_ASK, {**asked, "id": new_id(), "now": now(), "digits": digits})


def claim_questions(visit: Visit, most: int, hold: timedelta) -> list[Question]:
    """Claim up to `most` questions, of all businesses, for `hold`."""
    at = now()
    return [_question(row) for row in visit.ask(_CLAIM, {"now": at, "until": at + hold, "most": most})]


def take_question(visit: Visit, question: Question) -> bool:
    """Take a question away to answer it. False when somebody else did, or nobody may hear the answer any more."""
    return bool(visit.ask(_TAKE, {"id": question.question_id, "tries": question.tries}))


def name_of_own(visit: Visit, question: Question, meter_no: str) -> tuple[str, str | None] | None:
    """Return number and name of another meter of whoever asked; None where it is somebody else's."""
    rows = visit.ask(_OWN, {"meter_id": question.meter.meter_id, "meter_no": meter_no})
    return (rows[0][0], rows[0][1]) if rows else None


def hours_ago(hours: int) -> datetime:
    """Return the full hour that was so long ago."""
    return now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)


def _question(row: Sequence[Any]) -> Question:
    question_id, conversation_id, business_id, meter_id, meter_no, *rest = row
    return Question(question_id, conversation_id, MeterAt(business_id, meter_id, meter_no), *rest)
