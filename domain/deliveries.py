"""What became of a message: callbacks as they come, and how they are folded into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from domain.clock import now
from domain.door import Visit
from domain.hiding import HIDDEN_TEXT
from domain.messages import STATUS_FOLLOWS, UNKNOWN

_STORE = """
    INSERT INTO delivery_event (business_id, received_at, message_id, provider_sid, status, error_code, params)
    SELECT business_id, %(now)s, %(message_id)s, %(provider_sid)s, %(status)s, %(error_code)s, %(params)s
    FROM enter_by_sender(%(channel)s, %(our_number)s)
    RETURNING seq
"""

# Callbacks that say less than we know: the message was queued, or is being handed over. All others are folded.
_FOLDED_IN_TURN: Final = ("sent", "undelivered", "failed", "delivered", "read")
_NOT_DELIVERED: Final = ("undelivered", "failed")
_DELIVERED: Final = "delivered"
_CANCELED: Final = "canceled"

_ANY_UNFOLDED = text("SELECT EXISTS (SELECT FROM delivery_event WHERE folded_at IS NULL)")
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
        SET status = :status, {column} = event.received_at,
            accepted_at = COALESCE(accepted_at, event.received_at), reason = COALESCE(event.error_code, reason),
            provider_sid = CASE WHEN message.provider_sid IS NULL AND NOT EXISTS (
                SELECT FROM message AS other WHERE other.provider_sid = event.provider_sid)
                THEN event.provider_sid ELSE message.provider_sid END,
            text = CASE WHEN kind = 'code' THEN {HIDDEN_TEXT} ELSE message.text END
        FROM (
            SELECT DISTINCT ON (COALESCE(named.id, known.id)) COALESCE(named.id, known.id) AS id,
                   received_at, event.provider_sid,
                   COALESCE(error_code, CASE event.status WHEN 'canceled' THEN 'canceled' END) AS error_code
            FROM delivery_event AS event
            LEFT JOIN message AS named ON named.id = event.message_id AND named.business_id = event.business_id
                 AND COALESCE(named.provider_sid, event.provider_sid) = event.provider_sid
            LEFT JOIN message AS known ON event.message_id IS NULL AND known.provider_sid = event.provider_sid
            WHERE event.seq = ANY(:events) AND event.status = ANY(:named_as)
              AND COALESCE(named.id, known.id) IS NOT NULL
            ORDER BY COALESCE(named.id, known.id), event.seq
        ) AS event
        WHERE message.id = event.id AND message.direction = 'outbound' AND message.status = ANY(:follows)
        RETURNING message.id, message.channel,
                  extract(epoch FROM event.received_at - COALESCE(message.sent_at, accepted_at))::float
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


_STORE_FETCHED = text(
    """
    INSERT INTO delivery_event
        (business_id, received_at, message_id, provider_sid, status, error_code, params, folded_at)
    SELECT business_id, :now, message.id, provider_sid, found.status, found.error_code, '{"fetched": "true"}', :now
    FROM jsonb_to_recordset(:found) AS found (id uuid, status text, error_code text)
    JOIN message ON message.id = found.id
    RETURNING seq
    """
).bindparams(bindparam("found", type_=JSONB))
# How long nobody told us more of a message, at each look.
_STUCK = text(
    f"""
    SELECT message.id, provider_sid, account_sid_var, auth_token_var
    FROM message JOIN sender ON sender.id = sender_id
    WHERE {UNKNOWN} AND accepted_at < :now - (ARRAY[interval '15 minutes', '2 hours', '24 hours'])[looks + 1]
      AND provider_sid IS NOT NULL
    ORDER BY accepted_at LIMIT :limit
    """  # noqa: S608  a condition of our own
)
_LOOKED = text("UPDATE message SET looks = looks + 1 WHERE id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Folded:
    """Which messages failed by the callbacks that were folded; and of those delivered: channel, and after how long."""

    failed: list[UUID] = field(default_factory=list)
    deliveries: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stuck:
    """A message of which we were told nothing for long, and the account that knows."""

    message_id: UUID
    provider_sid: str
    account_sid_var: str | None
    auth_token_var: str | None


def stuck(session: Session, limit: int) -> list[Stuck]:
    """Return messages that were accepted long ago, and of which nobody told us how they ended."""
    return [Stuck(*row) for row in session.execute(_STUCK, {"now": now(), "limit": limit})]


def looked(session: Session, messages: Sequence[UUID], found: Sequence[tuple[UUID, str, str | None]]) -> Folded:
    """Write down that Twilio was asked about `messages`, and fold what it said: (message, status, error code)."""
    session.execute(_LOOKED, {"ids": list(messages)})
    rows = [{"id": str(one), "status": status, "error_code": code} for one, status, code in found]
    events = session.scalars(_STORE_FETCHED, {"found": rows, "now": now()}).all() if rows else ()
    return fold(session, events)


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


def fold_batch(session: Session, limit: int) -> tuple[int, Folded]:
    """Fold up to `limit` stored callbacks into their messages, and return how many it were; a status never goes back.

    The order in which callbacks came counts for nothing: each status is tried in turn, from wherever it may follow.
    """
    events = list(session.scalars(_TAKE_BATCH, {"now": now(), "limit": limit}))
    return len(events), fold(session, events)


def fold(session: Session, events: Sequence[int]) -> Folded:
    """Fold the callbacks with these numbers."""
    folded = Folded()
    for status in _FOLDED_IN_TURN if events else ():
        named_as = [status, _CANCELED] if status == "failed" else [status]
        follows = list(STATUS_FOLLOWS[status])
        values = {"events": events, "status": status, "named_as": named_as, "follows": follows}
        rows = session.execute(_APPLY[status], values).all()
        if status in _NOT_DELIVERED:
            folded.failed.extend(message_id for message_id, *_ in rows)
        elif status == _DELIVERED:
            folded.deliveries.extend((channel, seconds) for _, channel, seconds in rows if seconds is not None)
    return folded


def any_unfolded(session: Session) -> bool:
    """Tell whether callbacks wait to be folded."""
    return bool(session.scalar(_ANY_UNFOLDED))
