"""What Twilio has and we do not: where to look, and up to when all is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Watched:
    """A number of ours that people can write to, and up to when what they wrote was looked after."""

    sender_id: UUID
    channel: str
    address: str
    account_sid_var: str | None
    auth_token_var: str | None
    listed_until: datetime | None


# Registered names only send.
_WATCHED: Final = text(
    """
    SELECT id, channel, address, account_sid_var, auth_token_var, listed_until FROM sender
    WHERE enabled AND channel <> 'email' AND address LIKE '+%' ORDER BY id
    """
)
# Never back: of two that look at once, the one that is behind may be the last to write.
_LISTED: Final = text("UPDATE sender SET listed_until = GREATEST(listed_until, :until) WHERE id = :sender_id")


def watched(session: Session) -> list[Watched]:
    """Return every number of every business that people can write to."""
    return [Watched(*row) for row in session.execute(_WATCHED)]


def looked_until(session: Session, sender_id: UUID, until: datetime) -> None:
    """Write down that all that was sent to a number before `until` was looked after."""
    session.execute(_LISTED, {"sender_id": sender_id, "until": until})
