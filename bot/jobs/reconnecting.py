"""Reconnects what was disconnected for a debt that is paid, where a business has that rule; else lets staff know."""

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain.door import Visit
from domain.dunning.reconnecting import Unplugged, failed_reconnections, reconnect_paid
from domain.notifications import CRITICAL, notify

log = structlog.get_logger()

_BATCH: Final = 200
DUE: Final = "reconnect_due"


def tend_reconnections(services: WorkerServices, _: datetime) -> None:
    """Do it for every business."""
    commands, told = reconnect_all(services)
    if commands or told:
        log.info("debts were paid", reconnections=commands, staff_told=told)


def reconnect_all(services: Services) -> tuple[int, int]:
    """Write the commands down, and return how many, and of how many meters staff was told."""
    commands = told = 0
    settled = 1
    while settled:
        with services.door.for_every_business() as session:
            visit = Visit.within(session)
            settled, written, left = reconnect_paid(visit, _BATCH)
            for one in [*left, *failed_reconnections(visit)]:
                _tell(session, one)
                told += 1
        commands += written
    return commands, told


def _tell(session: Session, one: Unplugged) -> None:
    notify(session, one.business_id, DUE, CRITICAL, {"code": one.meter_no}, ("meter", one.meter_id))
