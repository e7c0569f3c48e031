"""A company with invoices, a clock that is set, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from domain import clock
from domain.customers import Customer
from domain.door import Door
from domain.dunning.rules import DunningRules
from domain.hours import Holiday
from domain.invoices import Invoice
from domain.meters import Meter
from tests.noor import SARA, Noor

RIYADH = "Asia/Riyadh"
# A Monday: nobody is off, nor on the day after.
MONDAY = date(2026, 11, 23)


@contextmanager
def at(patch: pytest.MonkeyPatch, day: date, hour: int = 9, minute: int = 5, zone: str = RIYADH) -> Iterator[datetime]:
    """Let it be that hour of that day."""
    instant = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
    with patch.context() as patched:
        patched.setattr(clock, "now", lambda: instant)
        for module in _READERS:
            patched.setattr(f"{module}.now", lambda: instant)
        yield instant


_READERS = (
    "domain.dunning.reminding", "domain.dunning.plans", "domain.dunning.fees", "domain.dunning.cutting",
    "domain.dunning.reconnecting",
    "domain.dunning.disputing", "domain.subsidies.charging", "domain.subsidies.settling", "domain.speaking",
    "domain.ways", "domain.outbox", "domain.issuing", "domain.vendors.reports", "domain.ledger.posting",
)  # fmt: skip


def only_invoice(
    door: Door,
    noor: Noor,
    due: date,
    total: int = 20_000,
    phone: str = SARA,
    issued: date | None = None,
    no: str = "D-1",
) -> UUID:
    """Let this be the one open invoice there is, but for those of other calls."""
    with door.for_business(noor.business_id) as session:
        session.execute(text("UPDATE invoice SET status = 'cancelled' WHERE invoice_no LIKE 'INV-%'"))
        owner = session.scalars(select(Customer).where(Customer.phone == phone)).first()
        assert owner is not None
        row = Invoice(business_id=noor.business_id, customer_id=owner.id, invoice_no=no, status="issued",
                      issue_date=issued or due - timedelta(days=30), due_date=due, currency="SAR", net_minor=total,
                      vat_minor=0, total_minor=total, paid_minor=0)  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def pays(door: Door, invoice_id: UUID, minor: int) -> None:
    """Let so much be paid of an invoice."""
    with door.for_every_business() as session:
        session.execute(
            text("UPDATE invoice SET paid_minor = paid_minor + :minor, status = CASE WHEN paid_minor + :minor = "
                 "total_minor THEN 'paid' ELSE 'part_paid' END WHERE id = :id"),
            {"minor": minor, "id": invoice_id},
        )  # fmt: skip


def rules(door: Door, noor: Noor, **said: Any) -> None:
    """Give the company rules."""
    with door.for_business(noor.business_id) as session:
        own = select(DunningRules).where(DunningRules.business_id == noor.business_id)
        row = session.scalars(own).one_or_none() or DunningRules(business_id=noor.business_id)
        for name, value in said.items():
            setattr(row, name, value)
        session.add(row)


def holiday(door: Door, noor: Noor, day: date) -> None:
    """Let a day be a holiday."""
    with door.for_business(noor.business_id) as session:
        session.add(Holiday(business_id=noor.business_id, date=day, name_en="Eid", name_ar="عيد"))


def protect(door: Door, phone: str = SARA) -> None:
    """Let a customer be protected."""
    with door.for_every_business() as session:
        session.execute(update(Customer).where(Customer.phone == phone).values(protected=True))


def on_network(door: Door, noor: Noor, phone: str = SARA) -> UUID:
    """Give a customer a postpaid meter on the network."""
    with door.for_business(noor.business_id) as session:
        owner = session.scalars(select(Customer).where(Customer.phone == phone)).first()
        assert owner is not None
        row = Meter(business_id=noor.business_id, customer_id=owner.id, meter_no="0143000", kind="postpaid",
                    network="acrel", tariff="HOME")  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def rows(door: Door, statement: str) -> list[tuple[Any, ...]]:
    """Return what the database says."""
    with door.for_every_business() as session:
        return [tuple(row) for row in session.execute(text(statement))]


def stages(door: Door) -> list[tuple[Any, ...]]:
    """Return the reminders that there are, in their order."""
    return rows(door, "SELECT kind, stage FROM reminder ORDER BY day, kind")


def messages(door: Door) -> list[tuple[Any, ...]]:
    """Return the reminders as messages: status and reason."""
    return rows(door, "SELECT status, reason FROM message WHERE reminder_id IS NOT NULL ORDER BY seq")
