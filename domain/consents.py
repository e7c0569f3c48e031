"""What people consented to, and what they took back."""

from uuid import UUID

from domain.contacts import Consent
from domain.door import Desk, Visit


def record_consent(
    visit: Visit, desk: Desk, contact_id: UUID, *, granted: bool, evidence: str, topic: str = "messages"
) -> None:
    """Add one decision that a contact took in a conversation with the sender of `desk`."""
    visit.session.add(
        Consent(
            business_id=desk.business_id,
            contact_id=contact_id,
            sender_id=desk.sender_id,
            topic=topic,
            granted=granted,
            source="conversation",
            evidence=evidence,
        )
    )
    visit.session.flush()
