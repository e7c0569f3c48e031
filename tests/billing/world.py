"""A company with postpaid meters and their readings, for the tests of billing: many at once, each for a reason."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from domain.billing.runs import Run, ask_run
from domain.billing.tables import BillingItem
from domain.businesses import Business
from domain.door import Door, Visit
from domain.ids import new_id
from domain.meters import Meter
from domain.readings import Reading
from domain.senders import Sender
from domain.tariffs import Tariff

ZONE = ZoneInfo("Asia/Riyadh")
# Every month's turn as it is read: on its first day, at eight in the morning.
_PEOPLE = """
INSERT INTO customer (id, created_at, business_id, account_no, name, name_ar, language, phone, opening_balance_minor,
                      marketing_consent, tags, protected)
SELECT gen_random_uuid(), now(), :business, 'A' || lpad(n::text, 7, '0'), 'Customer ' || n, 'عميل ' || n,
       CASE n % 2 WHEN 0 THEN 'ar' ELSE 'en' END, '+9665' || lpad(n::text, 8, '0'), 0, false, '{}', false
FROM generate_series(1, :count) AS n;
"""
_METERS = """
INSERT INTO meter (id, created_at, business_id, customer_id, meter_no, kind, network, tariff, active, register_digits)
SELECT gen_random_uuid(), now(), :business, id, replace(account_no, 'A', 'M'), 'postpaid', 'manual', 'HOME', true, 6
FROM customer WHERE business_id = :business;
"""
_READINGS = """
INSERT INTO reading (id, created_at, business_id, meter_id, read_at, source, wh, origin, state)
SELECT gen_random_uuid(), now(), :business, meter.id, turn, 'actual',
       number * (300 + hashtext(meter_no) % 250 + 5 * number) * 1000, 'file', 'accepted'
FROM meter CROSS JOIN ROWS FROM (unnest(CAST(:turns AS timestamptz[]))) WITH ORDINALITY AS turned (turn, number)
WHERE meter.business_id = :business;
"""


@dataclass(frozen=True, slots=True)
class Company:
    """The business whose meters are billed."""

    door: Door
    business_id: UUID

    def asks(self, period: date, *, dry_run: bool = False) -> UUID:
        """Ask for a run."""
        with self.door.for_business(self.business_id) as session:
            return ask_run(Visit.within(session), self.business_id, period, dry_run=dry_run, asked_by="test")

    def looks(self, statement: str, **values: Any) -> list[Any]:
        """Ask the database for rows."""
        with self.door.for_business(self.business_id) as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def does(self, statement: str, **values: Any) -> None:
        """Tell the database something."""
        with self.door.for_business(self.business_id) as session:
            session.execute(text(statement), values)

    def reads(self, meter_no: str, day: date, kwh: int, **more: Any) -> UUID:
        """Let a meter be read on a day at eight."""
        reading = Reading(
            id=new_id(), business_id=self.business_id, meter_id=self.meter(meter_no).id, read_at=at(day),
            wh=kwh * 1000, origin=more.pop("origin", "file"), **more,
        )  # fmt: skip
        with self.door.for_business(self.business_id) as session:
            session.add(reading)
        return reading.id

    def meter(self, meter_no: str) -> Meter:
        """Return a meter."""
        with self.door.for_business(self.business_id) as session:
            return session.scalars(select(Meter).where(Meter.meter_no == meter_no)).one()

    def item(self, meter_no: str, period: date) -> BillingItem:
        """Return how a meter stands in a period."""
        statement = (
            select(BillingItem)
            .join(Meter, Meter.id == BillingItem.meter_id)
            .where(Meter.meter_no == meter_no, BillingItem.period == period, BillingItem.state != "cancelled")
        )
        with self.door.for_business(self.business_id) as session:
            return session.scalars(statement).one()

    def bill(self, meter_no: str, period: date) -> list[tuple[str, int]]:
        """Return the lines of a meter's invoice: what they say, and their amounts."""
        rows = self.looks(
            "SELECT description_en, net_minor FROM invoice_line WHERE invoice_id = :id ORDER BY n",
            id=self.item(meter_no, period).invoice_id,
        )
        return [(said, minor) for said, minor in rows]


def at(day: date) -> datetime:
    """Return eight in the morning of a day."""
    return datetime(day.year, day.month, day.day, 8, tzinfo=ZONE)


def founded(door: Door, code: str = "NOOR", **rules: Any) -> Company:
    """Found a company that has a number on WhatsApp, a tariff, and no meters yet."""
    business_id = new_id()
    with door.for_business(business_id) as session:
        session.add(Business(id=business_id, code=code, name_en="Noor Electricity", name_ar="كهرباء النور", **rules))
        session.flush()
        session.add(Sender(business_id=business_id, channel="whatsapp", address=f"+9661120{sum(map(ord, code)):05}"))
        session.add(Sender(business_id=business_id, channel="sms", address=f"+9661121{sum(map(ord, code)):05}"))
        session.add(tariff(business_id))
    return Company(door, business_id)


def tariff(business_id: UUID, since: date = date(2020, 1, 1), **more: Any) -> Tariff:
    """Return the tariff that homes have."""
    facts = {"blocks": [[0, 180_000], [60_000, 300_000]], "fixed_fee_minor": 1_000, "code": "HOME", **more}
    return Tariff(business_id=business_id, valid_from=since, name_en="Home", name_ar="منزلي", currency="SAR", **facts)


def with_meters(company: Company, count: int, turns: list[date]) -> None:
    """Let there be `count` customers with a meter each, all of them read on the days of `turns`."""
    with company.door.for_business(company.business_id) as session:
        values = {"business": company.business_id, "count": count, "turns": [at(day) for day in turns]}
        for statement in (_PEOPLE, _METERS, _READINGS):
            session.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})


def turns(first: date, months: int) -> list[date]:
    """Return the first days of so many months."""
    days = [first]
    while len(days) < months:
        days.append((days[-1] + timedelta(days=32)).replace(day=1))
    return days


def report(run: Run) -> dict[str, Any]:
    """Return the report of a run, which has ended."""
    assert run.report is not None
    return run.report
