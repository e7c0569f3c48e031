"""Whether a contact is still who it was: telephone numbers change hands, and accounts must not go with them.

From `contact.changed_hands_at` on, only links that were confirmed later count: the view `speaks_for` has those, and
whoever shows a customer's data asks it, never `contact_customer`. It is set when WhatsApp knows somebody else behind
the number, when the number is reported dead, and when somebody writes after a year of silence.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.clock import now

SILENCE: Final = timedelta(days=365)
# Twilio's codes for a number that is nobody's: no such number, unknown to its network, not reachable by its carrier.
DEAD: Final = frozenset({"21211", "30005", "30006"})

# WhatsApp tells either of two ids of a person, the company's own choice; only two of a kind can be compared.
OTHER_PERSON: Final = """
    (contact.external_id <> %(external_id)s
     AND (contact.external_id LIKE '%%.ENT.%%') = (%(external_id)s LIKE '%%.ENT.%%'))
"""

# Where the conversation stood is no business of whoever has the number now.
_DEAD: Final = text(
    """
    WITH dead AS (
        SELECT DISTINCT contact_id FROM message
        WHERE id = ANY(:messages) AND direction = 'outbound' AND status IN ('failed', 'undelivered')
          AND reason = ANY(:codes)
    ), marked AS (
        UPDATE contact SET changed_hands_at = :now FROM dead WHERE contact.id = dead.contact_id
    )
    UPDATE conversation SET flow = NULL, state = NULL, data = '{}', customer_id = NULL
    FROM dead WHERE conversation.contact_id = dead.contact_id
    """
)


def mark_dead(session: Session, messages: Sequence[UUID]) -> None:
    """Mark the contacts of those of `messages` that failed because the number is dead."""
    session.execute(_DEAD, {"messages": list(messages), "codes": sorted(DEAD), "now": now()})
