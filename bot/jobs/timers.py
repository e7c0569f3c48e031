"""Lets happen what conversations wait for."""

from typing import Final
from uuid import UUID

import structlog

from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import REPLY_QUEUE
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.logs import bound
from bot.turns import begin, close
from domain.timers import due_timers, take_timer
from domain.turns import reopen_turn
from flows.engine import wake
from flows.heard import NOTHING

log = structlog.get_logger()

_BATCH: Final = 100


@fails_in_one_line
def fire_timers() -> None:
    """Fire every timer that is due: each in a turn of its own, once, however many run this."""
    fire_all(worker_services())


def fire_all(services: WorkerServices) -> int:
    """Fire what is due, and return how many there were."""
    fired = 0
    while True:
        with services.door.for_every_business() as session:
            due = due_timers(session, _BATCH)
        sent = [message for timer in due for message in _fire(services, timer)]
        if sent:
            services.bell.ring(REPLY_QUEUE)
        fired += len(due)
        if len(due) < _BATCH:
            return fired


def _fire(services: WorkerServices, timer_id: UUID) -> list[UUID]:
    with services.door.for_visit() as visit:
        taken = take_timer(visit, timer_id)
        reopened = reopen_turn(visit, taken.conversation_id, taken.turn) if taken else None
        if taken is None or reopened is None:
            return []  # somebody else fired it, or the customer wrote before
        desk, opening, channel = reopened
        with bound(conversation_id=opening.conversation_id):
            turn = begin(services, visit, desk, opening, NOTHING, channel)
            wake(turn, taken.choice)
            log.info("timer fired", choice=taken.choice, flow=turn.talk.flow, state=turn.talk.state)
            return close(turn)
