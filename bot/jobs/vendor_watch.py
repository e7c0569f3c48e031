"""Watches the vendor: whether it can vend now, what is left of our credit with it, what is in doubt for too long."""

from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select

from bot.channels.approved import text_of
from bot.jobs.failing import fails_in_one_line
from bot.jobs.process_vendor import process_vendor
from bot.jobs.queues import NOTICE_QUEUE
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.saying import NoWay, Recipient, in_words, letter
from domain import clock
from domain.businesses import Business
from domain.door import Visit
from domain.money import Money
from domain.notices import listener_of
from domain.notifications import CRITICAL, notify
from domain.purchases.health import Seen, is_stuck, note_health, take_waiting
from domain.purchases.watching import expire_asked, long_in_doubt
from domain.speaking import speak
from domain.vendors.errors import VendorError
from domain.vendors.port import TokenVendor
from domain.ways import BEST_FIRST
from flows.reply import reply

log = structlog.get_logger()

LOW: Final = "vendor_credit_low"
DOUBTFUL: Final = "purchase_in_doubt"
_DOUBTFUL_AFTER: Final = timedelta(minutes=10)
_BATCH: Final = 50


@fails_in_one_line
def watch_vendor() -> None:
    """Look at the vendor, and tell who is to know."""
    services = worker_services()
    look_at(services, process_vendor())
    look_at_purchases(services)


def look_at(services: WorkerServices, vendor: TokenVendor | None) -> None:
    """Ask the vendor how it is, and write it down; tell who waited for it when it is back. None can't vend."""
    seen = _seen(vendor) if vendor is not None else None
    with services.door.for_every_business() as session:
        visit = Visit.within(session)
        note_health(visit, seen, failing=seen is None or is_stuck(visit))
        if seen is not None and seen.credit_minor is not None and seen.currency is not None:
            left = Money(seen.credit_minor, seen.currency).major
            if left < services.settings.sts_low_credit:
                log.error("little is left of our credit with the vendor", currency=seen.currency)
                facts = {
                    "code": seen.currency,
                    "amount": str(left.quantize(Decimal("0.01"))),
                    "currency": seen.currency,
                }
                for business_id in session.scalars(select(Business.id)):
                    notify(session, business_id, LOW, CRITICAL, facts)
    _tell_waiting(services)


def look_at_purchases(services: WorkerServices) -> None:
    """Let staff know what is in doubt for long, and end what nobody paid for."""
    with services.door.for_every_business() as session:
        visit = Visit.within(session)
        for business_id, purchase_id, state in long_in_doubt(visit, clock.now() - _DOUBTFUL_AFTER):
            facts = {"code": str(purchase_id), "state": state}
            notify(session, business_id, DOUBTFUL, CRITICAL, facts, ("purchase", purchase_id))
        expire_asked(visit)


def _seen(vendor: TokenVendor) -> Seen | None:
    try:
        found = vendor.test_connection()
    except VendorError as error:
        log.warning("the vendor can't be used", error=str(error))
        return None
    return Seen([one.value for one in found.capabilities], found.credit_minor, found.currency)


def _tell_waiting(services: WorkerServices) -> None:
    while True:
        with services.door.for_every_business() as session:
            visit = Visit.within(session)
            waiting = take_waiting(visit, _BATCH)
            for _, conversation_id in waiting:
                _tell_back(visit, services, conversation_id)
        if not waiting:
            return
        services.bell.ring(NOTICE_QUEUE)


def _tell_back(visit: Visit, services: WorkerServices, conversation_id: UUID) -> None:
    listener = listener_of(visit, conversation_id)
    short = text_of("vendor_back")
    saying = in_words("notice", reply(short), ("vendor_back", short), listener.customer_id)
    channels = (listener.channel, *(channel for channel in BEST_FIRST if channel != listener.channel))
    to = Recipient(listener.business_id, listener.address, listener.language, channels)
    try:
        speak(visit, listener.business_id, [letter(visit, services.accounts, to, saying)])
    except NoWay:
        log.warning("there is no way to tell that the vendor is back")
