"""What people consented to, and what they took back."""

from uuid import UUID

from domain.clock import now
from domain.door import Desk, Visit
from domain.ids import new_id

_RECORD = """
    INSERT INTO consent (id, created_at, business_id, contact_id, sender_id, topic, granted, source, evidence)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(contact_id)s, %(sender_id)s, %(topic)s, %(granted)s, %(source)s,
            %(evidence)s)
"""


def record_consent(
    visit: Visit, desk: Desk, contact_id: UUID, *, granted: bool, evidence: str, topic: str = "messages"
) -> None:
    """Add one decision that a contact took in a conversation with the sender of `desk`."""
    values = {
        "id": new_id(),
        "now": now(),
        "business_id": desk.business_id,
        "contact_id": contact_id,
        "sender_id": desk.sender_id,
        "topic": topic,
        "granted": granted,
        "source": "conversation",
        "evidence": evidence,
    }
    visit.ask(_RECORD, values)
