"""A storm over purchases: a vendor with every fault, workers that are killed, and the books afterwards."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import func, select, update
from stdnum import luhn

from domain.customers import Customer
from domain.door import Door, Visit
from domain.ids import new_id
from domain.ledger.chart import ELSEWHERE, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.ledger.verifying import verify
from domain.meters import Meter
from domain.money import Money
from domain.purchases import Purchase, Token
from domain.purchases.booking import pay
from domain.purchases.health import Seen, note_health
from domain.purchases.quoting import ask, quote
from domain.purchases.states import OPEN
from domain.tariffs import Tariff
from domain.wallet import wallet_of
from tests.catalogues import ROOT
from tests.noor import Noor
from tests.purchases.world import STS, WORDS, ZONE
from tests.vendors.emulator import CREDENTIALS, FACTS, HOME, Emulator

PRICE = 2_000
_SOON = timedelta(seconds=1)
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "slow", "rate": 0.2, "seconds": 0.2},
    {"kind": "error_500", "rate": 0.1},
    {"kind": "error_500_after", "rate": 0.1},
    {"kind": "timeout_before", "rate": 0.08, "seconds": 1.5},
    {"kind": "timeout_after", "rate": 0.08, "seconds": 1.5},
    {"kind": "duplicate", "rate": 0.1},
    {"kind": "out_of_credit", "rate": 0.05},
    {"kind": "unknown_meter", "rate": 0.05},
    {"kind": "error_500", "operation": "read", "rate": 0.2},
)


@dataclass
class Figures:
    """What came of it."""

    purchases: int
    states: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    faults: int = 0
    tokens: int = 0
    charges: int = 0
    accepted: int = 0
    used: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = ", ".join(f"{number} {state}" for state, number in sorted(self.states.items()))
        return (
            f"{self.purchases} purchases: {said}; {self.faults} faults, {self.kills} kills; {self.tokens} tokens, "
            f"{self.charges} charges at the vendor, {self.accepted} accepted, {self.used} used on a second try"
        )


def numbers(count: int) -> list[str]:
    """Return so many meter numbers with their check digits."""
    bodies = [f"{1_500_000_000 + number}".zfill(10) for number in range(count)]
    return [body + luhn.calc_check_digit(body) for body in bodies]


def meters_of(count: int) -> list[dict[str, Any]]:
    """Return what the vendor knows of them."""
    return [{**FACTS, "meter_no": number, "link": "none", "load_watts": 0} for number in numbers(count)]


def people(door: Door, noor: Noor, count: int, each: int) -> dict[UUID, UUID]:
    """Let there be customers with a meter and money for `each` purchases. Returns the meter of each."""
    with door.for_business(noor.business_id) as session:
        session.add(
            Tariff(business_id=noor.business_id, code="HOME", valid_from=date(2020, 1, 1), name_en="Home",
                   name_ar="منزلي", blocks=[[0, 180_000]], currency="SAR")
        )  # fmt: skip
        made = {}
        for at, number in enumerate(numbers(count)):
            customer = Customer(business_id=noor.business_id, account_no=f"C-{at}", name=f"Customer {at}")
            session.add(customer)
            session.flush()
            meter = Meter(business_id=noor.business_id, customer_id=customer.id, **{**STS, "meter_no": number})
            session.add(meter)
            session.flush()
            made[customer.id] = meter.id
        amount = Money(PRICE * each, "SAR")
        post(Visit.within(session), [
            Entry(noor.business_id, noor.today, "paid", "test", new_id(),
                  (debit(house(ELSEWHERE), amount), credit(wallet(customer_id), amount)))
            for customer_id in made
        ])  # fmt: skip
    with door.for_every_business() as session:
        note_health(Visit.within(session), Seen((), None, None), failing=False)
    return made


@contextmanager
def workers(environment: Mapping[str, str], box: Emulator, figures: Figures, stop_killing: Event) -> Iterator[None]:
    """Keep two worker programs running, and kill one with -9 again and again."""
    given = {**environment, "STS_VENDOR": "http", "STS_API_BASE_URL": box.url, "STS_API_TIMEOUT": "1000"}
    given |= {"STS_MERCHANT_ID": CREDENTIALS.merchant_id, "STS_API_KEY": CREDENTIALS.key}
    given |= {"STS_API_SECRET": CREDENTIALS.secret, "STS_API_RETRY_ATTEMPTS": "1", "STS_LOW_CREDIT": "0"}
    given |= {"LOG_LEVEL": "ERROR"}
    ended = Event()

    def start() -> "subprocess.Popen[bytes]":
        program = "from bot.jobs.vending import vend\nimport time\nwhile True:\n    vend()\n    time.sleep(0.1)"
        return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=given, stderr=subprocess.DEVNULL)

    running = [start(), start()]

    def kill() -> None:
        chance = random.Random(7)
        while not ended.wait(chance.uniform(2.5, 5.0)):
            if not stop_killing.is_set():
                victim = chance.randrange(len(running))
                running[victim].send_signal(signal.SIGKILL)
                running[victim].wait()
                figures.kills += 1
                running[victim] = start()

    killer = Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        ended.set()
        killer.join()
        for one in running:
            one.kill()
            one.wait()


def storm(door: Door, noor: Noor, environment: Mapping[str, str], box: Emulator, size: tuple[int, int]) -> Figures:
    """Let `size[1]` customers make `size[0]` purchases in it, wait until all is settled, and look at the books."""
    purchases, customers = size
    each = purchases // customers
    figures, calm = Figures(purchases), Event()
    made = people(door, noor, customers, each)
    for fault in FAULTS:
        box.fault(**fault)
    with workers(environment, box, figures, calm):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda one: _buy(door, noor, *one, each), made.items()))
        _wait_until_tried(door, figures)
        figures.faults = sum(one["met"] for one in requests.get(f"{box.url}/control/faults", timeout=5).json())
        requests.delete(f"{box.url}/control/faults", timeout=5)
        calm.set()
        _wait_until_settled(door)
    _count(door, noor, box, made, figures, each)
    return figures


def _buy(door: Door, noor: Noor, customer_id: UUID, meter_id: UUID, each: int) -> None:
    for _ in range(each):
        with door.for_business(noor.business_id) as session:
            visit = Visit.within(session)
            quoted = quote(visit, customer_id, meter_id, PRICE, ZONE)
            purchase_id = ask(visit, noor.business_id, quoted, WORDS, None)
        for _ in range(2):  # a message that comes twice
            with door.for_business(noor.business_id) as session:
                assert pay(Visit.within(session), purchase_id) in {"paid", "over"}


def _wait_until_tried(door: Door, figures: Figures) -> None:
    """Wait until the vendor was asked for everything, and somebody was killed over it."""
    until = monotonic() + 300
    while monotonic() < until:
        with door.for_every_business() as session:
            untried = select(func.count()).select_from(Purchase).where(Purchase.attempts == 0)
            if not session.scalar(untried) and figures.kills:
                return
        sleep(0.2)
    raise AssertionError("not everything was tried")


def _wait_until_settled(door: Door) -> None:
    until = monotonic() + 240
    while monotonic() < until:
        with door.for_every_business() as session:
            left = session.scalar(select(func.count()).select_from(Purchase).where(Purchase.state.in_(OPEN)))
            if not left:
                return
            # Pauses only: a claim still has to run out, and what is certain is still reckoned by when it was sent.
            waits = (Purchase.state == "paid") & (Purchase.due_at > func.now() + _SOON)
            session.execute(update(Purchase).where(waits).values(due_at=func.now() + _SOON))
        sleep(1)
    raise AssertionError(f"{left} purchases are not settled")


def _count(
    door: Door, noor: Noor, box: Emulator, made: dict[UUID, UUID], figures: Figures, each: int
) -> None:  # fmt: skip
    books = box.books()
    charges = {one["reference"]: one for one in books["charges"]}
    with door.for_every_business() as session:
        rows = list(session.scalars(select(Purchase)))
        tokens = list(session.scalars(select(Token)))
        meter_nos = {meter.id: meter.meter_no for meter in session.scalars(select(Meter))}
    figures.states = Counter(row.state for row in rows)
    figures.tokens, figures.charges = len(tokens), len(charges)
    digits = {str(token.purchase_id): token.digits for token in tokens}
    for row in rows:
        charge = charges.get(str(row.id))
        issued = [token["digits"] for token in charge["tokens"]] if charge else []
        if row.state == "issued" and issued != [digits.get(str(row.id))]:
            figures.wrong.append(f"{row.id}: issued, and the vendor has {len(issued)} tokens")
        if row.state == "refunded" and issued:
            figures.wrong.append(f"{row.id}: refunded, and the vendor issued")
    for token in sorted(tokens, key=lambda one: one.issued_at):
        at = replace(HOME, meter_no=meter_nos[token.meter_id])
        figures.accepted += box.type_in(at, token.digits)["result"] == "accepted"
        figures.used += box.type_in(at, token.digits)["result"] == "used"
    _money(door, noor, made, figures, each, rows)


def _money(
    door: Door, noor: Noor, made: dict[UUID, UUID], figures: Figures, each: int, rows: list[Purchase]
) -> None:  # fmt: skip
    with door.for_business(noor.business_id) as session:
        visit = Visit.within(session)
        for customer_id in made:
            spent = sum(row.total_minor for row in rows if row.customer_id == customer_id and row.state == "issued")
            left = wallet_of(visit, customer_id, "SAR").minor
            if left + spent != PRICE * each:
                figures.wrong.append(f"{customer_id}: {left} left and {spent} spent of {PRICE * each}")
    with door.for_a_look() as session:
        figures.wrong += [step.bad for step in verify(session) if step.bad and "owes" not in step.bad]
