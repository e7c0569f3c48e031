"""Whether a contact agreed to offers and news: the newest decision counts, and without one the answer is no."""

from typing import Final
from uuid import UUID

from domain.door import Visit

TOPIC: Final = "marketing"
_NEWEST: Final = """
    SELECT granted FROM consent WHERE contact_id = %(contact_id)s AND topic = 'marketing'
    ORDER BY created_at DESC, id DESC LIMIT 1
"""


# The same as SQL, of a contact: what it decided itself, and that no other channel of the address said no since.
_DECIDED: Final = """
    SELECT own.granted AND NOT EXISTS (
        SELECT FROM contact AS twin JOIN consent AS later ON later.contact_id = twin.id
        WHERE twin.business_id = {contact}.business_id AND twin.channel IN ('whatsapp', 'sms')
          AND twin.address = {contact}.address AND later.topic = 'marketing' AND NOT later.granted
          AND later.created_at > own.created_at)
    FROM consent AS own WHERE own.contact_id = {contact}.id AND own.topic = 'marketing'
    ORDER BY own.created_at DESC, own.id DESC LIMIT 1
"""
# Who wants no messages on one channel is not written to on another instead.
_STOPPED: Final = """
    EXISTS (SELECT FROM contact AS twin JOIN conversation AS stopped ON stopped.contact_id = twin.id
            WHERE twin.business_id = {contact}.business_id AND twin.channel IN ('whatsapp', 'sms')
              AND twin.address = {contact}.address
              AND (stopped.opted_out_at IS NOT NULL OR stopped.carrier_stopped))
"""


def refusal_of(contact: str) -> str:
    """Return as SQL why offers may not be sent to a row of `contact`: `opted_out`, `no_consent`, or null."""
    return f"""
        CASE WHEN {_STOPPED.format(contact=contact)} THEN 'opted_out'
             WHEN ({_DECIDED.format(contact=contact)}) IS NOT TRUE THEN 'no_consent' END
    """


def wants_offers(visit: Visit, contact_id: UUID) -> bool:
    """Tell whether the contact agreed to offers and news, and has not taken it back."""
    rows = visit.ask(_NEWEST, {"contact_id": contact_id})
    return bool(rows and rows[0][0])
