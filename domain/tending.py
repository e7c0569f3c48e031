"""Looks after campaigns: begins what is due, takes back what may not go out now, ends what is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.campaigns import MAY_BE_LATE, OVERDUE, RUNNING, move, pause_by_itself
from domain.clock import now
from domain.health import works
from domain.outbox import WINDOW

# More than this part of so many messages at least, of those made lately, and the campaign waits for somebody to look.
FAILS_AT: Final = 0.05
AMONG: Final = 50
_LATELY: Final = timedelta(hours=1)
# What is tried again is tried within this time: so long after its end a campaign may have something in the outbox.
_MAY_LINGER: Final = timedelta(days=2)

_OPEN: Final = text(
    """
    SELECT id, status = 'running' AND prepared_at IS NULL FROM campaign
    WHERE status IN ('scheduled', 'running', 'paused') OR (status = 'cancelled' AND ended_at > :lately)
    ORDER BY id
    """
)
_DUE: Final = text(
    """
    SELECT id, schedule_at FROM campaign WHERE status = 'scheduled' AND schedule_at <= :now
    FOR NO KEY UPDATE SKIP LOCKED
    """
)
# What was never tried goes back to those who wait, and out of the outbox: it would grow old there.
_TAKE_BACK: Final = text(
    """
    WITH held AS MATERIALIZED (
        SELECT campaign.id FROM campaign JOIN business ON business.id = campaign.business_id
        WHERE campaign.id = :id AND status IN ('running', 'paused', 'cancelled')
          AND NOT (status = 'running'
                   AND (CAST(:now AS timestamptz) AT TIME ZONE timezone)::time >= send_from
                   AND (CAST(:now AS timestamptz) AT TIME ZONE timezone)::time < send_until)
        FOR NO KEY UPDATE OF campaign SKIP LOCKED
    ), gone AS (
        DELETE FROM message USING held
        WHERE campaign_id = held.id AND replaced_by IS NULL AND message.status = 'queued'
          AND attempts = 0 AND failures = 0
        RETURNING message.id
    )
    UPDATE campaign_recipient SET status = 'waiting', message_id = NULL, given_at = NULL
    FROM gone WHERE message_id = gone.id
    """
)
# What waits at a sender that can't send it, where another can or it is switched off, is said anew from that one. Where
# somebody wrote to that number within 24 hours it waits for it.
_TAKE_FROM: Final = text(
    f"""
    WITH held AS MATERIALIZED (
        SELECT id FROM campaign WHERE id = :id AND status = 'running' FOR NO KEY UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM message USING held, sender, conversation AS talk
        WHERE campaign_id = held.id AND replaced_by IS NULL AND message.status = 'queued'
          AND attempts = 0 AND failures = 0 AND sender.id = message.sender_id AND talk.id = message.conversation_id
          AND (NOT sender.enabled OR NOT {works(":now")}
               AND (sender.channel = 'sms' OR (talk.last_inbound_at > :window_since) IS NOT TRUE)
               AND EXISTS (SELECT FROM sender AS other
                           WHERE other.business_id = sender.business_id AND other.channel = sender.channel
                             AND {works(":now", "other")}))
        RETURNING message.id
    )
    UPDATE campaign_recipient SET status = 'waiting', message_id = NULL, given_at = NULL
    FROM gone WHERE message_id = gone.id
    """  # noqa: S608  expressions of our own
)
_SPEECHLESS: Final = text(
    """
    SELECT EXISTS (
        SELECT FROM campaign WHERE id = :id AND status = 'running'
          AND NOT EXISTS (SELECT FROM sender WHERE sender.business_id = campaign.business_id AND enabled
                                               AND campaign.channel IN ('auto', sender.channel)))
    """
)
# What was tried before is not tried again once the campaign is called off.
_CALL_OFF: Final = text(
    """
    UPDATE message SET status = 'failed', reason = 'canceled', failed_at = :now
    FROM campaign WHERE campaign.id = :id AND campaign.status = 'cancelled' AND campaign_id = campaign.id
      AND replaced_by IS NULL AND message.status = 'queued'
    """
)
# Of what was made lately, since it was last started: what went well for days hides nothing that fails now.
_SINCE: Final = "GREATEST(:lately, (SELECT going_since FROM campaign WHERE id = :id))"
_FAILED: Final = text(
    f"""
    SELECT COALESCE(reason, 'unknown') AS reason, count(*) FROM message
    WHERE campaign_id = :id AND replaced_by IS NULL AND status IN ('failed', 'undelivered') AND created_at >= {_SINCE}
    GROUP BY 1
    """  # noqa: S608  an expression of our own
)
# No more are counted than matter.
_TRIED: Final = text(
    f"""
    SELECT count(*) FROM (
        SELECT FROM message
        WHERE campaign_id = :id AND replaced_by IS NULL AND created_at >= {_SINCE}
          AND status IN ('accepted', 'sent', 'delivered', 'read', 'undelivered', 'failed')
        LIMIT :most) AS tried
    """  # noqa: S608  an expression of our own
)
_DONE: Final = text(
    """
    UPDATE campaign SET status = 'finished', ended_at = :now
    WHERE id = (SELECT id FROM campaign WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED)
      AND status = 'running' AND prepared_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM campaign_recipient WHERE campaign_id = :id AND status = 'waiting')
      AND NOT EXISTS (SELECT FROM message WHERE campaign_id = :id AND replaced_by IS NULL
                                            AND status IN ('queued', 'sending', 'in_doubt'))
    RETURNING id
    """
)


@dataclass(frozen=True, slots=True)
class Open:
    """A campaign to look after, and whether its recipients are still to be written down."""

    id: UUID
    unprepared: bool


def open_campaigns(session: Session) -> list[Open]:
    """Return every campaign that may want something done."""
    return [Open(*row) for row in session.execute(_OPEN, {"lately": now() - _MAY_LINGER})]


def begin_due(session: Session) -> None:
    """Let begin what is scheduled for now; what should have begun long ago is asked about instead."""
    due: list[tuple[UUID, datetime]] = [tuple(row) for row in session.execute(_DUE, {"now": now()})]
    for campaign_id, schedule_at in due:
        if now() - schedule_at > MAY_BE_LATE:
            pause_by_itself(session, campaign_id, OVERDUE, schedule_at=schedule_at.isoformat())
        else:
            move(session, campaign_id, RUNNING)


def take_back(session: Session, campaign_id: UUID) -> int:
    """Take out of the outbox what may not go out now. Returns how many go back to those who wait."""
    values = {"id": campaign_id, "now": now()}
    taken: int = session.execute(_TAKE_BACK, values).rowcount  # type: ignore[attr-defined]
    session.execute(_TAKE_FROM, {**values, "window_since": now() - WINDOW})
    session.execute(_CALL_OFF, {"id": campaign_id, "now": now()})
    return taken


def is_speechless(session: Session, campaign_id: UUID) -> bool:
    """Tell whether a campaign goes on, and no sender that it may take is switched on."""
    return bool(session.scalar(_SPEECHLESS, {"id": campaign_id}))


def failures_of(session: Session, campaign_id: UUID) -> Mapping[str, int]:
    """Return how many messages of a campaign failed lately, by code."""
    values = {"id": campaign_id, "lately": now() - _LATELY}
    return {code: number for code, number in session.execute(_FAILED, values)}  # noqa: C416


def is_too_much(session: Session, campaign_id: UUID, failed: int) -> int | None:
    """Return of how many lately so many `failed`, if that is too large a part of them."""
    most = max(AMONG, int(failed / FAILS_AT))
    tried = session.scalar(_TRIED, {"id": campaign_id, "lately": now() - _LATELY, "most": most}) or 0
    return tried if tried >= AMONG and failed > tried * FAILS_AT else None


def finish(session: Session, campaign_id: UUID) -> bool:
    """End a campaign of which nothing is left. Tells whether it ended."""
    return session.scalar(_DONE, {"id": campaign_id, "now": now()}) is not None
