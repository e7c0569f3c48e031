"""Asks the token vendor for what postpaid meters have counted, where it can tell: each day's reading, once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from bot.errors import one_line
from bot.jobs.process_vendor import process_vendor
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain import clock
from domain.door import DATABASE_ERRORS, Visit
from domain.vendors.capabilities import Capability
from domain.vendors.errors import NotSupported, Refused, Unreachable, VendorError
from domain.vendors.port import TokenVendor
from domain.vendors.pulling import meters_unread, take_pulled
from domain.vendors.requests import MeterAt
from domain.vendors.results import Reading

log = structlog.get_logger()

_LOOKED_AT: Final = 1_000
_BATCH: Final = 100
# What a vendor answers at once is limited: of a hundred meters it is asked for a day, which may have many readings.
_AT_ONCE: Final = timedelta(days=1)
# A month is as long as an outage may be. Of a meter that never answered more than the last days is not to be had.
_AT_MOST: Final = timedelta(days=31)
_FIRST: Final = timedelta(days=2)
# A vendor that is away is left in peace until the next time.
_GIVEN_UP_AFTER: Final = 3


def pull_readings(services: WorkerServices, _: datetime) -> None:
    """Ask for every postpaid meter of the vendor that has no reading of today."""
    vendor = process_vendor()
    if vendor is not None:
        log.info("the vendor was asked for readings", new=pull_all(services, vendor))


def pull_all(services: Services, vendor: TokenVendor) -> int:
    """Do it, and return how many readings were new. What can't be asked now is asked the next time."""
    if not _can(vendor):
        return 0
    new = in_vain = 0
    for meters, since in _batches(services):
        try:
            found = _asked(vendor, meters, since)
        except Unreachable as error:
            log.warning("meters could not be asked", why=str(error))
            in_vain += 1
            if in_vain == _GIVEN_UP_AFTER:
                break
            continue
        in_vain = 0
        new += _taken(services, meters, found)
    return new


def _can(vendor: TokenVendor) -> bool:
    """Tell whether the vendor says, now, that it has readings."""
    try:
        return Capability.READINGS in vendor.capabilities() & vendor.test_connection().capabilities
    except VendorError as error:
        log.warning("the vendor can't be asked for readings", why=str(error))
        return False


def _asked(vendor: TokenVendor, meters: Sequence[MeterAt], since: datetime) -> list[Reading]:
    """Ask. A meter that is refused is left out, and found by halves: it must not hold up the others."""
    try:
        return [one for begin, end in _spans(since) for one in vendor.readings(meters, begin, end)]
    except (Refused, NotSupported) as error:
        if len(meters) == 1:
            log.info("the vendor has no readings of a meter", meter_id=str(meters[0].meter_id), why=str(error))
            return []
    half = len(meters) // 2
    return [*_asked(vendor, meters[:half], since), *_asked(vendor, meters[half:], since)]


def _spans(since: datetime) -> Iterator[tuple[datetime, datetime]]:
    until = clock.now()
    while since < until:
        yield since, min(since + _AT_ONCE, until)
        since += _AT_ONCE


def _taken(services: Services, meters: Sequence[MeterAt], found: Sequence[Reading]) -> int:
    """Take readings in, in one transaction; when the database refuses, each meter's by themselves."""
    try:
        with services.door.for_every_business() as session:
            return take_pulled(Visit.within(session), meters, found)
    except DATABASE_ERRORS as error:
        if len(meters) == 1:
            log.error("readings can't be kept", meter_id=str(meters[0].meter_id), why=one_line(error))
            return 0
    return sum(_taken(services, [meter], found) for meter in meters)


def _batches(services: Services) -> Iterator[tuple[list[MeterAt], datetime]]:
    """Yield meters, and since when they are asked: since the last reading of the one that was silent longest.

    Those that were silent equally long are asked together.
    """
    after = UUID(int=0)
    while True:
        with services.door.for_every_business() as session:
            found = meters_unread(Visit.within(session), after, _LOOKED_AT)
        if not found:
            return
        by_since = sorted(((_since(heard_at), meter) for meter, heard_at in found), key=lambda one: one[0])
        for first in range(0, len(by_since), _BATCH):
            some = by_since[first : first + _BATCH]
            yield [meter for _, meter in some], some[0][0]
        after = found[-1][0].meter_id


def _since(heard_at: datetime | None) -> datetime:
    if heard_at is None:
        return clock.now() - _FIRST
    return max(heard_at, clock.now() - _AT_MOST)
