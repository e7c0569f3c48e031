"""How a campaign stands: each recipient in exactly one of the counts, at every instant.

They are counted from the rows, in one statement and so at one instant. Who waits or was skipped is told by the
recipient; of who was given a message, the newest of their messages tells. Giving one, taking one back and putting
another in its place are each one transaction, so nobody is ever in two counts or in none.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

AUDIENCE: Final = "audience"
COUNTS: Final = (
    "waiting", "skipped", "queued", "in_doubt", "sent", "delivered", "read", "undelivered", "failed", "cancelled",
)  # fmt: skip
# What a message's status is counted as.
_COUNTED_AS: Final = {
    "queued": "queued",
    "sending": "queued",
    "in_doubt": "in_doubt",
    "accepted": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "undelivered",
    "failed": "failed",
    "skipped": "skipped",
}
# Who waits for a campaign that was called off is not written to any more: so calling off changes one row.
COUNTED: Final = f"""
    CASE recipient.status WHEN 'waiting' THEN CASE campaign.status WHEN 'cancelled' THEN 'cancelled' ELSE 'waiting' END
         WHEN 'skipped' THEN 'skipped'
         ELSE CASE message.status {" ".join(f"WHEN '{status}' THEN '{count}'" for status, count in _COUNTED_AS.items())}
              END END
"""
_COUNT: Final = text(
    """
    SELECT 'recipient', recipient.status, campaign.status, count(*)
    FROM campaign_recipient AS recipient JOIN campaign ON campaign.id = campaign_id
    WHERE campaign_id = :id GROUP BY 2, 3
    UNION ALL
    SELECT 'message', status, NULL, count(*) FROM message
    WHERE campaign_id = :id AND replaced_by IS NULL GROUP BY 2
    """
)


def counts_of(session: Session, campaign_id: UUID) -> dict[str, int]:
    """Return the counts of a campaign: `audience`, and COUNTS, which add up to it."""
    counts = dict.fromkeys((AUDIENCE, *COUNTS), 0)
    for kind, status, campaign, number in session.execute(_COUNT, {"id": campaign_id}):
        if kind == "message":
            counts[_COUNTED_AS[status]] += number
            continue
        counts[AUDIENCE] += number
        if status != "given":
            counts["cancelled" if (status, campaign) == ("waiting", "cancelled") else status] += number
    return counts
