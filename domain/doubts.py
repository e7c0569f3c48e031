"""Sends in doubt: the process died before the answer came, or the answer never came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.clock import now
from domain.hiding import HIDDEN_TEXT


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message that may have been sent, at about `claimed_at`, and would be listed with one of `texts`."""

    message_id: UUID
    channel: str
    sender_address: str
    account_sid_var: str | None
    auth_token_var: str | None
    address: str
    texts: list[str]
    claimed_at: datetime
    attempts: int
    kind: str


_RIPE = text(
    """
    SELECT message.id, message.channel, sender.address, account_sid_var, auth_token_var, contact.address,
           CASE WHEN choices IS NULL THEN ARRAY[message.text] ELSE ARRAY[message.text, choices->>'body', ''] END,
           claimed_at, attempts, kind
    FROM message JOIN sender ON sender.id = sender_id JOIN contact ON contact.id = message.contact_id
    WHERE status = 'in_doubt' AND claimed_at < clock_timestamp() - make_interval(secs => :seconds)
    ORDER BY message.seq LIMIT :limit
    """
)
_OURS = text("SELECT provider_sid FROM message WHERE provider_sid = ANY(:sids)")
# What is settled is not sent again; so a code needs to stand in its message no longer.
_HIDDEN = f"CASE WHEN kind = 'code' THEN {HIDDEN_TEXT} ELSE message.text END"
_FOUND = text(
    f"""
    UPDATE message SET status = 'accepted', provider_sid = :sid, accepted_at = :now, text = {_HIDDEN}
    WHERE id = :id AND status = 'in_doubt'
    """  # noqa: S608  an expression of our own
)
_AGAIN = text("UPDATE message SET status = 'queued', due_at = :now WHERE id = :id AND status = 'in_doubt'")
_GIVEN_UP = text(
    f"""
    UPDATE message SET status = 'failed', reason = 'unsettled', failed_at = :now, text = {_HIDDEN}
    WHERE id = :id AND status = 'in_doubt'
    """  # noqa: S608  an expression of our own
)

# Sent again once, when it can't be found; the others are never sent twice.
_SENT_AGAIN = frozenset({"reply", "notice", "staff"})
_MOST_ATTEMPTS = 2


def ripe_doubts(session: Session, seconds: float, limit: int) -> list[Doubt]:
    """Return doubts whose last attempt is at least `seconds` old, the oldest first."""
    return [Doubt(*row) for row in session.execute(_RIPE, {"seconds": seconds, "limit": limit})]


def ours(session: Session, sids: Collection[str]) -> set[str]:
    """Return those of the provider's SIDs that already belong to a message."""
    return set(session.scalars(_OURS, {"sids": list(sids)}))


def settle(session: Session, doubt: Doubt, sid: str | None) -> str:
    """Settle a doubt: found under `sid`, or else sent again once or given up, by its kind. Returns which."""
    values = {"id": doubt.message_id, "now": now()}
    if sid is not None:
        session.execute(_FOUND, {**values, "sid": sid})
        return "found"
    if doubt.kind in _SENT_AGAIN and doubt.attempts < _MOST_ATTEMPTS:
        session.execute(_AGAIN, values)
        return "sent again"
    session.execute(_GIVEN_UP, values)
    return "given up"
