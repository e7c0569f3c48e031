"""Noor Electricity, as the tests know it: few customers, each for a reason."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from domain import clock
from domain.businesses import Business
from domain.contacts import Contact
from domain.customers import ContactCustomer, Customer
from domain.door import Door
from domain.dunning.rules import DunningRules
from domain.hours import OpeningHours
from domain.ids import new_id
from domain.invoices import Invoice, status_of
from domain.meters import Meter
from domain.outages import Outage
from domain.senders import Sender
from domain.subscriptions import Plan, Subscription
from domain.subscriptions.wall import beginning_of, midnight

WHATSAPP = "+966112000001"
SMS = "+966112000002"
SARA = "+966500000001"  # everything: an overdue and an open invoice, two meters, an active subscription
OMAR = "+966500000002"  # two accounts on one phone; English on file
HUDA = "+966500000003"  # nothing at all, no language on file
PAUSED = "+966500000004"  # a paused subscription and nothing else, where the power is away
SARA_MAIL = "sara@customer.example"  # hers alone has one
STRANGER = "+966500000099"
FORGETFUL = "+966500000098"  # a stranger too


@dataclass(frozen=True, slots=True)
class Noor:
    """Who and what there is."""

    business_id: UUID
    today: date


def found_noor(door: Door, code: str = "NOOR", whatsapp: str = WHATSAPP, sms: str = SMS) -> Noor:
    """Write the company and its customers into the database."""
    business_id = new_id()
    today = clock.today("Asia/Riyadh")
    with door.for_business(business_id) as session:
        session.add(Business(id=business_id, code=code, name_en="Noor Electricity", name_ar="كهرباء النور"))
        session.flush()
        session.add_all(
            [
                Sender(business_id=business_id, channel="whatsapp", address=whatsapp),
                Sender(business_id=business_id, channel="sms", address=sms),
            ]
        )
        session.add(DunningRules(business_id=business_id, instalments_from_minor=10_000))
        _customers(session, business_id, today)
    return Noor(business_id, today)


def keep_hours(door: Door, noor: Noor) -> None:
    """Let somebody be there from Sunday to Thursday, from eight to five."""
    with door.for_business(noor.business_id) as session:
        for weekday in (6, 0, 1, 2, 3):
            _add(session, OpeningHours, noor.business_id, weekday=weekday, opens=time(8), closes=time(17))


def _customers(session: Session, business_id: UUID, today: date) -> None:
    sara = _customer(session, business_id, SARA, "1001", "Sara Al-Ghamdi", "سارة الغامدي", "ar")
    sara.email = SARA_MAIL
    home = _customer(session, business_id, OMAR, "1002", "Omar Hassan", "عمر حسن", "en")
    shop = _customer(session, business_id, OMAR, "1003", "Omar's Shop", "متجر عمر", "en")
    _customer(session, business_id, HUDA, "1004", "Huda", None, None)
    paused = _customer(session, business_id, PAUSED, "1005", "Laila", "ليلى", "ar")
    _invoice(session, sara, "INV-1", today - timedelta(days=40), today - timedelta(days=10), 11435, 0)
    _invoice(session, sara, "INV-2", today - timedelta(days=10), today + timedelta(days=7), 20000, 10000)
    _invoice(session, sara, "INV-3", today - timedelta(days=90), today - timedelta(days=60), 5000, 5000)
    _invoice(session, shop, "INV-4", today, today + timedelta(days=30), 123450, 0)
    _meter(session, sara, "04012345678", "البيت")
    _meter(session, sara, "07098765432", None)
    _meter(session, home, "01000000016", "Home")
    plan = _add(
        session, Plan, business_id, code="M", name_en="Monthly plan", name_ar="الباقة الشهرية", days=30,
        price_minor=9900, currency="SAR",
    )  # fmt: skip
    paused.area = "Rawdah"
    _add(
        session, Outage, business_id, reference="O-1", area="Rawdah", kind="planned",
        reason_en="Works on the transformer", reason_ar="أعمال في المحوّل", starts_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + timedelta(days=40),
    )  # fmt: skip
    _subscription(session, sara, plan, "S-1", "active", today - timedelta(days=18), None)
    _subscription(session, paused, plan, "S-2", "paused", today - timedelta(days=25), today - timedelta(days=5))


def _add(session: Session, table: type[Any], business_id: UUID, **values: Any) -> Any:
    row = table(business_id=business_id, **values)
    session.add(row)
    session.flush()
    return row


def _customer(
    session: Session,
    business_id: UUID,
    phone: str,
    account: str,
    name: str,
    name_ar: str | None,
    language: str | None,
) -> Customer:
    customer = _add(
        session,
        Customer,
        business_id,
        account_no=account,
        name=name,
        name_ar=name_ar,
        language=language,
        phone=phone,
    )
    for channel in ("whatsapp", "sms"):
        known = session.query(Contact).filter_by(channel=channel, address=phone).one_or_none()
        contact = known or _add(session, Contact, business_id, channel=channel, address=phone)
        _add(session, ContactCustomer, business_id, contact_id=contact.id, customer_id=customer.id)
    return customer


def _invoice(session: Session, customer: Customer, number: str, issued: date, due: date, total: int, paid: int) -> None:
    _add(
        session, Invoice, customer.business_id, customer_id=customer.id, invoice_no=number, issue_date=issued,
        due_date=due, currency="SAR", net_minor=total, vat_minor=0, total_minor=total, paid_minor=paid,
        status=status_of(total, paid),
    )  # fmt: skip


def _meter(session: Session, customer: Customer, number: str, nickname: str | None) -> None:
    _add(
        session, Meter, customer.business_id, customer_id=customer.id, meter_no=number, nickname=nickname,
        kind="postpaid", network="manual",
    )  # fmt: skip


def _subscription(
    session: Session,
    customer: Customer,
    plan: Plan,
    reference: str,
    status: str,
    start: date,
    paused: date | None,
) -> None:
    since = beginning_of(paused, "Asia/Riyadh") if paused else None
    _add(
        session, Subscription, customer.business_id, customer_id=customer.id, plan_id=plan.id, reference=reference,
        status=status, zone="Asia/Riyadh", start_date=start, days_planned=plan.days,
        ends=midnight(start + timedelta(days=plan.days)), price_minor=plan.price_minor,
        paused_at=since and since.at, paused_wall=since and since.wall, paused_cause="asked" if since else None,
        resume_on=paused + timedelta(days=90) if paused else None,
    )  # fmt: skip
