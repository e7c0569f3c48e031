"""Work that waits at a sender that can't do it, and that another sender of the business may do as well.

Notices may move. What belongs to a conversation may not: a reply comes from the number that was written to, and within
its 24 hours WhatsApp lets only that number write freely. A template is registered on an account, so it moves only to
another number of that account. What campaigns say goes back to those who wait, and is said anew (domain/tending.py).
"""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.clock import now
from domain.health import works
from domain.kinds import NOTICES
from domain.outbox import WINDOW

# Only what was never sent, or was refused, is queued and not a resend: it moves and can't arrive twice. Who wants no
# messages from the one number gets none from the other. A conversation that somebody begins at this instant is not
# seen; its message moves the next time.
_MOVE: Final = text(
    f"""
    WITH stranded AS MATERIALIZED (
        SELECT message.id, message.business_id, message.contact_id, other.id AS sender_id
        FROM sender
        JOIN message ON message.status = 'queued' AND message.priority = {NOTICES} AND message.sender_id = sender.id
        JOIN conversation AS talk ON talk.id = message.conversation_id
        CROSS JOIN LATERAL (
            SELECT id FROM sender AS other
            WHERE other.business_id = sender.business_id AND other.channel = sender.channel AND other.id <> sender.id
              AND (sender.channel = 'sms' OR other.account_sid_var IS NOT DISTINCT FROM sender.account_sid_var)
              AND {works(":now", "other")}
            ORDER BY other.address LIKE '+%' DESC, other.address LIMIT 1
        ) AS other
        WHERE NOT {works(":now")} AND resends = 0 AND talk.opted_out_at IS NULL AND NOT talk.carrier_stopped
          AND (sender.channel = 'sms'
               OR message.template IS NOT NULL AND (talk.last_inbound_at > :window_since) IS NOT TRUE)
        ORDER BY message.seq LIMIT :limit
        FOR NO KEY UPDATE OF message SKIP LOCKED
    ), begun AS (
        INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses)
        SELECT gen_random_uuid(), :now, business_id, sender_id, contact_id, '{{}}', 0, 0
        FROM (SELECT DISTINCT business_id, sender_id, contact_id FROM stranded) AS new
        ON CONFLICT (sender_id, contact_id) DO NOTHING
        RETURNING id, sender_id, contact_id
    ), talk AS (
        SELECT id, sender_id, contact_id FROM begun
        UNION ALL
        SELECT DISTINCT conversation.id, conversation.sender_id, conversation.contact_id
        FROM stranded JOIN conversation USING (sender_id, contact_id)
    )
    UPDATE message SET sender_id = stranded.sender_id, conversation_id = talk.id
    FROM stranded JOIN talk USING (sender_id, contact_id)
    WHERE message.id = stranded.id
    """  # noqa: S608  expressions of our own
)


def move_notices(session: Session, limit: int) -> int:
    """Let up to `limit` notices go out from other senders than those where they can't. Returns how many it was."""
    values = {"now": now(), "window_since": now() - WINDOW, "limit": limit}
    moved: int = session.execute(_MOVE, values).rowcount  # type: ignore[attr-defined]
    return moved
