"""Posting to the ledger: one entry for each transaction, and many at once; issuing invoices; and proving the book."""

from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.world import World
from domain.door import Door, Visit, service_engine
from domain.ids import new_id
from domain.issuing import Draft, DraftLine, issue
from domain.ledger.chart import CASH, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.ledger.verifying import verify
from domain.money import Money

RUNS = 5
SINGLE = 200
TOGETHER = 500
CUSTOMERS = 500
DAY = date(2026, 11, 20)

_CUSTOMERS = f"""
INSERT INTO business (id, created_at, code, name_en, name_ar, currency, timezone, country, vat_rate, language)
    VALUES (gen_random_uuid(), now(), 'NOOR', 'Noor Electricity', 'كهرباء النور', 'SAR', 'Asia/Riyadh', 'SA', 0.15,
            'ar');
INSERT INTO customer (id, created_at, business_id, account_no, name, opening_balance_minor, marketing_consent, tags,
        protected)
    SELECT gen_random_uuid(), now(), id, 'A' || n, 'Customer ' || n, 0, false, '{{}}', false
    FROM business, generate_series(1, {CUSTOMERS}) AS n;
ANALYZE;
"""  # noqa: S608
_FLOOR = """
CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source uuid UNIQUE, minor bigint);
GRANT INSERT ON floor TO raseed;
"""


def measure(world: World) -> dict[str, Any]:
    """Return the medians. The floor is one row with a unique column in a transaction of its own."""
    business, customers = people(world)
    door = Door(service_engine(world.environment["DATABASE_URL"]))
    lowest, singles, together, issued = [], [], [], []
    _together(door, business, customers)
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute(_FLOOR)
        # As autovacuum does by itself in a minute: what was planned while the tables were empty is planned anew.
        database.execute("VACUUM ANALYZE")
    for _ in range(RUNS):
        lowest.append(floors(door, business))
        singles.append(_singles(door, business, customers))
        together.append(_together(door, business, customers))
        issued.append(_issued(door, business, customers))
    entries, seconds = _proven(door)
    return {
        "floor_per_second": round(median(lowest)),
        "entries_per_second_one_by_one": round(median(singles)),
        "ratio": round(median(s / f for s, f in zip(singles, lowest, strict=True)), 3),
        "entries_per_second_together": round(median(together)),
        "invoices_per_second_together": round(median(issued)),
        "entries_proven_per_second": round(entries / seconds),
    }


def people(world: World) -> tuple[UUID, list[UUID]]:
    """Let there be a business with customers. Returns their ids."""
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute(_CUSTOMERS)
        rows = database.execute("SELECT business_id, id FROM customer ORDER BY account_no").fetchall()
    return rows[0][0], [row[1] for row in rows]


def _top_up(business: UUID, customer: UUID) -> Entry:
    amount = Money(100, "SAR")
    return Entry(
        business, DAY, "top_up", "bench", new_id(), (debit(house(CASH), amount), credit(wallet(customer), amount))
    )


def floors(door: Door, business: UUID) -> float:
    """Return how many rows a second are written, each in a transaction of its own."""
    start = perf_counter()
    for _ in range(SINGLE):
        with door.for_business(business) as session:
            Visit.within(session).ask(
                "INSERT INTO floor (source, minor) VALUES (%(source)s, 100)", {"source": new_id()}
            )
    return SINGLE / (perf_counter() - start)


def _singles(door: Door, business: UUID, people: list[UUID]) -> float:
    start = perf_counter()
    for number in range(SINGLE):
        with door.for_business(business) as session:
            post(Visit.within(session), [_top_up(business, people[number % len(people)])])
    return SINGLE / (perf_counter() - start)


def _together(door: Door, business: UUID, people: list[UUID]) -> float:
    entries = [_top_up(business, people[number % len(people)]) for number in range(TOGETHER)]
    start = perf_counter()
    with door.for_business(business) as session:
        post(Visit.within(session), entries)
    return TOGETHER / (perf_counter() - start)


def _issued(door: Door, business: UUID, people: list[UUID]) -> float:
    lines = tuple(DraftLine("Electricity", "كهرباء", 10000 + n, "S", Decimal("0.15")) for n in range(3))
    drafts = [Draft(person, DAY + timedelta(days=4000), "Electricity", "كهرباء", lines) for person in people]
    start = perf_counter()
    with door.for_business(business) as session:
        issue(Visit.within(session), business, drafts)
    return len(drafts) / (perf_counter() - start)


def _proven(door: Door) -> tuple[int, float]:
    start, entries = perf_counter(), 0
    with door.for_a_look() as session:
        for step in verify(session):
            if step.bad:
                raise RuntimeError(step.bad)
            entries = step.total if step.what == "entries" else entries
    return entries, perf_counter() - start
