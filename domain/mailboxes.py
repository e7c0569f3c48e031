"""Where a customer has mail: the address on file, if one can be written to now."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.outbox import INVALID_FOR


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The address, and our sender of mails."""

    sender_id: UUID
    address: str

    @property
    def hint(self) -> str:
        """The address as its owner knows it, and nobody else learns it."""
        name, _, place = self.address.rpartition("@")
        return f"{name[:1]}•••@{place}"


_MAILBOX: Final = """
    SELECT sender.id, customer.email
    FROM customer JOIN sender ON sender.business_id = customer.business_id AND channel = 'email' AND enabled
    LEFT JOIN contact ON contact.business_id = customer.business_id AND contact.channel = 'email'
        AND contact.address = customer.email
    LEFT JOIN conversation AS talk ON talk.sender_id = sender.id AND talk.contact_id = contact.id
    WHERE customer.id = %(customer_id)s AND customer.email IS NOT NULL AND talk.opted_out_at IS NULL
      AND contact.invalid_at > %(invalid_since)s IS NOT TRUE
"""


def mailbox_of(visit: Visit, customer_id: UUID) -> Mailbox | None:
    """Return where a customer has mail; None where no address is known, or none that a mail may go to."""
    rows = visit.ask(_MAILBOX, {"customer_id": customer_id, "invalid_since": now() - INVALID_FOR})
    return Mailbox(*rows[0]) if rows else None
