"""Sends in doubt: the process died before the answer came, or the answer never came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from domain.clock import now
from domain.hiding import HIDDEN_TEXT
from domain.kinds import KINDS
from domain.outbox import SLOWER


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message that may have been sent, at about `claimed_at`, and would be listed with one of `texts`.

    A mail is listed nowhere: it is sent again once, or given up, by its kind.
    """

    message_id: UUID
    seq: int
    channel: str
    sender_address: str
    account_sid_var: str | None
    auth_token_var: str | None
    address: str
    texts: list[str]
    claimed_at: datetime
    resends: int
    kind: str
    attempts: int


# While another of the conversation is being sent it can't be told which of them Twilio lists.
_RIPE = text(
    f"""
    SELECT message.id, message.seq, message.channel, sender.address, account_sid_var, auth_token_var, contact.address,
           array_remove(ARRAY[message.text, choices ->> 'body', template ->> 'text',
                              CASE WHEN choices IS NOT NULL OR template IS NOT NULL THEN '' END], NULL),
           claimed_at, resends, kind, attempts
    FROM message JOIN sender ON sender.id = sender_id JOIN contact ON contact.id = message.contact_id
    WHERE status = 'in_doubt' AND claimed_at < clock_timestamp() - make_interval(secs => :seconds + {SLOWER})
      AND message.seq > :after
      AND NOT EXISTS (SELECT FROM message AS other
                      WHERE other.conversation_id = message.conversation_id AND other.status = 'sending')
    ORDER BY message.seq LIMIT :limit
    """  # noqa: S608  an expression of our own
)
_OURS = text(
    "SELECT provider_sid FROM message WHERE provider_sid = ANY(:sids) AND id IS DISTINCT FROM CAST(:but AS uuid)"
)
# What is settled is not sent again; so a code needs to stand in its message no longer.
_HIDDEN = f"CASE WHEN kind = 'code' THEN {HIDDEN_TEXT} ELSE message.text END"
_FOUND = text(
    f"""
    UPDATE message SET status = 'accepted', provider_sid = :sid, accepted_at = :now, text = {_HIDDEN}
    WHERE id = :id AND status = 'in_doubt'
    """  # noqa: S608  an expression of our own
)
_AGAIN = text(
    "UPDATE message SET status = 'queued', due_at = :now, resends = resends + 1 WHERE id = :id AND status = 'in_doubt'"
)
_GIVEN_UP = text(
    f"""
    UPDATE message SET status = 'failed', reason = 'unsettled', failed_at = :now, text = {_HIDDEN}
    WHERE id = :id AND status = 'in_doubt'
    """  # noqa: S608  an expression of our own
)

# Where a doubt can't be settled and its kind may be sent again, so often.
_MOST_RESENDS = 1


def ripe_doubts(session: Session, seconds: float, limit: int, after: int = 0) -> list[Doubt]:
    """Return doubts whose last attempt is at least `seconds` old, a mail's half a minute more.

    The oldest first, after the one with seq `after`.
    """
    return [Doubt(*row) for row in session.execute(_RIPE, {"seconds": seconds, "limit": limit, "after": after})]


def ours(session: Session, sids: Collection[str], but: UUID | None = None) -> set[str]:
    """Return those of the provider's SIDs that already belong to a message other than `but`."""
    return set(session.scalars(_OURS, {"sids": list(sids), "but": but}))


_ALL: Final = text(
    """
    UPDATE message SET status = 'in_doubt', claimed_at = created_at
    WHERE status IN ('queued', 'sending', 'in_doubt')
    """
)


def doubt_everything(session: Session) -> int:
    """Put in doubt all that is not accepted, as it is after a restore: it may have been sent since the backup.

    Returns how many messages it was.
    """
    return session.execute(_ALL).rowcount  # type: ignore[attr-defined,no-any-return]


FOUND, SENT_AGAIN, GIVEN_UP, SETTLED = "found", "sent again", "given up", "settled before"


def settle(session: Session, doubt: Doubt, sid: str | None) -> str:
    """Settle a doubt: found under `sid`, or else sent again once or given up, by its kind. Returns which it was."""
    statement, outcome = _way_out(doubt, sid)
    done = session.execute(statement, {"id": doubt.message_id, "now": now(), "sid": sid})
    return outcome if done.rowcount else SETTLED  # type: ignore[attr-defined]


def _way_out(doubt: Doubt, sid: str | None) -> tuple[TextClause, str]:
    if sid is not None:
        return _FOUND, FOUND
    again = KINDS[doubt.kind].sent_again or doubt.attempts == 0  # what was never tried is in doubt by a restore only
    if again and doubt.resends < _MOST_RESENDS:
        return _AGAIN, SENT_AGAIN
    return _GIVEN_UP, GIVEN_UP
