"""The outbox: the messages that wait to be sent, claimed by workers that need not know each other."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from domain.clock import now
from domain.codes import LASTS
from domain.hands import DEAD, mark_dead
from domain.hiding import HIDDEN_TEXT


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send, and how."""

    message_id: UUID
    conversation_id: UUID
    channel: str
    sender_address: str
    account_sid_var: str | None
    auth_token_var: str | None
    address: str
    text: str
    media: list[dict[str, Any]]
    choices: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt: a status, and the provider's SID, or why not, or when to try again."""

    message_id: UUID
    status: str
    provider_sid: str | None = None
    reason: str | None = None
    again_in: timedelta | None = None


# A message waits for everything earlier of its conversation that is not accepted yet; for one in doubt, a minute at
# most. Claims are dated by the database's own clock: they are about processes, not about days. A code that is too old
# to be of use is not sent any more.
_CLAIM = text(
    f"""
    WITH due AS (
        SELECT id, kind = 'code' AND created_at <= :useless AS too_late FROM message
        WHERE status = 'queued' AND due_at <= :now AND NOT EXISTS (
            SELECT FROM message AS earlier
            WHERE earlier.conversation_id = message.conversation_id AND earlier.seq < message.seq
              AND earlier.status IN ('queued', 'sending', 'in_doubt')
              AND (earlier.status = 'queued' OR earlier.claimed_at > clock_timestamp() - interval '1 minute'))
        ORDER BY due_at, seq LIMIT :limit
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE message
        SET status = CASE WHEN too_late THEN 'skipped' ELSE 'sending' END,
            reason = CASE WHEN too_late THEN 'expired' ELSE reason END,
            text = CASE WHEN too_late THEN {HIDDEN_TEXT} ELSE text END,
            attempts = attempts + 1, claimed_at = clock_timestamp()
        FROM due WHERE message.id = due.id
        RETURNING message.id, seq, status, conversation_id, sender_id, contact_id, message.channel, text, media,
                  choices
    )
    SELECT claimed.id, conversation_id, claimed.channel, sender.address, account_sid_var, auth_token_var,
           contact.address, text, media, choices
    FROM claimed JOIN sender ON sender.id = sender_id JOIN contact ON contact.id = contact_id
    WHERE claimed.status = 'sending'
    ORDER BY seq
    """  # noqa: S608  an expression of our own
)
# Only a row that is still being sent is written: a callback may have been quicker, and it knows more. A code stands
# in its message only while that may have to be sent again.
_RECORD = text(
    f"""
    UPDATE message
    SET status = CASE WHEN message.status = 'sending' THEN result.status ELSE message.status END,
        reason = CASE WHEN message.status = 'sending' THEN result.reason ELSE message.reason END,
        provider_sid = COALESCE(message.provider_sid, result.provider_sid),
        accepted_at = CASE WHEN result.status = 'accepted' THEN :now ELSE accepted_at END,
        failed_at = CASE WHEN result.status = 'failed' AND message.status = 'sending' THEN :now ELSE failed_at END,
        due_at = COALESCE(result.due_at, message.due_at),
        text = CASE WHEN kind = 'code' AND result.status IN ('accepted', 'failed', 'skipped') THEN {HIDDEN_TEXT}
                    ELSE message.text END
    FROM jsonb_to_recordset(:results) AS result
        (id uuid, status text, reason text, provider_sid text, due_at timestamptz)
    WHERE message.id = result.id
    """  # noqa: S608  an expression of our own
).bindparams(bindparam("results", type_=JSONB))

_DOUBT = text(
    """
    UPDATE message SET status = 'in_doubt'
    WHERE status = 'sending' AND claimed_at < clock_timestamp() - make_interval(secs => :seconds)
    """
)


def claim_due(session: Session, limit: int) -> list[Claimed]:
    """Claim up to `limit` messages that are due, of all businesses, for this worker to send."""
    at = now()
    values = {"now": at, "useless": at - LASTS, "limit": limit}
    return [Claimed(*row) for row in session.execute(_CLAIM, values)]


def record_results(session: Session, results: list[Result]) -> None:
    """Write down what came of a batch of attempts."""
    at = now()
    rows = [
        {
            "id": str(result.message_id),
            "status": result.status,
            "reason": result.reason,
            "provider_sid": result.provider_sid,
            "due_at": (at + result.again_in).isoformat() if result.again_in else None,
        }
        for result in results
    ]
    session.execute(_RECORD, {"now": at, "results": rows})
    mark_dead(session, [result.message_id for result in results if result.reason in DEAD])


def doubt_abandoned(session: Session, seconds: float) -> int:
    """Put in doubt what has been sending for more than `seconds`: its process died. Returns how many."""
    return session.execute(_DOUBT, {"seconds": seconds}).rowcount  # type: ignore[attr-defined,no-any-return]
