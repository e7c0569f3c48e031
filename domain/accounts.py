"""The accounts that a contact speaks for, and what each of them has."""

from dataclasses import dataclass
from uuid import UUID

from domain.door import Visit


@dataclass(frozen=True, slots=True)
class Account:
    """A customer, as a conversation needs to know them. `has_meters` is about active ones, `owns_meters` about any.

    `buys`: tokens can be bought for one of the meters.
    """

    customer_id: UUID
    account_no: str
    name_en: str
    name_ar: str | None
    language: str | None
    address: str | None
    has_invoices: bool
    has_meters: bool
    has_subscriptions: bool
    has_tickets: bool
    owns_meters: bool
    buys: bool
    tokens_by_sms: bool

    def name_in(self, language: str) -> str:
        """Return the name as it is written in `language`, or as it is known."""
        return (self.name_ar or self.name_en) if language == "ar" else self.name_en


_ACCOUNTS = """
    SELECT customer.id, account_no, name, name_ar, customer.language, customer.address,
           EXISTS (SELECT FROM invoice WHERE customer_id = customer.id),
           EXISTS (SELECT FROM meter WHERE customer_id = customer.id AND active),
           EXISTS (SELECT FROM subscription WHERE customer_id = customer.id),
           EXISTS (SELECT FROM ticket WHERE customer_id = customer.id),
           EXISTS (SELECT FROM meter WHERE customer_id = customer.id),
           EXISTS (SELECT FROM meter
                   WHERE customer_id = customer.id AND active AND kind = 'prepaid' AND network = 'sts'),
           tokens_by_sms
    FROM speaks_for JOIN customer ON customer.id = speaks_for.customer_id
    WHERE speaks_for.contact_id = %(contact_id)s
    ORDER BY account_no
"""


def accounts_of(visit: Visit, contact_id: UUID) -> tuple[Account, ...]:
    """Return the accounts that the contact speaks for, by account number; none of them since it changed hands."""
    return tuple(Account(*row) for row in visit.ask(_ACCOUNTS, {"contact_id": contact_id}))


_BY_SMS = "UPDATE customer SET tokens_by_sms = %(wanted)s WHERE id = %(customer_id)s"


def let_tokens_come_by_sms(visit: Visit, customer_id: UUID, *, wanted: bool) -> None:
    """Note whether a customer wants tokens by SMS too, wherever else they go."""
    visit.ask(_BY_SMS, {"customer_id": customer_id, "wanted": wanted})
