"""Posting a payment: the entry, its invoice and the confirmation to the customer, in one transaction."""

from datetime import timedelta
from decimal import Decimal
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.ledger import DAY, RUNS, floors, people
from benchmarks.world import World
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

SINGLE = 150
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


def measure(world: World) -> dict[str, Any]:
    """Return the medians. The floor is one row with a unique column in a transaction of its own."""
    business, customers = people(world)
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute(_REACHED)
    services = make_services(read_settings(world.environment))
    _settled(services, _paid(services.door, business, customers))
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute("VACUUM ANALYZE")
    lowest, posted = [], []
    for _ in range(RUNS):
        lowest.append(floors(services.door, business))
        posted.append(_settled(services, _paid(services.door, business, customers)))
    with services.door.for_a_look() as session:
        bad = [step.bad for step in verify(session) if step.bad]
    services.close()
    if bad:
        raise RuntimeError(bad[0])
    return {
        "floor_per_second": round(median(lowest)),
        "payments_per_second_one_by_one": round(median(posted)),
        "ratio": round(median(p / f for p, f in zip(posted, lowest, strict=True)), 3),
    }


def _paid(door: Door, business: UUID, customers: list[UUID]) -> list[UUID]:
    """Let there be payments whose money has come, each for an invoice of its own."""
    line = (DraftLine("Electricity", "كهرباء", 10_000, "S", Decimal("0.15")),)
    drafts = [Draft(one, DAY + timedelta(days=4000), "Electricity", "كهرباء", line) for one in customers[:SINGLE]]
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


def _settled(services: Services, payments: list[UUID]) -> float:
    start = perf_counter()
    for payment in payments:
        with services.door.for_every_business() as session:
            settle_and_tell(services, session, payment)
    return len(payments) / (perf_counter() - start)
