"""Who hears of a payment: over the channel that they used last, in their language."""

from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.notices import Listener

# Of all who speak for the customer, the one who wanted to pay; of their channels, the one that they wrote over last.
_LISTENER: Final = """
    SELECT customer.business_id, customer.id, heard.channel, COALESCE(heard.address, customer.phone),
           COALESCE(heard.language, customer.language, heard.guess, business.language), customer.email
    FROM customer JOIN business ON business.id = customer.business_id
    LEFT JOIN LATERAL (
        SELECT contact.channel, contact.address, contact.language, talk.data ->> 'guess' AS guess
        FROM speaks_for JOIN contact ON contact.id = speaks_for.contact_id
        JOIN conversation AS talk ON talk.contact_id = contact.id
        WHERE speaks_for.customer_id = customer.id
        ORDER BY contact.address = (SELECT asker.address FROM conversation AS asked
                                    JOIN contact AS asker ON asker.id = asked.contact_id
                                    WHERE asked.id = %(conversation_id)s) DESC NULLS LAST,
                 talk.last_inbound_at DESC NULLS LAST, contact.id
        LIMIT 1) AS heard ON true
    WHERE customer.id = %(customer_id)s
"""


def listener_to(visit: Visit, customer_id: UUID, conversation_id: UUID | None) -> Listener | None:
    """Return who hears of a customer's payment that was asked for in a conversation; None where nobody is known."""
    rows = visit.ask(_LISTENER, {"customer_id": customer_id, "conversation_id": conversation_id})
    if not rows or rows[0][3] is None:
        return None
    business_id, customer, channel, address, language, email = rows[0]
    return Listener(business_id, customer, channel or "", address, language, email)
