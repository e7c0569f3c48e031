"""A notice: something that we say of our own accord, in a conversation that there has been."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.turns import Outgoing


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears a notice: over which channel, and in which language (the business's where none is known)."""

    channel: str
    language: str


_LISTENER: Final = """
    SELECT contact.channel, COALESCE(contact.language, (
               SELECT customer.language FROM speaks_for JOIN customer ON customer.id = customer_id
               WHERE speaks_for.contact_id = contact.id AND customer.language IS NOT NULL ORDER BY account_no LIMIT 1),
           data ->> 'guess', business.language)
    FROM conversation JOIN contact ON contact.id = contact_id
    JOIN business ON business.id = conversation.business_id
    WHERE conversation.id = %(conversation_id)s
"""
# Whoever opted out of a number's messages gets none from it; that it was not sent is written down.
_SAY: Final = """
    INSERT INTO message
        (id, created_at, business_id, direction, channel, kind, sender_id, contact_id, conversation_id, customer_id,
         status, reason, text, media, params, encoding, segments, attempts, due_at)
    SELECT %(id)s, %(now)s, talk.business_id, 'outbound', contact.channel, 'notice', sender_id, contact_id, talk.id,
           customer_id, CASE WHEN opted_out_at IS NULL THEN 'queued' ELSE 'skipped' END,
           CASE WHEN opted_out_at IS NOT NULL THEN 'opted_out' END, %(text)s, %(media)s, '{}', %(encoding)s,
           %(segments)s, 0, CASE WHEN opted_out_at IS NULL THEN %(now)s END
    FROM conversation AS talk JOIN contact ON contact.id = contact_id
    WHERE talk.id = %(conversation_id)s
"""


def listener_of(visit: Visit, conversation_id: UUID) -> Listener:
    """Return who hears what is said in a conversation."""
    return Listener(*visit.ask(_LISTENER, {"conversation_id": conversation_id})[0])


def say(visit: Visit, conversation_id: UUID, outgoing: Outgoing) -> UUID:
    """Put a notice into the outbox, in its conversation. Returns its id."""
    values = {
        "id": new_id(),
        "now": now(),
        "conversation_id": conversation_id,
        "text": outgoing.text,
        "media": Jsonb(outgoing.media),
        "encoding": outgoing.encoding,
        "segments": outgoing.segments,
    }
    visit.ask(_SAY, values)
    return UUID(str(values["id"]))
