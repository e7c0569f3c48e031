"""Money in tests: what is in a wallet without having been paid for."""

from sqlalchemy import select

from domain.clock import today
from domain.customers import Customer
from domain.door import Door, Visit
from domain.ids import new_id
from domain.ledger.chart import OPENING, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.money import Money


def fill_wallet(door: Door, phone: str, minor: int) -> None:
    """Put so much into the wallet of the first customer with this phone."""
    first = select(Customer).where(Customer.phone == phone).order_by(Customer.account_no)
    with door.for_every_business() as session:
        customer = session.scalars(first).first()
        assert customer
        amount = Money(minor, "SAR")
        lines = (debit(house(OPENING), amount), credit(wallet(customer.id), amount))
        entry = Entry(customer.business_id, today("Asia/Riyadh"), "gift", "test", new_id(), lines)
        post(Visit.within(session), [entry])
