"""Asks the network for what meters have counted: what was pushed while we were down, or never came."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from bot.jobs.process_vendor import process_network
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain import clock
from domain.door import Visit
from domain.vendors.counted import pass_on
from domain.vendors.errors import VendorError
from domain.vendors.network import MeterNetwork
from domain.vendors.reports import meters_after, note_reports
from domain.vendors.requests import MeterAt
from domain.vendors.results import MeterReport

log = structlog.get_logger()

_BATCH: Final = 100
# Asked every hour; a month is as long as an outage may be.
_USUALLY: Final = timedelta(hours=6)
_AT_MOST: Final = timedelta(days=31)


def ask_meters(services: WorkerServices, _: datetime) -> None:
    """Ask for every meter on the network."""
    network = process_network()
    if network is not None:
        log.info("meters on the network were asked", new=ask_all(services, network))


def ask_all(services: Services, network: MeterNetwork) -> int:
    """Do it, and return how many reports were new. What can't be asked now is asked the next time."""
    new = 0
    for meters, since in _batches(services):
        try:
            found = network.readings(meters, since, clock.now())
        except VendorError as error:
            log.warning("meters could not be asked", why=str(error))
            continue
        reports = [MeterReport(one.meter_no, one.read_at, one.watt_hours, None) for one in found]
        with services.door.for_every_business() as session:
            visit = Visit.within(session)
            noted, _ = note_reports(visit, reports)
            pass_on(visit, noted)
        new += len(noted)
    return new


def _batches(services: Services) -> Iterator[tuple[list[MeterAt], datetime]]:
    """Yield meters, and since when they are asked: since the one of them that was silent longest has reported."""
    after = UUID(int=0)
    while True:
        with services.door.for_every_business() as session:
            found = meters_after(Visit.within(session), after, _BATCH)
        if not found:
            return
        earliest = clock.now() - _AT_MOST
        known = [heard_at or earliest for _, heard_at in found]
        yield [meter for meter, _ in found], max(earliest, min(*known, clock.now() - _USUALLY))
        after = found[-1][0].meter_id
