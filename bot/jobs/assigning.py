"""Gives those who wait for a person to who of staff is there; and tells staff of who waits too long."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from bot.jobs.failing import fails_in_one_line
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.businesses import Business
from domain.clock import now
from domain.conversations import Conversation
from domain.door import Visit
from domain.handovers import assign_next
from domain.hours import hours_of
from domain.listening import forget_untold
from domain.notifications import WARNING, notify

log = structlog.get_logger()

# Who waits so long is told of once.
WAITS_LONG: Final = timedelta(minutes=5)


@fails_in_one_line
def assign_waiting() -> None:
    """Give everybody who waits for a person to somebody, in the hours of their business."""
    assign_all(worker_services())


@fails_in_one_line
def forget_events() -> None:
    """Forget events that no process told."""
    with worker_services().door.for_every_business() as session:
        forget_untold(session)


def assign_all(services: WorkerServices) -> int:
    """Do it, and return how many were given to somebody."""
    with services.door.for_every_business() as session:
        waited_for = list(session.scalars(_waited_for()))
    return sum(_in_business(services, business_id) for business_id in waited_for)


def _waited_for() -> Select[Any]:
    return select(Conversation.business_id).where(Conversation.person_wanted_at.is_not(None)).distinct()


def _in_business(services: WorkerServices, business_id: UUID) -> int:
    with services.door.for_business(business_id) as session:
        business = session.get_one(Business, business_id)
        if not hours_of(Visit.within(session), business.timezone, now()).is_open(now()):
            return 0
        number = 0
        while given := assign_next(Visit.within(session), business_id):
            log.info("conversation given to somebody of staff", conversation_id=given[0], staff_id=given[1])
            number += 1
        _tell_of_long_waits(session, business_id)
        return number


def _tell_of_long_waits(session: Session, business_id: UUID) -> None:
    """Let staff know, once for each time that somebody waits."""
    told = (
        update(Conversation)
        .where(
            Conversation.business_id == business_id,
            Conversation.person_wanted_at < now() - WAITS_LONG,
            Conversation.wait_told_at.is_(None),
        )
        .values(wait_told_at=now())
        .returning(Conversation.id, func.extract("epoch", now() - Conversation.person_wanted_at))
    )
    for conversation_id, seconds in session.execute(told).all():
        facts = {"minutes": int(seconds) // 60}
        notify(session, business_id, "waits_long", WARNING, facts, ("conversation", conversation_id))
