"""How fast a sender may speak: its messages (on SMS: segments) per second, shared by all workers on all hosts.

`sender_pace.free_at` is when all that was claimed so far will have been sent at that pace (the generic cell rate
algorithm). Whoever claims may run ahead of it for a little while: replies further than all else, so that they never
wait for it. Where Twilio finds it too fast the pace is halved, and doubles again every ten seconds until it is what it
was.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.kinds import CAMPAIGNS, NOTICES, REPLIES

# In seconds: so far ahead of the pace may a claim go.
AHEAD: Final = {REPLIES: 2.0, NOTICES: 0.5, CAMPAIGNS: 0.25}
_RECOVERS_IN: Final = 10.0
_SLOWEST: Final = 1 / 64
_AT_MOST_EVERY: Final = 1.0

FACTOR: Final = f"""
    CASE WHEN slowed_at IS NULL THEN 1
    ELSE LEAST(1, factor * 2 ^ LEAST(extract(epoch FROM clock_timestamp() - slowed_at) / {_RECOVERS_IN}, 10)) END
"""
# Messages (segments) per second, now.
RATE: Final = f"(messages_per_second * ({FACTOR}))"

# Of many that were too fast at once only the first counts.
_SLOW_DOWN: Final = text(
    f"""
    UPDATE sender_pace SET factor = GREATEST({_SLOWEST}, ({FACTOR}) / 2), slowed_at = clock_timestamp()
    WHERE sender_id IN (SELECT sender_id FROM message WHERE message.id = ANY(:messages))
      AND (slowed_at IS NULL OR slowed_at < clock_timestamp() - make_interval(secs => {_AT_MOST_EVERY}))
    """  # noqa: S608  expressions of our own
)
_PAUSE: Final = text(
    """
    UPDATE sender SET paused_until = :until, paused_for = :reason
    WHERE id = :sender AND (paused_until IS NULL OR paused_until < :until)
    """
)


def slow_down(session: Session, messages: Collection[UUID]) -> None:
    """Halve the pace of the senders of `messages`, at most once a second each."""
    session.execute(_SLOW_DOWN, {"messages": list(messages)})


def pause(session: Session, sender: UUID, reason: str, until: datetime) -> None:
    """Let nothing be sent from `sender` before `until`, for `reason`; then it is tried again."""
    session.execute(_PAUSE, {"sender": sender, "reason": reason, "until": until})
