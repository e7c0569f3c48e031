"""A company whose customers buy electricity from a vendor that is really asked over HTTP."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from bot.jobs.vending import vend_all
from bot.jobs.worker_services import WorkerServices
from domain.customers import Customer
from domain.door import Door, Visit
from domain.ids import new_id
from domain.invoices import Invoice
from domain.ledger.chart import ELSEWHERE, OPENING, house, receivable, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.meters import Meter
from domain.money import Money
from domain.purchases import Purchase, Token
from domain.purchases.health import Seen, note_health
from domain.purchases.quoting import Words, ask, quote
from domain.tariffs import Tariff
from domain.wallet import wallet_of
from tests.noor import Noor
from tests.vendors.emulator import FACTS, Emulator

ZONE = "Asia/Riyadh"
STS = {**FACTS, "key_revision": 1, "network": "sts", "kind": "prepaid", "tariff": "HOME", "iin": "600727"}
WORDS = Words(("Electricity", "كهرباء"), ("Electricity", "كهرباء"), ("Fee", "رسم"), ("Rest", "باقٍ"))


@dataclass
class Buying:
    """The company, its vendor, and ways to look at what is bought."""

    door: Door
    noor: Noor
    box: Emulator
    services: WorkerServices
    vendor: Any
    meters: dict[str, UUID] = field(default_factory=dict)

    def vends(self) -> int:
        """Let the workers do all that is due."""
        return vend_all(self.services, self.vendor)

    def is_up(self, *, up: bool = True) -> None:
        """Note how the vendor is."""
        with self.door.for_every_business() as session:
            note_health(Visit.within(session), Seen((), None, None), failing=not up)

    def rule(self, **values: Any) -> None:
        """Change the rules of the company."""
        with self.door.for_every_business() as session:
            session.execute(text(f"UPDATE business SET {', '.join(f'{name} = :{name}' for name in values)}"), values)

    def top_up(self, account_no: str, minor: int) -> UUID:
        """Put money into a wallet, and return whose it is."""
        with self.door.for_business(self.noor.business_id) as session:
            customer_id = session.scalars(select(Customer.id).where(Customer.account_no == account_no)).one()
            amount = Money(minor, "SAR")
            lines = (debit(house(ELSEWHERE), amount), credit(wallet(customer_id), amount))
            entry = Entry(self.noor.business_id, self.noor.today, "paid", "test", new_id(), lines)
            post(Visit.within(session), [entry])
        return customer_id

    def wallet(self, account_no: str) -> int:
        """Return what is in a wallet."""
        with self.door.for_business(self.noor.business_id) as session:
            customer_id = session.scalars(select(Customer.id).where(Customer.account_no == account_no)).one()
            return wallet_of(Visit.within(session), customer_id, "SAR").minor

    def asks(self, account_no: str, meter_no: str, minor: int) -> UUID:
        """Let a customer ask for electricity, and return the purchase."""
        with self.door.for_business(self.noor.business_id) as session:
            visit = Visit.within(session)
            customer_id = session.scalars(select(Customer.id).where(Customer.account_no == account_no)).one()
            quoted = quote(visit, customer_id, self.meters[meter_no], minor, ZONE)
            return ask(visit, self.noor.business_id, quoted, WORDS, None)

    def purchase(self, purchase_id: UUID | None = None) -> Purchase:
        """Return a purchase, or the only one."""
        with self.door.for_every_business() as session:
            found = select(Purchase)
            return session.scalars(found.where(Purchase.id == purchase_id) if purchase_id else found).one()

    def purchases(self) -> list[Purchase]:
        """Return all of them, in order."""
        with self.door.for_every_business() as session:
            return list(session.scalars(select(Purchase).order_by(Purchase.id)))

    def tokens(self) -> list[Token]:
        """Return every token, in order."""
        with self.door.for_every_business() as session:
            return list(session.scalars(select(Token).order_by(Token.purchase_id, Token.part)))

    def hurry(self) -> None:
        """Let everything that waits for its time be due now."""
        with self.door.for_every_business() as session:
            session.execute(update(Purchase).where(Purchase.due_at.is_not(None)).values(due_at=Purchase.created_at))

    def accepted(self) -> dict[str, list[str]]:
        """Return what the vendor's books say that each meter accepted."""
        accepted: dict[str, list[str]] = self.box.books()["accepted"]
        return accepted


def sell(door: Door, noor: Noor) -> dict[str, UUID]:
    """Let the company sell: a tariff, and prepaid meters of Sara's (1001) and Omar's (1002)."""
    wanted = {"04012345678": "01412301374", "01000000016": "01412302745"}
    with door.for_business(noor.business_id) as session:
        session.add(
            Tariff(business_id=noor.business_id, code="HOME", valid_from=date(2020, 1, 1), name_en="Home",
                   name_ar="منزلي", blocks=[[0, 180_000], [60_000, 300_000]], fixed_fee_minor=0, currency="SAR")
        )  # fmt: skip
        for known, number in wanted.items():
            row = session.scalars(select(Meter).where(Meter.meter_no == known)).one()
            for name, value in {**STS, "meter_no": number}.items():
                setattr(row, name, value)
        session.flush()
        book_what_is_owed(session, noor)
        return {meter.meter_no: meter.id for meter in session.scalars(select(Meter))}


def book_what_is_owed(session: Session, noor: Noor) -> None:
    """Book the invoices of the fixture, as an import would have."""
    owed = session.execute(
        select(Invoice.customer_id, func.sum(Invoice.total_minor - Invoice.paid_minor))
        .where(Invoice.total_minor > Invoice.paid_minor)
        .group_by(Invoice.customer_id)
    )
    entries = [
        Entry(noor.business_id, noor.today, "opening", "test", new_id(),
              (debit(receivable(who), Money(int(minor), "SAR")), credit(house(OPENING), Money(int(minor), "SAR"))))
        for who, minor in owed
    ]  # fmt: skip
    post(Visit.within(session), entries)
