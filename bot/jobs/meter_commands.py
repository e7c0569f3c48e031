"""Sends the commands that wait for their meters, and asks what became of those that were sent."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from bot.jobs.failing import fails_in_one_line
from bot.jobs.process_vendor import process_network, process_vendor
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.providers.networks import REQUEST_SECONDS
from domain import clock
from domain.door import Door, Visit
from domain.meters import ACREL, MANUAL, STS
from domain.vendors.commanding import follow_command, meter_of, send_command
from domain.vendors.counted import pass_on
from domain.vendors.errors import VendorError
from domain.vendors.meter_commands import ACKNOWLEDGED, CONFIRMED, IN_DOUBT, QUEUED, SENT, waiting
from domain.vendors.network import Commanded, MeterNetwork
from domain.vendors.reports import note_reports

log = structlog.get_logger()

_BATCH: Final = 100
_AT_ONCE: Final = 4
_ASK_AFTER: Final = timedelta(seconds=2)
# After the request's time limit nothing of it is on its way any more.
_SETTLING: Final = timedelta(seconds=5)
_Do = Callable[[Door, Commanded, UUID, UUID], str | None]
# Whose meters are told things by whom.
OF_VENDORS: Final = (STS, MANUAL)
OF_NETWORKS: Final = (ACREL,)


@fails_in_one_line
def carry_commands() -> None:
    """Send, and ask; what can't be asked now is asked next time. Without a vendor and a network nothing is to do."""
    vendor, network = process_vendor(), process_network()
    if vendor is not None:
        carry_all(worker_services(), vendor)
    if network is not None:
        carry_over_network(worker_services(), network)


def carry_all(services: WorkerServices, vendor: Commanded) -> None:
    """Do it once for all commands to meters of the vendor that it is time for."""
    limit = timedelta(milliseconds=services.settings.sts_api_timeout) + _SETTLING
    _Carrying(services, vendor, OF_VENDORS).all(limit, follow_command)


def carry_over_network(services: WorkerServices, network: MeterNetwork, limit: timedelta | None = None) -> None:
    """Do it once for all commands to meters of the network: what has come of them, only the meters know."""
    settled = limit if limit is not None else timedelta(seconds=REQUEST_SECONDS) + _SETTLING
    _Carrying(services, network, OF_NETWORKS).all(settled, partial(look_and_follow, network))


def look_and_follow(network: MeterNetwork, door: Door, _: Commanded, business_id: UUID, command_id: UUID) -> str | None:
    """Ask for the meter's own report, in case the one that was pushed was lost; then how far the command has come."""
    with door.for_business(business_id) as session:
        meter = meter_of(session, command_id)
    try:
        said = network.report(meter)
    except VendorError:
        return None
    with door.for_business(business_id) as session:
        visit = Visit.within(session)
        new, confirmed = note_reports(visit, [said] if said is not None else [])
        pass_on(visit, new)
    if confirmed:
        return CONFIRMED
    return follow_command(door, network, business_id, command_id)


@dataclass(frozen=True, slots=True)
class _Carrying:
    """What carries commands to meters of some networks, and to whom."""

    services: WorkerServices
    to: Commanded
    networks: tuple[str, ...]

    def all(self, limit: timedelta, follow: _Do) -> None:
        """Ask about what was sent, not before `limit`, for it may be on its way; then send what waits."""
        self._each(follow, (SENT, IN_DOUBT), limit)
        self._each(follow, (ACKNOWLEDGED,), _ASK_AFTER)
        self._each(send_command, (QUEUED,), timedelta(0))

    def _each(self, do: _Do, states: Sequence[str], for_so_long: timedelta) -> None:
        door = self.services.door
        with door.for_every_business() as session:
            batch = waiting(session, tuple(states), clock.now() - for_so_long, _BATCH, self.networks)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            came = list(pool.map(lambda one: do(door, self.to, *one), batch))
        for (_, command_id), state in zip(batch, came, strict=True):
            if state is not None:
                log.info("a command to a meter came further", reference=str(command_id), state=state)
