"""What the page may know to which a customer comes back from the gateway: no name, no amount."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.payments.states import CREATED, IN_DOUBT, PENDING, REFUNDED, SETTLED


@dataclass(frozen=True, slots=True)
class Return:
    """The payment that somebody comes back from: how far it is, at which business, in which language they pay."""

    status: str
    page_url: str | None
    name_en: str
    name_ar: str
    language: str

    @property
    def is_settled(self) -> bool:
        """Whether the money is booked."""
        return self.status in {SETTLED, REFUNDED}

    @property
    def is_open(self) -> bool:
        """Whether it may still be paid."""
        return self.status in {CREATED, IN_DOUBT, PENDING}

    def name_in(self, language: str) -> str:
        """Return the business's name in `language`."""
        return self.name_ar if language == "ar" else self.name_en


_RETURN: Final = """
    SELECT payment.status, page_url, business.name_en, business.name_ar,
           COALESCE(contact.language, customer.language, business.language)
    FROM payment JOIN business ON business.id = payment.business_id JOIN customer ON customer.id = payment.customer_id
    LEFT JOIN conversation ON conversation.id = conversation_id LEFT JOIN contact ON contact.id = contact_id
    WHERE payment.id = %(payment_id)s
"""


def returned(visit: Visit, payment_id: UUID) -> Return | None:
    """Return what is known of it; None when there is no such payment."""
    rows = visit.ask(_RETURN, {"payment_id": payment_id})
    return Return(*rows[0]) if rows else None
