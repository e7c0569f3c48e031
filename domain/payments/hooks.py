"""Who else must know that money came, or that none will: one place that says it for each purpose.

A hook runs in the transaction that settles, or ends, the payment. Whatever it raises undoes that, and it is tried
again.
"""

from collections.abc import Callable, Mapping
from typing import Final

from domain.door import Visit
from domain.payments.reading import Payment
from domain.payments.tables import INVOICE, PURCHASE, RENEWAL, TOP_UP
from domain.purchases.booking import money_came
from domain.subscriptions import changing as subscriptions

Hook = Callable[[Visit, Payment], None]


def _nothing(_: Visit, __: Payment) -> None:
    """Nobody else has to know."""


def _invoices_paid(visit: Visit, payment: Payment) -> None:
    subscriptions.payment_came(visit, payment.business_id, payment.customer_id)


def _purchase_paid(visit: Visit, payment: Payment) -> None:
    if payment.purchase_id is not None:
        money_came(visit, payment.purchase_id)


# After the money is booked: in the wallet, but for what paid invoices.
SETTLED: Final[Mapping[str, Hook]] = {
    INVOICE: _invoices_paid,
    TOP_UP: _nothing,
    PURCHASE: _purchase_paid,
    RENEWAL: _nothing,  # `renewing.money_came` is called by whoever has the words of its invoice
}
# After it is certain that the attempt brings nothing: it failed, or expired. Money that comes still is booked, late.
ENDED: Final[Mapping[str, Hook]] = {INVOICE: _nothing, TOP_UP: _nothing, PURCHASE: _nothing, RENEWAL: _nothing}
