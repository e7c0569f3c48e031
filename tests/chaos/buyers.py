"""Customers with money: each has a meter, a wallet and invoices, and buys, pays and tops up until all is done."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from threading import Event
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session
from stdnum import luhn

from domain.clock import today
from domain.door import DATABASE_ERRORS, Door, Visit
from domain.ids import new_id
from domain.issuing import Draft, DraftLine, issue
from domain.ledger.chart import ELSEWHERE, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.meters import Meter
from domain.money import Money
from domain.payments.spending import Changed, TooLittle, pay_from_wallet, shares_of, wanted_from_wallet
from domain.payments.starting import Wanted, start_payment
from domain.payments.tables import INVOICE, LINK, PURCHASE, SADAD, TOP_UP
from domain.purchases.booking import DOWN, await_payment, pay
from domain.purchases.health import Seen, note_health
from domain.purchases.quoting import ask, quote
from domain.tariffs import Tariff
from tests.chaos.people import Person, talker
from tests.chaos.plan import Size, chance_of
from tests.chaos.twilio import Twilio
from tests.purchases.world import STS, WORDS, ZONE

# SADAD takes no less than this, in minor units.
PRICE: Final = 10_000
_WITHIN: Final = 0.8
_AT_ONCE: Final = 4
_RETRY: Final = 0.3
_WAYS: Final = (None, None, LINK, SADAD)
Deed = Callable[[Visit, Random], bool]


@dataclass(slots=True)
class Buyer:
    """A customer, their meter, their talk with us, and the invoices that they are to pay."""

    customer_id: UUID
    meter_id: UUID
    meter_no: str
    person: Person
    invoices: list[UUID] = field(default_factory=list)
    given: int = 0
    waiting: UUID | None = None
    outcomes: Counter[str] = field(default_factory=Counter)


def meter_numbers(count: int) -> list[str]:
    """Return so many meter numbers with their check digits."""
    bodies = [str(1_500_000_000 + number).zfill(10) for number in range(count)]
    return [body + luhn.calc_check_digit(body) for body in bodies]


def settle_buyers(door: Door, business_id: UUID, twilio: Twilio, size: Size) -> list[Buyer]:
    """Let there be buyers, with money for half of what they want, and the invoices that they will pay."""
    each = -(-size.payments // max(size.buyers, 1))
    with door.for_business(business_id) as session:
        session.add(
            Tariff(business_id=business_id, code="HOME", valid_from=date(2020, 1, 1), name_en="Home", name_ar="منزلي",
                   blocks=[[0, 180_000]], currency="SAR")
        )  # fmt: skip
        made = [_buyer(session, business_id, at, number) for at, number in enumerate(meter_numbers(size.buyers))]
        amount = Money(PRICE * (size.purchases // max(size.buyers, 1)), "SAR")
        _fill(session, business_id, made, amount)
        due = today(ZONE) + timedelta(days=30)
        for buyer in made:
            lines = [
                (DraftLine("Electricity", "كهرباء", 10_000 + 100 * at, "S", Decimal("0.15")),) for at in range(each)
            ]
            drafts = [Draft(buyer.customer_id, due, "Electricity", "كهرباء", line) for line in lines]
            issued = issue(Visit.within(session), business_id, drafts) if drafts else []
            buyer.invoices = [one.invoice_id for one in issued]
    with door.for_every_business() as session:
        note_health(Visit.within(session), Seen((), None, None), failing=False)
    for buyer in made:
        if buyer.person.channel == "whatsapp":
            twilio.post("window", {"company": buyer.person.number, "person": buyer.person.phone, "open": True})
    return made


def _buyer(session: Session, business_id: UUID, at: int, number: str) -> Buyer:
    person, customer_id = talker(session, business_id, f"+96650003{at:04d}", "sms" if at % 3 == 0 else "whatsapp")
    meter = Meter(business_id=business_id, customer_id=customer_id, **{**STS, "meter_no": number})
    session.add(meter)
    session.flush()
    return Buyer(customer_id, meter.id, number, person)


def _fill(session: Session, business_id: UUID, buyers: list[Buyer], amount: Money) -> None:
    for buyer in buyers:
        if amount.minor:
            lines = (debit(house(ELSEWHERE), amount), credit(wallet(buyer.customer_id), amount))
            post(Visit.within(session), [Entry(business_id, today(ZONE), "gift", "test", new_id(), lines)])
            buyer.given = amount.minor


class Shopping:
    """All that the buyers do, over the first part of the run. Of one buyer, one thing comes after the other."""

    def __init__(self, door: Door, business_id: UUID, buyers: list[Buyer], seed: int, size: Size) -> None:
        self._door = door
        self._business_id = business_id
        self._buyers = buyers
        self._seed = seed
        self._size = size
        self.done = 0

    def do_all(self, stopped: Event) -> None:
        """Do all of it. Whatever the database did not do is tried again."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(
                pool.map(
                    lambda buyers: self._live(buyers, stopped), [self._buyers[n::_AT_ONCE] for n in range(_AT_ONCE)]
                )
            )

    @property
    def figures(self) -> dict[str, Any]:
        """How much was done, and what came of paying purchases from the wallet."""
        return {"deeds": self.done, "from wallets": sum((buyer.outcomes for buyer in self._buyers), Counter())}

    def _live(self, buyers: list[Buyer], stopped: Event) -> None:
        """Live through what these buyers do, in the order of its time."""
        plan = sorted(
            ((at, buyer, deed, chance) for buyer in buyers for at, deed, chance in self._plan(buyer)),
            key=lambda one: one[0],
        )
        began = monotonic()
        for at, buyer, deed, chance in plan:
            if stopped.wait(max(began + at - monotonic(), 0)):
                return
            while not self._does(buyer, deed, chance):
                if stopped.wait(_RETRY):
                    return
            self.done += 1

    def _plan(self, buyer: Buyer) -> list[tuple[float, "BuyerDeed", Random]]:
        chance = chance_of(self._seed, f"buyer {buyer.person.phone}")
        number = max(len(self._buyers), 1)
        deeds: list[BuyerDeed] = [_buy] * (self._size.purchases // number)
        payments = self._size.payments // number
        deeds += [_top_up if at % 3 == 0 else _pay_invoice for at in range(payments)]
        chance.shuffle(deeds)
        within = self._size.seconds * _WITHIN
        return [(chance.uniform(0, within), deed, Random(chance.random())) for deed in deeds]

    def _does(self, buyer: Buyer, deed: "BuyerDeed", chance: Random) -> bool:
        try:
            return deed(self._door, self._business_id, buyer, chance)
        except DATABASE_ERRORS:
            self._door.forget_connections()
            return False


BuyerDeed = Callable[[Door, UUID, Buyer, Random], bool]


def _buy(door: Door, business_id: UUID, buyer: Buyer, chance: Random) -> bool:
    """Buy from the wallet, by link or by SADAD. False: the vendor is down, and it is tried again."""
    way = chance.choice(_WAYS)
    if buyer.waiting is None:
        with door.for_business(business_id) as session:
            visit = Visit.within(session)
            quoted = quote(visit, buyer.customer_id, buyer.meter_id, PRICE, ZONE)
            bought = ask(visit, business_id, quoted, WORDS, buyer.person.conversation_id)
            if way is not None and await_payment(visit, bought):
                amount = Money(PRICE, "SAR")
                start_payment(visit, _wanted(business_id, buyer, way, amount, PURCHASE, bought))
        if way is not None:
            return True
        buyer.waiting = bought
    for _ in range(2):  # a message that comes twice
        with door.for_business(business_id) as session:
            outcome = pay(Visit.within(session), buyer.waiting)
    buyer.outcomes[outcome] += 1
    if outcome == DOWN:
        return False
    buyer.waiting = None
    return True


def _top_up(door: Door, business_id: UUID, buyer: Buyer, chance: Random) -> bool:
    """Put money into the wallet."""
    amount = Money(PRICE + chance.randrange(1, 9_999), "SAR")
    with door.for_business(business_id) as session:
        start_payment(Visit.within(session), _wanted(business_id, buyer, chance.choice((LINK, SADAD)), amount, TOP_UP))
    return True


def _pay_invoice(door: Door, business_id: UUID, buyer: Buyer, chance: Random) -> bool:
    """Pay an invoice; sometimes two of them, or one that is being paid already, by another way."""
    chosen = chance.sample(buyer.invoices, min(chance.choice((1, 1, 1, 2)), len(buyer.invoices)))
    way = chance.choice(_WAYS)
    with door.for_business(business_id) as session:
        visit = Visit.within(session)
        try:
            shares = shares_of(visit, business_id, buyer.customer_id, chosen)
            wanted = wanted_from_wallet(business_id, buyer.customer_id, shares, "SAR")
            if way is None:
                pay_from_wallet(visit, wanted)
            else:
                start_payment(
                    visit,
                    Wanted(business_id, buyer.customer_id, way, wanted.amount, INVOICE, shares,
                           conversation_id=buyer.person.conversation_id),
                )  # fmt: skip
        except (Changed, TooLittle):
            return True
    return True


def _wanted(
    business_id: UUID, buyer: Buyer, way: str, amount: Money, purpose: str, purchase: UUID | None = None
) -> Wanted:
    return Wanted(
        business_id, buyer.customer_id, way, amount, purpose, purchase_id=purchase,
        conversation_id=buyer.person.conversation_id,
    )  # fmt: skip
