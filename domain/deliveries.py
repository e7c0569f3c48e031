"""What became of a message: callbacks as they come, and how they are folded into it."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.clock import now
from domain.door import Visit
from domain.hands import mark_dead
from domain.hiding import HIDDEN_TEXT
from domain.messages import STATUS_FOLLOWS

_STORE = """
    INSERT INTO delivery_event (business_id, received_at, message_id, provider_sid, status, error_code, params)
    SELECT business_id, %(now)s, %(message_id)s, %(provider_sid)s, %(status)s, %(error_code)s, %(params)s
    FROM enter_by_sender(%(channel)s, %(our_number)s)
    RETURNING seq
"""

# Callbacks that say less than we know: the message was queued, or is being handed over. All others are folded.
_FOLDED_IN_TURN: Final = ("sent", "undelivered", "failed", "delivered", "read")
_NOT_DELIVERED: Final = ("undelivered", "failed")
_CANCELED: Final = "canceled"

_TAKE_BATCH = text(
    """
    UPDATE delivery_event SET folded_at = :now
    WHERE seq IN (SELECT seq FROM delivery_event WHERE folded_at IS NULL ORDER BY seq LIMIT :limit
                  FOR UPDATE SKIP LOCKED)
    RETURNING seq
    """
)
# An event names its message by our own id, in the address that we gave Twilio; an event without one, by the SID.
_APPLY = {
    status: text(
        f"""
        UPDATE message
        SET status = :status, {column} = event.received_at, reason = COALESCE(event.error_code, reason),
            provider_sid = COALESCE(message.provider_sid, event.provider_sid),
            text = CASE WHEN kind = 'code' THEN {HIDDEN_TEXT} ELSE message.text END
        FROM (
            SELECT DISTINCT ON (COALESCE(named.id, known.id)) COALESCE(named.id, known.id) AS id,
                   received_at, error_code, event.provider_sid
            FROM delivery_event AS event
            LEFT JOIN message AS named ON named.id = event.message_id AND named.business_id = event.business_id
                 AND COALESCE(named.provider_sid, event.provider_sid) = event.provider_sid
            LEFT JOIN message AS known ON event.message_id IS NULL AND known.provider_sid = event.provider_sid
            WHERE event.seq = ANY(:events) AND event.status = ANY(:named_as)
              AND COALESCE(named.id, known.id) IS NOT NULL
            ORDER BY COALESCE(named.id, known.id), event.seq
        ) AS event
        WHERE message.id = event.id AND message.direction = 'outbound' AND message.status = ANY(:follows)
        RETURNING message.id
        """  # noqa: S608  the column is one of our own
    )
    for status, column in {
        "sent": "sent_at",
        "undelivered": "failed_at",
        "failed": "failed_at",
        "delivered": "delivered_at",
        "read": "read_at",
    }.items()
}


def store_event(visit: Visit, channel: str, our_number: str, message_id: UUID | None, form: Mapping[str, str]) -> bool:
    """Store one status callback about a message from our number, as it came. False: the number is not ours."""
    values = {
        "channel": channel,
        "our_number": our_number,
        "now": now(),
        "message_id": message_id,
        "provider_sid": form.get("MessageSid") or form.get("SmsSid") or "",
        "status": form.get("MessageStatus") or form.get("SmsStatus") or "",
        "error_code": form.get("ErrorCode") or None,
        "params": Jsonb(dict(form)),
    }
    return bool(visit.ask(_STORE, values))


def fold_batch(session: Session, limit: int) -> int:
    """Fold up to `limit` stored callbacks into their messages; a status never goes back. Returns how many.

    The order in which callbacks came counts for nothing: each status is tried in turn, from wherever it may follow.
    """
    events = list(session.scalars(_TAKE_BATCH, {"now": now(), "limit": limit}))
    undelivered: list[UUID] = []
    for status in _FOLDED_IN_TURN if events else ():
        named_as = [status, _CANCELED] if status == "failed" else [status]
        folded = session.scalars(
            _APPLY[status],
            {
                "events": events,
                "status": status,
                "named_as": named_as,
                "follows": list(STATUS_FOLLOWS[status]),
            },
        )
        undelivered += folded if status in _NOT_DELIVERED else ()
    mark_dead(session, undelivered)
    return len(events)
