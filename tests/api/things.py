"""One of everything that a path of the API may name."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from bot.billing.running import work_run
from bot.services import Services
from domain import clock
from domain.bearers import ApiKey
from domain.billing.months import month_before, next_month
from domain.billing.runs import ask_run
from domain.billing.tables import BillingItem
from domain.campaigns import Campaign
from domain.contacts import Contact
from domain.conversations import Conversation
from domain.customers import Customer
from domain.door import Door, Visit
from domain.dunning.disputing import open_dispute
from domain.dunning.plans import Agreed, agree
from domain.dunning.rules import Rules
from domain.handovers import Person, hold, take_over
from domain.ids import new_id
from domain.invoices import Invoice
from domain.ledger.chart import ELSEWHERE, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.message_files import PNG, KeptFile, Place, keep_file
from domain.messages import Message
from domain.meters import Meter
from domain.money import Money
from domain.notifications import Notification, notify
from domain.payments.spending import confirm_payment, record_payment
from domain.payments.starting import Recorded, Share, Wanted
from domain.payments.tables import CASH, INVOICE, TOP_UP
from domain.purchases.booking import pay
from domain.purchases.health import Seen, note_health
from domain.purchases.quoting import Words, ask, quote
from domain.readings.taking import Taken, take_readings
from domain.senders import Sender
from domain.staff import Staff
from domain.subscriptions import term as terms
from domain.subscriptions.wall import moment_of
from domain.tariffs import Tariff
from domain.tickets import Ticket
from domain.vendors.meter_commands import MeterCommand
from domain.vendors.reports import note_reports
from domain.vendors.results import MeterReport
from tests.api.people import employed, machine
from tests.noor import HUDA, PAUSED, SARA, WHATSAPP
from tests.subscriptions.people import subscribed
from tests.twilio import deliver, inbound


def everything(app: Flask, business_id: UUID, phone: str = SARA, number: str = WHATSAPP) -> dict[str, UUID]:
    """Let there be one of everything, and return the id for each name in a path."""
    door: Door = app.extensions["raseed"].door
    for said in ("hi", "2", "report", "1", "1", "Skip", "0"):
        deliver(app, inbound("whatsapp", phone, number, said))
    employed(door, business_id, "viewer", "someone@noor.example")
    machine(app, business_id, "customers:read")
    with door.for_business(business_id) as session:
        notify(session, business_id, "sender_fails", "warning", {"sender": "+966112000001", "failed": 12})
        session.add(Campaign(business_id=business_id, name="Offer", texts={"en": "Hello {name}"}))
        customer = session.scalars(select(Customer).where(Customer.phone == phone)).first()
        if not session.scalars(select(Ticket)).first():
            _ticket(session, business_id, customer)
    names: dict[str, Any] = {
        "customer_id": Customer,
        "contact_id": Contact,
        "conversation_id": Conversation,
        "message_id": Message,
        "sender_id": Sender,
        "notification_id": Notification,
        "ticket_id": Ticket,
        "key_id": ApiKey,
        "campaign_id": Campaign,
    }
    with door.for_business(business_id) as session:
        ids = {name: session.scalars(select(table.id)).first() for name, table in names.items()}
        ids["customer_id"] = session.scalars(select(Customer.id).where(Customer.phone == phone)).first()
        ids["staff_id"] = session.scalars(select(Staff.id).where(Staff.email == "someone@noor.example")).one()
    ids |= _conversations(app, business_id, number)
    ids["show_file.message_id"] = _file(door, business_id, ids["conversation_id"])
    with door.for_business(business_id) as session:
        ids["invoice_id"] = session.scalars(select(Invoice.id).where(Invoice.invoice_no == "INV-1")).one()
    ids |= _debts(door, business_id, ids["invoice_id"])
    ids |= _network(door, business_id, ids["customer_id"])
    ids |= _subscriptions(door, business_id) | _payments(door, business_id) | _electricity(door, business_id)
    ids |= _bills(app.extensions["raseed"], business_id)
    assert all(ids.values()), ids
    return ids  # type: ignore[return-value]


def _conversations(app: Flask, business_id: UUID, number: str) -> dict[str, Any]:
    """Let there be a conversation that nobody has, and one that somebody of staff has taken over."""
    phones = {"reply_in_conversation": HUDA, "release_conversation": PAUSED}
    ids = {}
    for name, phone in phones.items():
        deliver(app, inbound("whatsapp", phone, number, "hi"))
        door: Door = app.extensions["raseed"].door
        with door.for_business(business_id) as session:
            found = select(Conversation.id).join(Contact, Contact.id == Conversation.contact_id)
            ids[f"{name}.conversation_id"] = session.scalars(found.where(Contact.address == phone)).one()
    with door.for_business(business_id) as session:
        held = hold(Visit.within(session), business_id, ids["release_conversation.conversation_id"])
        assert held
        take_over(Visit.within(session), business_id, held, Person(new_id(), "Huda"))
    return ids


def _file(door: Door, business_id: UUID, conversation_id: Any) -> UUID:
    """Let there be a picture in a conversation, and return its message."""
    with door.for_business(business_id) as session:
        said = select(Message.id).where(Message.conversation_id == conversation_id, Message.direction == "outbound")
        message_id = session.scalars(said).first()
        assert message_id
        keep_file(session, Place(business_id, message_id), KeptFile("map.png", PNG, b"\x89PNG\r\n\x1a\n"))
    return message_id


def _subscriptions(door: Door, business_id: UUID) -> dict[str, UUID]:
    """Let there be a subscription for each thing that is done with one: where it stands it may do that."""
    now = moment_of(clock.now(), "Asia/Riyadh")
    fresh = terms.planned_term(now.day, 30, now.day)
    stand = {
        "subscription_id": fresh,
        "pause_subscription.subscription_id": fresh,
        "cancel_planned_pause.subscription_id": terms.schedule_pause(fresh, now.day + timedelta(days=3), None),
        "resume_subscription.subscription_id": terms.pause(fresh, now, now.day + timedelta(days=9)),
        "stop_subscription.subscription_id": fresh,
        "reactivate_subscription.subscription_id": terms.expire(fresh),
        "cancel_subscription.subscription_id": fresh,
    }
    return {
        name: subscribed(door, business_id, f"T-{number}", term, phone=HUDA)
        for number, (name, term) in enumerate(stand.items())
    }


def _payments(door: Door, business_id: UUID) -> dict[str, UUID]:
    """Let there be cash that waits to be confirmed, and cash that paid an invoice and may be given back."""
    with door.for_business(business_id) as session:
        visit = Visit.within(session)
        owed = session.scalars(select(Invoice).where(Invoice.invoice_no == "INV-2")).one()
        share = Share(owed.id, owed.total_minor - owed.paid_minor)
        amount = Money(share.minor, owed.currency)
        paid = Wanted(business_id, owed.customer_id, CASH, amount, INVOICE, (share,))
        waits = Wanted(business_id, owed.customer_id, CASH, Money(5000, owed.currency), TOP_UP)
        settled = record_payment(visit, paid, Recorded())
        confirm_payment(visit, settled, Recorded())
        waiting = record_payment(visit, waits, Recorded())
    return {"payment_id": settled, "confirm_payment.payment_id": waiting}


def _electricity(door: Door, business_id: UUID) -> dict[str, Any]:
    """Let there be a meter, a command to it, and a purchase that waits to be vended."""
    with door.for_business(business_id) as session:
        meter = session.scalars(select(Meter).where(Meter.meter_no.in_(("07098765432", "01412301374")))).one()
        meter.meter_no, meter.kind, meter.network, meter.tariff = "01412301374", "prepaid", "sts", "HOME"
        if not session.scalars(select(Tariff)).first():
            session.add(
                Tariff(business_id=business_id, code="HOME", valid_from=date(2020, 1, 1), name_en="Home",
                       name_ar="منزلي", blocks=[[0, 180_000]], currency="SAR")
            )  # fmt: skip
        command = MeterCommand(business_id=business_id, meter_id=meter.id, command="turn_on", reason="Paid")
        session.add(command)
        session.flush()
        amount, visit = Money(5_000, "SAR"), Visit.within(session)
        lines = (debit(house(ELSEWHERE), amount), credit(wallet(meter.customer_id), amount))
        post(visit, [Entry(business_id, date(2026, 1, 1), "paid", "test", new_id(), lines)])
        note_health(visit, Seen((), None, None), failing=False)
        quoted = quote(visit, meter.customer_id, meter.id, 5_000, "Asia/Riyadh")
        purchase_id = ask(visit, business_id, quoted, WORDS, None)
        assert pay(visit, purchase_id) == "paid"
        return {"meter_no": meter.meter_no, "meter_id": meter.id, "command_id": command.id, "purchase_id": purchase_id}


def _debts(door: Door, business_id: UUID, invoice_id: Any) -> dict[str, Any]:
    """Let one invoice be disputed and others not, and one be paid in instalments."""
    fresh = {}
    with door.for_business(business_id) as session:
        of = session.get_one(Invoice, invoice_id)
        for name in ("dispute_invoice", "settle_dispute", "agree_on_instalments", "cancel_instalment_plan"):
            row = Invoice(business_id=business_id, customer_id=of.customer_id, invoice_no=f"D-{name}", status="issued",
                          issue_date=of.issue_date, due_date=of.due_date, currency="SAR", net_minor=9000, vat_minor=0,
                          total_minor=9000, paid_minor=0)  # fmt: skip
            session.add(row)
            session.flush()
            fresh[name] = row.id
        visit = Visit.within(session)
        open_dispute(visit, fresh["settle_dispute"], "It is not mine")
        planned = fresh.pop("cancel_instalment_plan")
        plan_id = agree(visit, business_id, planned, 2, Rules(), Agreed("staff", of.issue_date))
    return {**{f"{name}.invoice_id": found for name, found in fresh.items()}, "plan_id": plan_id}


def _network(door: Door, business_id: UUID, customer_id: Any) -> dict[str, Any]:
    """Let there be a meter on the network, that has reported."""
    number = f"0143{str(business_id.int)[-7:]}"
    with door.for_business(business_id) as session:
        meter = Meter(
            business_id=business_id, customer_id=customer_id, meter_no=number, kind="postpaid", network="acrel"
        )  # fmt: skip
        session.add(meter)
        session.flush()
        note_reports(Visit.within(session), [MeterReport(number, clock.now(), 5_000, supplied=True)])
    told = ("state", "tariff", "quota", "credit_limit", "mode", "communication")
    named = {f"{'show' if one == 'state' else 'set'}_meter_{one}.meter_no": number for one in told}
    return {**named, "network_meter_id": meter.id}


def _bills(services: Services, business_id: UUID) -> dict[str, Any]:
    """Let there be a postpaid meter that was billed, readings of it that are held, and one to take its place."""
    period = month_before(clock.today("Asia/Riyadh"))
    with services.door.for_business(business_id) as session:
        meter = session.scalars(select(Meter).where(Meter.meter_no == "04012345678")).one()
        meter.tariff = "HOME"
        facts = {"business_id": business_id, "customer_id": meter.customer_id, "kind": "postpaid", "network": "manual"}
        old, new = (Meter(meter_no=number, **facts) for number in ("04012345678-1", "04012345678-2"))
        session.add_all([old, new])
        session.flush()
        turns = (period, next_month(period))
        taken = [Taken(meter.id, at_eight(day), 1_000_000 + 300_000 * n, "staff") for n, day in enumerate(turns)]
        odd = [Taken(new.id, clock.now() - timedelta(minutes=n), 5, "customer", doubt="by_sms") for n in (3, 2, 1)]
        kept = take_readings(Visit.within(session), business_id, [*taken, *odd])
        run_id = ask_run(Visit.within(session), business_id, period, dry_run=False, asked_by=None)
    work_run(services, run_id)
    with services.door.for_business(business_id) as session:
        invoice_id = session.scalars(select(BillingItem.invoice_id).where(BillingItem.meter_id == meter.id)).one()
    ids = dict(zip(("reading_id", "confirm_reading.reading_id", "reject_reading.reading_id"), kept[2:], strict=True))
    return {
        **{name: one.reading_id for name, one in ids.items()},
        "run_id": run_id,
        "rebill_invoice.invoice_id": invoice_id,
        "exchange_meter.meter_no": old.meter_no,
        "exchange_meter.meter_id": old.id,
    }


def at_eight(day: date) -> datetime:
    """Return eight in the morning of a day in Riyadh."""
    return datetime.combine(day, time(8), ZoneInfo("Asia/Riyadh"))


WORDS = Words(("Electricity", "كهرباء"), ("Electricity", "كهرباء"), ("Fee", "رسم"), ("Rest", "باقٍ"))


def _ticket(session: Any, business_id: UUID, customer: Any) -> None:
    conversation = session.scalars(select(Conversation)).first()
    session.add(
        Ticket(
            business_id=business_id,
            number=1001,
            kind="no_power",
            customer_id=customer.id,
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            sameness="x",
        )
    )
