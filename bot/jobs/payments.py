"""Carries payments, refunds and gateways' notices on: what a worker is woken for, and what is due by itself."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from time import monotonic
from typing import Final, TypeVar

import structlog

from bot.errors import one_line, where
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import MAIL_QUEUE, NOTICE_QUEUE, PAYMENT_QUEUE, REPLY_QUEUE, VENDING
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.payments.carrying import Carrier
from bot.payments.following import Follower
from bot.payments.refunds import Refunder
from bot.providers.gateways import make_gateway
from bot.services import Services
from domain.door import Visit
from domain.gateways.port import PaymentGateway
from domain.payments.asking import any_due, take_due
from domain.payments.notices import any_notice, forget_notices, take_notices
from domain.payments.refunding import any_refund_due, take_refunds

log = structlog.get_logger()

_AT_ONCE: Final = 4
_BATCH: Final = 8
# A worker is stopped after a minute, and a request to a gateway takes up to half of one.
_SECONDS: Final = 25.0
One = TypeVar("One")


@fails_in_one_line
def carry_payments() -> None:
    """Carry on what is due, until nothing is, or the time is up."""
    services = worker_services()
    services.bell.answered(PAYMENT_QUEUE)
    carry_all(services, _gateway_of_process(os.getpid()), monotonic() + _SECONDS)


def carry_all(services: Services, gateway: PaymentGateway | None, until: float | None = None) -> int:
    """Carry on what is due until nothing is. Returns how many steps were taken."""
    steps = 0
    while until is None or monotonic() < until:
        done = _carry_batch(services, gateway)
        if not done:
            return steps
        steps += done
        for queue in (REPLY_QUEUE, NOTICE_QUEUE, MAIL_QUEUE, VENDING):
            services.bell.ring(queue)
    services.bell.ring(PAYMENT_QUEUE)
    return steps


def payments_due(services: Services) -> bool:
    """Tell whether there is something to carry on."""
    with services.door.for_every_business() as session:
        visit = Visit.within(session)
        return any_notice(visit) or any_due(visit) or any_refund_due(visit)


def forget_old_notices(services: WorkerServices, _: datetime) -> None:
    """Delete the notices of gateways that were followed long ago."""
    with services.door.for_every_business() as session:
        forget_notices(Visit.within(session))


def _carry_batch(services: Services, gateway: PaymentGateway | None) -> int:
    with services.door.for_every_business() as session:
        notices = take_notices(Visit.within(session), _BATCH)
    done = _each(Follower(services, gateway).follow, notices)
    with services.door.for_every_business() as session:
        payments = take_due(Visit.within(session), _BATCH)
        refunds = take_refunds(Visit.within(session), _BATCH) if gateway else []
    done += _each(Carrier(services, gateway).carry, payments)
    return done + (_each(Refunder(services, gateway).carry, refunds) if gateway else 0)


def _each(carry: Callable[[One], None], batch: Sequence[One]) -> int:
    """Carry each on, several at once: what fails is due again a little later, and holds nobody else up."""
    with ThreadPoolExecutor(_AT_ONCE, "payments") as pool:
        for one, failure in zip(batch, pool.map(lambda one: _failure(carry, one), batch), strict=True):
            if failure is not None:
                what = str(getattr(one, "id", ""))
                log.error("a payment was not carried on", id=what, error=one_line(failure), where=where(failure))
    return len(batch)


def _failure(carry: Callable[[One], None], one: One) -> Exception | None:
    try:
        carry(one)
    except Exception as error:  # noqa: BLE001  the edge of a job
        return error
    return None


@cache
def _gateway_of_process(_: int) -> PaymentGateway | None:
    return make_gateway(worker_services().settings)
