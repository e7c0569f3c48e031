"""Tells staff of customers who wait in conversations that were taken over, and gives them on where nobody answers."""

from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from bot.handovers import told_of_giving_on
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import REPLY_QUEUE
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.businesses import Business
from domain.clock import now
from domain.door import Visit
from domain.handovers import hand_back, hold
from domain.hours import hours_of
from domain.notifications import CRITICAL, WARNING, notify
from domain.unanswered import URGENT_AFTER, Unanswered, give_on, left_lying, note_told, unanswered

log = structlog.get_logger()


@fails_in_one_line
def tend_handovers() -> None:
    """See to every conversation that somebody of staff has, and in which nobody answers."""
    tend_all(worker_services())


def tend_all(services: WorkerServices) -> int:
    """Do it, and return how many were given on or handed back."""
    with services.door.for_every_business() as session:
        waiting, lying = unanswered(Visit.within(session)), left_lying(Visit.within(session))
    given_on = sum(_tend(services, one) for one in waiting if _concerns(one))
    if given_on:
        services.bell.ring(REPLY_QUEUE)
    return given_on + sum(_wake_the_bot(services, *one) for one in lying)


def _concerns(one: Unanswered) -> bool:
    """Tell whether there is anything to do that was not done."""
    return one.is_given_on or not one.told or (not one.urged and one.waited(URGENT_AFTER))


def _tend(services: WorkerServices, seen: Unanswered) -> bool:
    """Do what is due about one wait; whatever changed until its conversation was locked counts."""
    with services.door.for_business(seen.business_id) as session:
        visit = Visit.within(session)
        held = hold(visit, seen.business_id, seen.conversation_id)
        found = unanswered(visit, seen.conversation_id) if held else []
        if held is None or not found:
            return False
        (one,) = found
        business = session.get_one(Business, one.business_id)
        is_open = hours_of(visit, business.timezone, now()).is_open(now())
        if is_open:
            _tell(session, one)
        if one.is_given_on:
            give_on(visit, one)
            told_of_giving_on(visit, services.accounts, held, one, is_open)
            log.info("conversation given on, nobody answered", conversation_id=one.conversation_id, gone=one.gone)
        return one.is_given_on


def _tell(session: Session, one: Unanswered) -> None:
    """Let staff know: once that somebody waits, and once that it has become urgent."""
    urgent = one.waited(URGENT_AFTER)
    if one.urged or (one.told and not urgent):
        return
    facts = {"minutes": one.minutes, "name": one.taken_by_name, "staff_id": str(one.taken_by)}
    kind, severity = ("answer_missing", CRITICAL) if urgent else ("answer_late", WARNING)
    notify(session, one.business_id, kind, severity, facts, ("conversation", one.conversation_id))
    note_told(Visit.within(session), one, urgent)


def _wake_the_bot(services: WorkerServices, business_id: UUID, conversation_id: UUID) -> bool:
    """Let the bot answer again where nothing was said for a day. The customer is told nothing: nobody is waiting."""
    with services.door.for_business(business_id) as session:
        visit = Visit.within(session)
        held = hold(visit, business_id, conversation_id)
        if held is None or not left_lying(visit, conversation_id):
            return False
        hand_back(visit, held)
        log.info("conversation handed back, nothing was said for a day", conversation_id=conversation_id)
        return True
