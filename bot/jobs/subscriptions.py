"""What time brings to subscriptions, and who is told of it."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

import structlog

from bot.jobs.queues import NOTICE_QUEUE
from bot.jobs.worker_services import WorkerServices
from bot.subscriptions import tell_waiting
from domain.clock import now
from domain.door import Door, Visit
from domain.subscriptions.sweeps import CHANGES, REMINDERS, Places, places, sweep

log = structlog.get_logger()

# The work is the database's: so many connections let it use so many of its cores.
_AT_ONCE: Final = 2


def sweep_subscriptions(services: WorkerServices, _: datetime) -> None:
    """Begin, pause, resume and expire what is due by now, note the reminders, and tell the customers."""
    done = sweep_all(services.door, CHANGES | REMINDERS)
    told = _tell_all(services)
    log.info("subscriptions were swept", told=told, **done)


def sweep_all(door: Door, statements: Mapping[str, str]) -> dict[str, int]:
    """Do everything that is due, a batch in a transaction. Returns how many rows each kind was."""
    with door.for_every_business() as session:
        at = places(Visit.within(session))
    with ThreadPoolExecutor(_AT_ONCE, "sweep") as pool:
        # One kind after the other: what resumes may have ended meanwhile.
        return {name: sum(pool.map(_sweep, *_twice(door, statement, at))) for name, statement in statements.items()}


def _tell_all(services: WorkerServices) -> int:
    total = 0
    while True:
        with services.door.for_every_business() as session:
            done = tell_waiting(Visit.within(session), services.accounts, now())
        services.bell.ring(NOTICE_QUEUE)
        total += done
        if not done:
            return total


def _twice(*of: Any) -> Iterator[list[Any]]:
    yield from ([one] * _AT_ONCE for one in of)


def _sweep(door: Door, statement: str, at: Places) -> int:
    total = 0
    while True:
        with door.for_every_business() as session:
            done = sweep(Visit.within(session), statement, at)
        total += done
        # A batch may be short because others hold its rows; they do, or the next run will, what is left.
        if not done:
            return total
