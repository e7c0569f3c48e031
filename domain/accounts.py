"""The accounts that a contact speaks for, and what each of them has."""

from dataclasses import dataclass
from uuid import UUID

from domain.door import MY_BUSINESS, Question


@dataclass(frozen=True, slots=True)
class Account:
    """A customer, as a conversation needs to know them."""

    customer_id: UUID
    account_no: str
    name_en: str
    name_ar: str | None
    language: str | None
    address: str | None
    has_invoices: bool
    has_meters: bool
    has_subscriptions: bool

    def name_in(self, language: str) -> str:
        """Return the name as it is written in `language`, or as it is known."""
        return (self.name_ar or self.name_en) if language == "ar" else self.name_en


_ACCOUNTS = f"""
    SELECT customer.id, account_no, name, name_ar, customer.language, customer.address,
           EXISTS (SELECT FROM invoice WHERE customer_id = customer.id),
           EXISTS (SELECT FROM meter WHERE customer_id = customer.id AND active),
           EXISTS (SELECT FROM subscription WHERE customer_id = customer.id)
    FROM contact_customer JOIN customer ON customer.id = contact_customer.customer_id
    JOIN contact ON contact.id = contact_customer.contact_id
    WHERE contact.business_id = {MY_BUSINESS} AND contact.channel = %(channel)s AND contact.address = %(address)s
    ORDER BY account_no
"""  # noqa: S608  an expression of our own


def accounts_at(channel: str, address: str) -> Question:
    """Return the question which accounts the contact at `address` speaks for, by account number."""
    return _ACCOUNTS, {"channel": channel, "address": address}
