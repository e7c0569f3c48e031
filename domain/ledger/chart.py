"""The chart of accounts: which accounts a business and its customers have, in each currency."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

WALLET: Final = "wallet"
RECEIVABLE: Final = "receivable"
REVENUE: Final = "revenue"
VAT_PAYABLE: Final = "vat_payable"
GATEWAY_CLEARING: Final = "gateway_clearing"
CASH: Final = "cash"
ELSEWHERE: Final = "elsewhere"
OPENING: Final = "opening"
GOVERNMENT: Final = "government"

# A customer's own; every other kind is one account of the business.
OF_CUSTOMERS: Final = (WALLET, RECEIVABLE)
# What each kind holds: money that customers left with us; what they owe; what was sold; tax that is owed to the state;
# money at a payment gateway; money in hand or at the bank; what was paid to the business by ways that only its own
# files know of; what there was before the book began; what the state owes for its subsidies.
KINDS: Final = (WALLET, RECEIVABLE, REVENUE, VAT_PAYABLE, GATEWAY_CLEARING, CASH, ELSEWHERE, OPENING, GOVERNMENT)


class NoSuchAccount(ValueError):
    """The chart has no such account: the kind is unknown, or a customer is missing or too much."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart: of the business, or of the customer where the kind is a customer's."""

    kind: str
    customer_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.kind in OF_CUSTOMERS) != (self.customer_id is not None):
            raise NoSuchAccount(f"there is no account {self.kind} {'of' if self.customer_id else 'without'} a customer")


def wallet(customer_id: UUID) -> Account:
    """Return the account of what a customer has left with the business."""
    return Account(WALLET, customer_id)


def receivable(customer_id: UUID) -> Account:
    """Return the account of what a customer owes."""
    return Account(RECEIVABLE, customer_id)


def house(kind: str) -> Account:
    """Return the business's own account of a kind."""
    return Account(kind)
