"""Somebody who buys electricity from the company of the tours."""

from datetime import date, timedelta
from uuid import UUID

from domain.clock import now
from domain.contacts import Contact
from domain.customers import ContactCustomer, Customer
from domain.door import Door, Visit
from domain.ids import new_id
from domain.ledger.chart import ELSEWHERE, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.meters import Meter
from domain.money import Money
from domain.purchases.booking import pay
from domain.purchases.health import Seen, note_health
from domain.purchases.quoting import Words, ask, quote
from domain.purchases.vending import Claimed, claim, note_issued
from domain.tariffs import Tariff
from domain.vendors.results import Charge, IssuedToken, TokenKind
from tests.noor import Noor

BUYER = "+966500000007"
DIGITS = ("11112222333344445555", "22223333444455556666", "33334444555566667777")
_WORDS = Words(("Electricity", "كهرباء"), ("Electricity", "كهرباء"), ("Fee", "رسم"), ("Rest", "باقٍ"))


def sell(door: Door, noor: Noor) -> None:
    """Let Nasser have two meters, 250.00 in his wallet, and a token with a change of key that he bought before."""
    with door.for_business(noor.business_id) as session:
        tariff = Tariff(business_id=noor.business_id, code="HOME", valid_from=date(2020, 1, 1), name_en="Home",
                        name_ar="منزلي", blocks=[[0, 180_000], [60_000, 300_000]], fixed_fee_minor=500,
                        currency="SAR")  # fmt: skip
        nasser = Customer(business_id=noor.business_id, account_no="1007", name="Nasser Al-Ali", name_ar="ناصر العلي",
                          phone=BUYER)  # fmt: skip
        session.add_all([tariff, nasser])
        session.flush()
        for channel in ("whatsapp", "sms"):
            contact = Contact(business_id=noor.business_id, channel=channel, address=BUYER)
            session.add(contact)
            session.flush()
            session.add(ContactCustomer(business_id=noor.business_id, contact_id=contact.id, customer_id=nasser.id))
        home, _ = _meter(noor, nasser.id, "01412301374", "البيت"), _meter(noor, nasser.id, "01412302745", "المحل")
        session.add_all([home, _])
        session.flush()
        amount = Money(30_000, "SAR")
        lines = (debit(house(ELSEWHERE), amount), credit(wallet(nasser.id), amount))
        visit = Visit.within(session)
        post(visit, [Entry(noor.business_id, noor.today, "paid", "test", new_id(), lines)])
    vendor_is(door, up=True)
    _bought(door, noor, nasser.id, home.id)


def vendor_is(door: Door, *, up: bool) -> None:
    """Note how the vendor is."""
    with door.for_every_business() as session:
        note_health(Visit.within(session), Seen((), None, None), failing=not up)


def _meter(noor: Noor, customer_id: UUID, number: str, nickname: str) -> Meter:
    return Meter(business_id=noor.business_id, customer_id=customer_id, meter_no=number, nickname=nickname,
                 kind="prepaid", network="sts", tariff="HOME")  # fmt: skip


def _bought(door: Door, noor: Noor, customer_id: UUID, meter_id: UUID) -> None:
    with door.for_business(noor.business_id) as session:
        visit = Visit.within(session)
        quoted = quote(visit, customer_id, meter_id, 5_000, "Asia/Riyadh")
        purchase_id = ask(visit, noor.business_id, quoted, _WORDS, None)
        assert pay(visit, purchase_id) == "paid"
    with door.for_every_business() as session:
        visit = Visit.within(session)
        (one,) = claim(visit, 1, timedelta(hours=1), timedelta(hours=1))
        assert note_issued(visit, one, _charge(one))


def _charge(one: Claimed) -> Charge:
    keys = tuple(IssuedToken(TokenKind.KEY_CHANGE, digits) for digits in DIGITS[:2])
    tokens = (*keys, IssuedToken(TokenKind.CREDIT, DIGITS[2], one.units))
    return Charge(str(one.purchase_id), "CH1", one.meter.meter_no, one.units, tokens, now())
