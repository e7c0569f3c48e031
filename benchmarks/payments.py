"""Posting a payment: the entry, its invoice and the confirmation to the customer, in one transaction; against floor A.

Both have two processes, as gunicorn and the workers have. The floor's take sixteen requests at once; those that post
have one payment each in hand.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from decimal import Decimal
from multiprocessing import get_context
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg

from benchmarks import floor_a
from benchmarks.ledger import DAY, RUNS, people
from benchmarks.load import put_load
from benchmarks.world import World, served
from bot.payments.telling import settle_and_tell
from bot.services import Services, make_services
from bot.settings import read_settings
from domain.door import Door, Visit
from domain.issuing import Draft, DraftLine, issue
from domain.ledger.verifying import verify
from domain.money import Money
from domain.payments.moving import move
from domain.payments.starting import Share, Wanted, write_attempt
from domain.payments.states import CREATED, PAY
from domain.payments.tables import INVOICE, LINK

PROCESSES = 2
PAYMENTS = 500
_REACHED = """
INSERT INTO sender (id, created_at, business_id, channel, address, enabled, messages_per_second)
    SELECT gen_random_uuid(), now(), id, 'whatsapp', '+966112000001', true, 10 FROM business;
UPDATE customer SET phone = '+9665' || lpad(substr(account_no, 2), 8, '0');
INSERT INTO contact (id, created_at, business_id, channel, address)
    SELECT gen_random_uuid(), now(), business_id, 'whatsapp', phone FROM customer;
INSERT INTO contact_customer (id, created_at, business_id, contact_id, customer_id, source)
    SELECT gen_random_uuid(), now(), customer.business_id, contact.id, customer.id, 'import'
    FROM customer JOIN contact ON contact.address = customer.phone;
INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses, last_inbound_at)
    SELECT gen_random_uuid(), now(), contact.business_id, sender.id, contact.id, '{}', 1, 0, now()
    FROM contact, sender;
"""


# What a process that posts has: made once, as a worker makes it.
_mine: list[Services] = []


def measure(world: World) -> dict[str, Any]:
    """Return the medians."""
    business, customers = people(world)
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute(_REACHED + floor_a.TABLE)
    services = make_services(read_settings(world.environment))
    with (
        ProcessPoolExecutor(PROCESSES, get_context("spawn"), _begin, (world.environment,)) as posting,
        served(floor_a.APPLICATION, world.environment) as floor,
    ):
        lowest, posted = [], []
        for run in range(RUNS + 1):
            a_floor = put_load(floor, floor_a.requests(PAYMENTS * 3), floor_a.CONNECTIONS).per_second
            per_second = _posted(posting, _paid(services.door, business, customers))
            if run == 0:  # as autovacuum does by itself in a minute: what was planned while empty is planned anew
                with psycopg.connect(world.owner_url, autocommit=True) as database:
                    database.execute("VACUUM ANALYZE")
                continue
            lowest.append(a_floor)
            posted.append(per_second)
    _prove(services)
    return {
        "floor_per_second": round(median(lowest)),
        "payments_per_second": round(median(posted)),
        "ratio": round(median(p / f for p, f in zip(posted, lowest, strict=True)), 3),
        "wanted_ratio": 0.25,
    }


def _prove(services: Services) -> None:
    with services.door.for_a_look() as session:
        bad = [step.bad for step in verify(session) if step.bad]
    services.close()
    if bad:
        raise RuntimeError(bad[0])


def _begin(environment: dict[str, str]) -> None:
    _mine.append(make_services(read_settings(environment)))


def _posted(posting: ProcessPoolExecutor, payments: list[UUID]) -> float:
    """Return how many payments a second the processes post between them."""
    start = perf_counter()
    shares = [payments[n::PROCESSES] for n in range(PROCESSES)]
    if sum(posting.map(_settled, shares)) != len(payments):
        raise RuntimeError("not every payment was posted")
    return len(payments) / (perf_counter() - start)


def _settled(payments: Sequence[UUID]) -> int:
    done = 0
    for payment in payments:
        with _mine[0].door.for_every_business() as session:
            done += settle_and_tell(_mine[0], session, payment) is not None
    return done


def _paid(door: Door, business: UUID, customers: list[UUID]) -> list[UUID]:
    """Let there be payments whose money has come, each for an invoice of its own."""
    line = (DraftLine("Electricity", "كهرباء", 10_000, "S", Decimal("0.15")),)
    drafts = [Draft(one, DAY + timedelta(days=4000), "Electricity", "كهرباء", line) for one in customers[:PAYMENTS]]
    with door.for_business(business) as session:
        visit = Visit.within(session)
        issued = issue(visit, business, drafts)
        return [
            _attempt(visit, business, draft.customer_id, Share(one.invoice_id, one.total.minor))
            for draft, one in zip(drafts, issued, strict=True)
        ]


def _attempt(visit: Visit, business: UUID, customer: UUID, share: Share) -> UUID:
    wanted = Wanted(business, customer, LINK, Money(share.minor, "SAR"), INVOICE, (share,))
    payment = write_attempt(visit, wanted, CREATED, ask_at=None)
    move(visit, payment, PAY, received_minor=share.minor, received_currency="SAR")
    return payment
