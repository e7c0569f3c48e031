"""Giving back what a stopped subscription has left: out of what was earned and its tax, into the wallet."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.ledger.chart import REVENUE, VAT_PAYABLE, house, wallet
from domain.ledger.entries import Entry, credit, debit, lines_of
from domain.ledger.posting import post
from domain.money import Money
from domain.subscriptions.history import Change
from domain.vat import net_within

SOURCE: Final = "subscription"
REFUNDED: Final = "refunded"
_RATE: Final = "SELECT vat_rate FROM business WHERE id = %(business_id)s"


def give_back(visit: Visit, change: Change, change_id: UUID) -> None:
    """Book what a change gives back, if anything: once for each change, in its own transaction."""
    if not change.refund_minor:
        return
    held = change.after
    rate: Decimal = visit.ask(_RATE, {"business_id": held.business_id})[0][0]
    net = net_within(change.refund_minor, rate)
    lines = lines_of(
        debit(house(REVENUE), Money(net, held.currency)),
        debit(house(VAT_PAYABLE), Money(change.refund_minor - net, held.currency)),
        credit(wallet(held.customer_id), Money(change.refund_minor, held.currency)),
    )
    post(visit, [Entry(held.business_id, change.at.day, REFUNDED, SOURCE, change_id, lines)])
