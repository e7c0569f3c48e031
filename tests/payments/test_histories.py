"""Thousands of random histories of payments; then the whole book proves itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.customers import Customer
from domain.door import Door, Visit
from domain.ids import new_id
from domain.issuing import Draft, DraftLine, issue
from domain.ledger.verifying import verify
from tests.noor import Noor
from tests.payments.conftest import Till
from tests.payments.histories import History

AT_ONCE = 3


def people(door: Door, noor: Noor, number: int) -> dict[UUID, list[UUID]]:
    """Let there be customers with three invoices each."""
    customers = [new_id() for _ in range(number)]
    with door.for_business(noor.business_id) as session:
        session.add_all(
            Customer(id=one, business_id=noor.business_id, account_no=f"H{n}", name=f"Customer {n}")
            for n, one in enumerate(customers)
        )
        session.flush()
        due = noor.today + timedelta(days=9)
        lines = [(DraftLine("Electricity", "كهرباء", net, "S", Decimal("0.15")),) for net in (1_000, 7_777, 25_000)]
        drafts = [Draft(one, due, "Electricity", "كهرباء", line) for one in customers for line in lines]
        issued = issue(Visit.within(session), noor.business_id, drafts)
    ids = [one.invoice_id for one in issued]
    return {one: ids[3 * n : 3 * n + 3] for n, one in enumerate(customers)}


def lived(door: Door, noor: Noor, number: int, seed: int) -> None:
    """Let so many customers live through a history each, and look at the book."""
    histories = [
        History(door, noor.business_id, one, invoices, seed + n)
        for n, (one, invoices) in enumerate(people(door, noor, number).items())
    ]
    with ThreadPoolExecutor(2 * AT_ONCE) as pool, ThreadPoolExecutor(AT_ONCE) as lives:
        for done in [lives.submit(one.live, pool) for one in histories]:
            done.result()
    for one in histories:
        one.check()
    with door.for_a_look() as session:
        assert [step.bad for step in verify(session) if step.bad] == []


def test_nothing_disappears_and_nothing_is_paid_twice(door: Door, noor: Noor, till: Till) -> None:
    lived(door, noor, 500, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10_000, 100_000, 10_000))
def test_nothing_disappears_in_many_more(door: Door, noor: Noor, till: Till, seed: int) -> None:
    lived(door, noor, 3_000, seed)
