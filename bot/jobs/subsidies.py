"""Charges the month's quotas, follows them, and settles the months that are over."""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain.door import DATABASE_ERRORS, Door, Visit, is_outage
from domain.subsidies.charging import charge_quotas, follow_quotas
from domain.subsidies.settling import Open, open_charges, settle_charges

log = structlog.get_logger()

_BATCH: Final = 500
_FIRST: Final = UUID(int=0)


def charge_subsidies(services: WorkerServices, _: datetime) -> None:
    """Do all that is due."""
    done = run_subsidies(services)
    if any(done.values()):
        log.info("subsidies were charged and settled", **done)


def run_subsidies(services: Services) -> dict[str, int]:
    """Charge, follow and settle, and return how many of each it were."""
    charged = 0
    while True:
        with services.door.for_every_business() as session:
            number = charge_quotas(Visit.within(session), _BATCH)
        charged += number
        if not number:
            break
    with services.door.for_every_business() as session:
        followed = follow_quotas(Visit.within(session))
    return {"charged": charged, "followed": len(followed), "settled": _settle_all(services.door)}


def _settle_all(door: Door) -> int:
    settled, after = 0, _FIRST
    while True:
        with door.for_every_business() as session:
            last = [one.charge_id for one in open_charges(Visit.within(session), after, _BATCH)][-1:]
        if not last:
            return settled
        settled += _settle_batch(door, after)
        after = last[0]


def _settle_batch(door: Door, after: UUID) -> int:
    """Settle a batch at once; where the database refuses one of it, each by itself."""
    try:
        with door.for_every_business() as session:
            visit = Visit.within(session)
            return settle_charges(visit, open_charges(visit, after, _BATCH), _say)
    except DATABASE_ERRORS as error:
        if is_outage(error):
            raise
        log.error("a batch of subsidies was refused, each is settled by itself", kind=type(error).__name__)
    return sum(_settle_one(door, one) for one in _held(door, after))


def _held(door: Door, after: UUID) -> list[Open]:
    with door.for_every_business() as session:
        return open_charges(Visit.within(session), after, _BATCH)


def _settle_one(door: Door, one: Open) -> int:
    try:
        with door.for_business(one.business_id) as session:
            visit = Visit.within(session)
            mine = [
                found for found in open_charges(visit, _before(one.charge_id), 1) if found.charge_id == one.charge_id
            ]
            return settle_charges(visit, mine, _say)
    except DATABASE_ERRORS as error:
        if is_outage(error):
            raise
        log.error("a subsidy can't be settled", charge_id=str(one.charge_id), kind=type(error).__name__)
        return 0


def _before(charge_id: UUID) -> UUID:
    return UUID(int=charge_id.int - 1)


def _say(charge_id: UUID, code: str) -> None:
    log.warning("a subsidy can't be settled yet", charge_id=str(charge_id), why=code)
