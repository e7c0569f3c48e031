"""What the tests of the ledger have in common."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.customers import Customer
from domain.door import Door, Visit
from tests.noor import Noor

Visiting = Callable[[], "contextmanager[Visit]"]


@pytest.fixture
def visiting(door: Door, noor: Noor) -> Visiting:
    """Open a transaction of the company's."""

    @contextmanager
    def visit() -> Iterator[Visit]:
        with door.for_business(noor.business_id) as session:
            yield Visit.within(session)

    return visit


@pytest.fixture
def people(door: Door, noor: Noor) -> list[UUID]:
    """The customers of the company, by account number."""
    with door.for_business(noor.business_id) as session:
        return list(session.scalars(select(Customer.id).order_by(Customer.account_no)))
