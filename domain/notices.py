"""Who hears what we say of our own accord about something that a conversation began."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.door import Visit


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears a notice, over which channel first, and in which language (the business's where none is known).

    `email` is where their customer is reached too.
    """

    business_id: UUID
    customer_id: UUID | None
    channel: str
    address: str
    language: str
    email: str | None = None


_LISTENER: Final = """
    SELECT conversation.business_id, conversation.customer_id, contact.channel, contact.address,
           COALESCE(contact.language, (
               SELECT customer.language FROM speaks_for JOIN customer ON customer.id = customer_id
               WHERE speaks_for.contact_id = contact.id AND customer.language IS NOT NULL ORDER BY account_no LIMIT 1),
           data ->> 'guess', business.language)
    FROM conversation JOIN contact ON contact.id = contact_id
    JOIN business ON business.id = conversation.business_id
    WHERE conversation.id = %(conversation_id)s
"""


def listener_of(visit: Visit, conversation_id: UUID) -> Listener:
    """Return who hears what is said in a conversation."""
    return Listener(*visit.ask(_LISTENER, {"conversation_id": conversation_id})[0])
