"""Sends what is due: several messages at a time, for each priority by workers of its own, and mails by others."""

import os
from collections.abc import Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from time import monotonic, sleep
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.channels.smtp import MAILS_IN_FLIGHT
from bot.channels.twilio_client import IN_FLIGHT, REQUEST_SECONDS
from bot.channels.twilio_errors import TOO_FAST, meaning_of
from bot.jobs.consequences import act_on, pause_senders
from bot.jobs.counting import took
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import CAMPAIGN_QUEUE, MAIL_QUEUE, NOTICE_QUEUE, QUEUE_OF, REPLY_QUEUE
from bot.jobs.sending import attempt
from bot.jobs.stopping import stopping
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.kinds import CAMPAIGNS, NOTICES, PRIORITIES, REPLIES
from domain.outbox import Claimed, Result, any_due, claim_due, doubt_abandoned, record_results, retire_late
from domain.pace import slow_down

log = structlog.get_logger()

_JOB_SECONDS: Final = 30.0
# So many more are claimed than are in flight, for whichever request ends first; and not one by one, for a claim costs
# the same for many.
_READY: Final = 16
_AT_LEAST: Final = 12
# What is answered within this time after the first answer is written down together with it.
_TOGETHER: Final = 0.01
# What is due and has to wait for its pace or its turn is looked for again: soon, then less and less often.
_FIRST_LOOK, _LAST_LOOK = 0.02, 0.5
_ABANDONED_AFTER: Final = REQUEST_SECONDS + 20.0
_LATE_AT_ONCE: Final = 500


@fails_in_one_line
def send_replies() -> None:
    """Send replies and one-time codes until none is due, or the job's time is up; what is left is the next one's."""
    _run(REPLIES, REPLY_QUEUE)


@fails_in_one_line
def send_notices() -> None:
    """Send notices, likewise."""
    _run(NOTICES, NOTICE_QUEUE)


@fails_in_one_line
def send_campaigns() -> None:
    """Send campaign messages, likewise."""
    _run(CAMPAIGNS, CAMPAIGN_QUEUE)


@fails_in_one_line
def send_mails() -> None:
    """Send mails, likewise: of what is due the most urgent first."""
    services = worker_services()
    services.bell.answered(MAIL_QUEUE)
    if not send_all_mails(services, _JOB_SECONDS) and not stopping():
        services.bell.ring(MAIL_QUEUE)


def _run(priority: int, queue: str) -> None:
    services = worker_services()
    services.bell.answered(queue)
    if not send_all(services, _JOB_SECONDS, priority) and not stopping():
        services.bell.ring(queue)


def send_all(services: WorkerServices, seconds: float, *priorities: int) -> bool:
    """Send for up to so many seconds, what has one of `priorities` or any. True: nothing is due any more."""
    until = monotonic() + seconds
    return all(Drain(services, priority).run(until) for priority in priorities or PRIORITIES)


def send_all_mails(services: WorkerServices, seconds: float) -> bool:
    """Send mails for up to so many seconds. True: none is due any more."""
    try:
        return Drain(services, *PRIORITIES, mails=True).run(monotonic() + seconds)
    finally:
        if services.mails is not None:
            services.mails.close()


class Drain:
    """Keeps as many requests in flight as it may. No connection to the database is held while Twilio is waited for.

    Of several priorities it takes what is most urgent first. `mails`: it sends those, and else what goes over Twilio.
    """

    def __init__(self, services: WorkerServices, *priorities: int, mails: bool = False) -> None:
        self._services = services
        self._priorities = priorities
        self._mails = mails
        self._room = MAILS_IN_FLIGHT if mails else IN_FLIGHT + _READY
        self._at_least = 1 if mails else _AT_LEAST
        self._flight: set[Future[Result]] = set()
        self._look = _FIRST_LOOK

    def run(self, until: float) -> bool:
        """Claim and send until nothing is due (True), or until then. What was claimed is always seen through."""
        while True:
            claimed = self._claim(until)
            self._flight |= {_pool(os.getpid()).submit(attempt, self._services, one, monotonic()) for one in claimed}
            if self._flight:
                self._record()
            elif monotonic() >= until or stopping():
                return False
            elif not self._anything_due():
                return True

    def batch(self) -> int:
        """Claim once, send all of it, and return how much it was."""
        claimed = self._claim(monotonic() + 1)
        self._flight = {_pool(os.getpid()).submit(attempt, self._services, one, monotonic()) for one in claimed}
        while self._flight:
            self._record()
        return len(claimed)

    def _claim(self, until: float) -> list[Claimed]:
        room = self._room - len(self._flight)
        if room < self._at_least or monotonic() >= until or stopping():
            return []
        claimed: list[Claimed] = []
        with self._services.door.for_every_business() as session:
            for priority in self._priorities:
                if len(claimed) < room:
                    claimed += claim_due(session, room - len(claimed), priority, mails=self._mails)
        return claimed

    def _record(self) -> None:
        wait(self._flight, return_when=FIRST_COMPLETED)
        wait(self._flight, timeout=_TOGETHER, return_when=ALL_COMPLETED)
        done = {future for future in self._flight if future.done()}
        self._flight -= done
        self._look = _FIRST_LOOK
        with self._services.door.for_every_business() as session:
            write_down(session, [future.result() for future in done])

    def _anything_due(self) -> bool:
        with self._services.door.for_every_business() as session:
            due = any(any_due(session, priority, mails=self._mails) for priority in self._priorities)
        if due:
            sleep(self._look)
            self._look = min(self._look * 2, _LAST_LOOK)
        return due


def write_down(session: Session, results: Sequence[Result]) -> None:
    """Write down what came of attempts, and do what follows."""
    recorded = record_results(session, results)
    for priority, seconds in recorded.waits:
        took("wait", QUEUE_OF[priority], seconds)
    act_on(session, recorded.not_sent)
    pause_senders(session, [(one.message_id, one.reason) for one in results if one.reason and one.status == "queued"])
    too_fast = [one.message_id for one in results if one.reason and meaning_of(one.reason).reason == TOO_FAST]
    if too_fast:
        slow_down(session, too_fast)


def send_batch(services: WorkerServices, priority: int = REPLIES) -> int:
    """Claim a batch, send it, write down what came of it. Returns how many messages it was."""
    return Drain(services, priority).batch()


@fails_in_one_line
def look_for_abandoned() -> None:
    """Put in doubt what a dead process left half sent, and give up what is too late."""
    services = worker_services()
    doubt_older_than(services, _ABANDONED_AFTER)
    give_up_late(services)


def doubt_older_than(services: WorkerServices, seconds: float) -> None:
    """Put in doubt what has been sending for more than so many seconds."""
    with services.door.for_every_business() as session:
        number = doubt_abandoned(session, seconds)
    if number:
        log.warning("sends abandoned by a dead process are in doubt", number=number)


def give_up_late(services: WorkerServices) -> None:
    """Give up what is past its deadline."""
    while True:
        with services.door.for_every_business() as session:
            late = retire_late(session, _LATE_AT_ONCE)
            act_on(session, late)
        if len(late) < _LATE_AT_ONCE:
            return


@cache
def _pool(_: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="send")
