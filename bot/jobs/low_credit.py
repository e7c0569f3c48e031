"""Reminds those who asked for it that little credit is left on a meter, where the vendor reports balances."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from bot.channels.approved import text_of
from bot.jobs.process_vendor import process_vendor
from bot.jobs.queues import NOTICE_QUEUE
from bot.jobs.worker_services import WorkerServices
from bot.saying import NoWay, Recipient, in_words, letter
from bot.subscriptions import by_day
from domain.clock import now
from domain.door import Visit
from domain.purchases.reminding import Watched, kwh, note_enough, note_low, watched_after
from domain.speaking import speak
from domain.vendors.errors import VendorError
from domain.vendors.port import TokenVendor
from flows.purchased import meter_called
from flows.reply import reply

log = structlog.get_logger()

_BATCH: Final = 100
_TEMPLATE: Final = "credit_low"


def remind_of_low_credit(services: WorkerServices, _: datetime) -> None:
    """Ask every meter whose owner wants to know, and tell those on which little is left."""
    vendor = process_vendor()
    if vendor is not None:
        remind_all(services, vendor)


def remind_all(services: WorkerServices, vendor: TokenVendor) -> int:
    """Do it, and return how many were told."""
    told, after = 0, UUID(int=0)
    while True:
        with services.door.for_every_business() as session:
            batch = watched_after(Visit.within(session), after, _BATCH)
        told += sum(_look(services, vendor, one) for one in batch)
        if len(batch) < _BATCH:
            return told
        after = batch[-1].meter.meter_id


def _look(services: WorkerServices, vendor: TokenVendor, one: Watched) -> bool:
    try:
        left = vendor.balance(one.meter).watt_hours
    except VendorError:
        return False
    with services.door.for_business(one.meter.business_id) as session:
        visit = Visit.within(session)
        if left >= one.below:
            note_enough(visit, one)
            return False
        if one.told or not note_low(visit, one):
            return False
        _tell(visit, services, one, left)
    services.bell.ring(NOTICE_QUEUE)
    return True


def _tell(visit: Visit, services: WorkerServices, one: Watched, left: int) -> None:
    said = text_of(_TEMPLATE, which=meter_called(*one.called()), left=kwh(left))
    saying = in_words("notice", reply(said), (_TEMPLATE, said), one.customer_id)
    to = Recipient(one.meter.business_id, one.phone, one.language)
    try:
        written = letter(visit, services.accounts, to, saying)
    except NoWay:
        log.warning("there is no way to remind of low credit", meter_id=str(one.meter.meter_id))
        return
    speak(visit, one.meter.business_id, [replace(written, due_at=by_day(now(), one.timezone))])
