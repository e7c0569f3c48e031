"""Sends the commands that wait for their meters, and asks what became of those that were sent."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from bot.jobs.failing import fails_in_one_line
from bot.jobs.process_vendor import process_vendor
from bot.jobs.worker_services import WorkerServices, worker_services
from domain import clock
from domain.door import Door
from domain.vendors.commanding import follow_command, send_command
from domain.vendors.meter_commands import ACKNOWLEDGED, IN_DOUBT, QUEUED, SENT, waiting
from domain.vendors.port import TokenVendor

log = structlog.get_logger()

_BATCH: Final = 100
_AT_ONCE: Final = 4
_ASK_AFTER: Final = timedelta(seconds=2)
# After the request's time limit nothing of it is on its way any more.
_SETTLING: Final = timedelta(seconds=5)
_Do = Callable[[Door, TokenVendor, UUID, UUID], str | None]


@fails_in_one_line
def carry_commands() -> None:
    """Send, and ask; what can't be asked now is asked next time. Without a vendor there is nothing to do."""
    vendor = process_vendor()
    if vendor is not None:
        carry_all(worker_services(), vendor)


def carry_all(services: WorkerServices, vendor: TokenVendor) -> None:
    """Do it once for all commands that it is time for."""
    limit = timedelta(milliseconds=services.settings.sts_api_timeout) + _SETTLING
    _each(services, vendor, follow_command, (SENT, IN_DOUBT), limit)
    _each(services, vendor, follow_command, (ACKNOWLEDGED,), _ASK_AFTER)
    _each(services, vendor, send_command, (QUEUED,), timedelta(0))


def _each(
    services: WorkerServices, vendor: TokenVendor, do: _Do, states: Sequence[str], for_so_long: timedelta
) -> None:
    with services.door.for_every_business() as session:
        batch = waiting(session, tuple(states), clock.now() - for_so_long, _BATCH)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        came = list(pool.map(lambda one: do(services.door, vendor, *one), batch))
    for (_, command_id), state in zip(batch, came, strict=True):
        if state is not None:
            log.info("a command to a meter came further", reference=str(command_id), state=state)
