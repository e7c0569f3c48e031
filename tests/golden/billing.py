"""Somebody with a meter that is read, and bills that were made of it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.billing.wording import WORDS
from domain.billing.facts import frame_of
from domain.billing.items import Charged, claim, note_billed
from domain.billing.reckoning import drafts_of, reckon
from domain.billing.runs import ask_run, begin_run
from domain.contacts import Contact
from domain.customers import ContactCustomer, Customer
from domain.door import Door, Visit
from domain.issuing import issue
from domain.meters import Meter
from domain.readings import Reading
from tests.noor import Noor

BILLED = "+966500000008"
_TURNS = ((9, 12_450_000), (10, 13_430_500), (11, 20_600_500))


def bill(door: Door, noor: Noor, *months: int) -> None:
    """Let Salma have a meter that was read at the turns of months, and the bills of these months of 2026."""
    with door.for_business(noor.business_id) as session:
        salma = Customer(business_id=noor.business_id, account_no="1008", name="Salma", name_ar="سلمى", phone=BILLED)
        session.add(salma)
        session.flush()
        for channel in ("whatsapp", "sms"):
            contact = Contact(business_id=noor.business_id, channel=channel, address=BILLED)
            session.add(contact)
            session.flush()
            session.add(ContactCustomer(business_id=noor.business_id, contact_id=contact.id, customer_id=salma.id))
        meter = Meter(business_id=noor.business_id, customer_id=salma.id, meter_no="30001234", kind="postpaid",
                      network="manual", tariff="HOME", nickname="المزرعة")  # fmt: skip
        session.add(meter)
        session.flush()
        for month, wh in _TURNS:
            at = datetime(2026, month, 1, 8, tzinfo=ZoneInfo("Asia/Riyadh"))
            session.add(Reading(business_id=noor.business_id, meter_id=meter.id, read_at=at, wh=wh, origin="staff",
                                decided_by="staff", decided_at=at + timedelta(hours=1)))  # fmt: skip
    for month in months:
        _billed(door, noor, date(2026, month, 1))


def _billed(door: Door, noor: Noor, period: date) -> None:
    with door.for_business(noor.business_id) as session:
        visit = Visit.within(session)
        run_id = ask_run(visit, noor.business_id, period, dry_run=False, asked_by=None)
        begin_run(visit, run_id)
        frame = frame_of(visit, noor.business_id, period)
        items = claim(visit, frame, 100)
        reckoned = reckon(visit, frame, [one.meter_id for one in items])
        whole = [(one.item_id, reckoned[one.meter_id]) for one in items]
        charged = [Charged(item_id, *what) for item_id, what in whole if isinstance(what, tuple)]
        issued = issue(visit, noor.business_id, drafts_of(frame, charged, WORDS))
        note_billed(visit, charged, [one.invoice_id for one in issued], {})
