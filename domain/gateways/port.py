"""The port: all that may be asked of a gateway, whoever it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.gateways.results import GatewayPayment, Page
from domain.money import Money


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page to pay `amount` on. `attempt_id` is our attempt, committed before this is asked.

    `notify_url` is called without a signature, as a hint; the other two are where the customer goes from there.
    """

    attempt_id: UUID
    amount: Money
    description: str
    expires_at: datetime | None = None
    notify_url: str | None = None
    success_url: str | None = None
    back_url: str | None = None


@dataclass(frozen=True, slots=True)
class BillRequest:
    """A SADAD bill over `amount`."""

    attempt_id: UUID
    amount: Money
    description: str


class PaymentGateway(Protocol):
    """A gateway.

    Questions raise Refused and Unreachable. What does something raises Refused or Unreachable when it was certainly not
    done, and OutcomeUnknown when nobody knows: then look for it by the attempt before anything else is tried; after a
    refund, compare the payment's `refunded`. None of these may be called inside a turn or while a transaction of ours
    is open.
    """

    @property
    def is_live(self) -> bool:
        """Whether real money moves; a notice that says otherwise is not for us."""

    def create_page(self, request: PageRequest) -> Page:
        """Make a page. Twice makes two: the gateway does not know the attempt."""

    def page(self, page_id: str) -> Page | None:
        """Return a page; None when the gateway has none of that id."""

    def pages_of(self, attempt_id: UUID) -> list[Page]:
        """Return the pages that were made for an attempt, the oldest first."""

    def cancel_page(self, page_id: str) -> Page:
        """See to it that nothing is paid on a page any more; Refused when it is too late."""

    def create_bill(self, request: BillRequest) -> GatewayPayment:
        """Make a SADAD bill. The same attempt again answers the same bill."""

    def payment(self, payment_id: str) -> GatewayPayment | None:
        """Return a payment (a bill's id is its attempt's); None when the gateway has none of that id."""

    def refund(self, payment_id: str, amount: Money) -> GatewayPayment:
        """Give back a part of a payment or all of it. Twice gives back twice. Bills can't be refunded."""

    def test_connection(self) -> None:
        """Ask the gateway for next to nothing, to see that it answers and takes our key."""
