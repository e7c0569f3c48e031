"""Looks after campaigns: begins what is due, takes back what may not go out now, ends what is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.campaigns import OVERDUE, RUNNING, move, pause_by_itself
from domain.clock import now

# What is later than this is asked about, not begun.
_MAY_BE_LATE: Final = timedelta(hours=1)
# More than this part of so many messages at least, and the campaign waits for somebody to look.
FAILS_AT: Final = 0.05
AMONG: Final = 50
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
# What was tried before is not tried again once the campaign is called off.
_CALL_OFF: Final = text(
    """
    UPDATE message SET status = 'failed', reason = 'canceled', failed_at = :now
    FROM campaign WHERE campaign.id = :id AND campaign.status = 'cancelled' AND campaign_id = campaign.id
      AND replaced_by IS NULL AND message.status = 'queued'
    """
)
_FAILED: Final = text(
    """
    SELECT COALESCE(reason, 'unknown') AS reason, count(*) FROM message
    WHERE campaign_id = :id AND replaced_by IS NULL AND status IN ('failed', 'undelivered')
      AND created_at >= (SELECT going_since FROM campaign WHERE id = :id)
    GROUP BY 1
    """
)
_TRIED: Final = text(
    """
    SELECT count(*) FROM message
    WHERE campaign_id = :id AND replaced_by IS NULL
      AND status IN ('accepted', 'sent', 'delivered', 'read', 'undelivered', 'failed')
      AND created_at >= (SELECT going_since FROM campaign WHERE id = :id)
    """
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
        if now() - schedule_at > _MAY_BE_LATE:
            pause_by_itself(session, campaign_id, OVERDUE, schedule_at=schedule_at.isoformat())
        else:
            move(session, campaign_id, RUNNING)


def take_back(session: Session, campaign_id: UUID) -> int:
    """Take out of the outbox what may not go out now. Returns how many go back to those who wait."""
    taken: int = session.execute(_TAKE_BACK, {"id": campaign_id, "now": now()}).rowcount  # type: ignore[attr-defined]
    session.execute(_CALL_OFF, {"id": campaign_id, "now": now()})
    return taken


def failures_of(session: Session, campaign_id: UUID) -> tuple[Mapping[str, int], int]:
    """Return how many messages failed since the campaign was last started, by code, and of how many."""
    failed = {code: number for code, number in session.execute(_FAILED, {"id": campaign_id})}  # noqa: C416
    if not failed:
        return failed, 0
    return failed, session.scalar(_TRIED, {"id": campaign_id}) or 0


def finish(session: Session, campaign_id: UUID) -> bool:
    """End a campaign of which nothing is left. Tells whether it ended."""
    return session.scalar(_DONE, {"id": campaign_id, "now": now()}) is not None
