"""Has the vendor issue what was paid for, tells customers what came of it, and asks meters what customers want to know.

Several at a time; no connection to the database is held while the vendor is waited for. Everything that is done here
was claimed before, so it may die at any instant (domain/purchases/vending.py).
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.errors import one_line, where
from bot.jobs.failing import fails_in_one_line
from bot.jobs.meter_questions import answer_question, claim_questions
from bot.jobs.process_vendor import process_vendor
from bot.jobs.queues import REPLY_QUEUE, VENDING
from bot.jobs.stopping import stopping
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.purchases import tell_issued, tell_late, tell_one_waiting, tell_refunded
from domain import clock
from domain.door import Visit
from domain.notifications import CRITICAL, notify
from domain.purchases.booking import refund
from domain.purchases.states import REFUND
from domain.purchases.states import VENDING as SENDING
from domain.purchases.vending import (
    Claimed,
    claim,
    doubt,
    let_wait,
    next_pause,
    note_issued,
    note_late,
    send_again,
    still_ours,
)
from domain.vendors.errors import NotSupported, OutcomeUnknown, Refused, Unreachable
from domain.vendors.port import TokenVendor
from domain.vendors.results import Charge
from domain.vendors.settling import verified

log = structlog.get_logger()

_AT_ONCE: Final = 8
# While something is in flight, what was paid meanwhile is looked for so often.
_LOOK_EVERY: Final = 0.05
# After the request's time limit nothing of it is on its way any more.
_SETTLING: Final = timedelta(seconds=5)
_OUT_OF_CREDIT: Final = "out_of_credit"
OUT_OF_CREDIT: Final = "vendor_out_of_credit"


@fails_in_one_line
def vend() -> None:
    """Do all that is due: what a worker is woken for. Without a vendor only telling is left."""
    services = worker_services()
    services.bell.answered(VENDING)
    vend_all(services, process_vendor())


def vend_all(services: WorkerServices, vendor: TokenVendor | None) -> int:
    """Do all that is due, until nothing is left. Returns how many purchases were looked at."""
    _tell_waiting(services)
    return Drain(services, vendor).run() if vendor is not None else 0


class Drain:
    """Keeps so many requests to the vendor in flight until nothing is due."""

    def __init__(self, services: WorkerServices, vendor: TokenVendor) -> None:
        self._services = services
        self._vendor = vendor
        self._limit = timedelta(milliseconds=services.settings.sts_api_timeout) + _SETTLING
        self._flight: set[Future[None]] = set()
        self._done = 0

    def run(self) -> int:
        """Work until nothing is due, or the process is told to stop. What was claimed is always seen through."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="vending") as pool:
            while True:
                self._flight |= {pool.submit(_guarded, work) for work in self._claimed()}
                if not self._flight:
                    return self._done
                _, self._flight = wait(self._flight, timeout=_LOOK_EVERY, return_when=FIRST_COMPLETED)

    def _claimed(self) -> list[Callable[[], None]]:
        """Claim as much as there is room for."""
        room = 0 if stopping() else _AT_ONCE - len(self._flight)
        if not room:
            return []
        asking = self._limit * (self._services.settings.sts_api_retry_attempts + 1)
        with self._services.door.for_every_business() as session:
            visit = Visit.within(session)
            purchases = claim(visit, room, self._limit, asking + self._limit)
            questions = claim_questions(visit, room - len(purchases), asking * 3) if room > len(purchases) else []
        self._done += len(purchases)
        settling = [_bound(self._settle, one) for one in purchases]
        return settling + [_bound(answer_question, self._services, self._vendor, one) for one in questions]

    def _settle(self, one: Claimed) -> None:
        if one.state == SENDING:
            self._send(one)
        else:
            self._ask(one)
        self._services.bell.ring(REPLY_QUEUE)

    def _send(self, one: Claimed) -> None:
        """Send it, once."""
        sent_at = clock.now()
        try:
            charge = self._vendor.charge(one.request)
        except Refused as error:
            self._refused(one, error.code)
        except NotSupported:
            self._refused(one, "not_supported")
        except Unreachable as error:
            self._wait(one, str(error))
        except OutcomeUnknown as error:
            # It is asked about at once, by whoever claims it next.
            self._in_doubt(one, str(error), clock.now(), sent_at=sent_at)
        else:
            self._issued(one, charge)

    def _ask(self, one: Claimed) -> None:
        """Ask what became of it, and go on from there."""
        if one.sent_at is None and one.give_back:
            self._give_back(one, "given_up")  # nothing of it ever was with the vendor
            return
        try:
            charge = verified(self._vendor, one.request)
        except OutcomeUnknown as error:
            self._in_doubt(one, str(error), clock.now() + next_pause(one.attempt), late=True)
            return
        if charge is not None:
            self._issued(one, charge)
        elif one.refused or one.give_back:
            self._give_back_when_certain(one)
        elif self._send_again(one):
            self._send(one)

    def _send_again(self, one: Claimed) -> bool:
        with self._services.door.for_business(one.business_id) as session:
            return send_again(Visit.within(session), one)

    def _give_back_when_certain(self, one: Claimed) -> None:
        """A request that got no answer may still be on its way until its time limit has passed."""
        certain_at = (one.sent_at or clock.now() - self._limit) + self._limit
        if clock.now() < certain_at:
            self._in_doubt(one, one.refused or "given_up", certain_at, late=True)
        else:
            self._give_back(one, one.refused or "given_up")

    def _issued(self, one: Claimed, charge: Charge) -> None:
        with self._services.door.for_business(one.business_id) as session:
            visit = Visit.within(session)
            if note_issued(visit, one, charge):
                tell_issued(visit, self._services.accounts, one.purchase_id)
                log.info("tokens were issued", purchase_id=str(one.purchase_id), tokens=len(charge.tokens))

    def _refused(self, one: Claimed, code: str) -> None:
        if one.sent_at is None:
            self._give_back(one, code)
        else:
            self._in_doubt(one, code, one.sent_at + self._limit, refused=code, late=True)

    def _give_back(self, one: Claimed, why: str) -> None:
        with self._services.door.for_business(one.business_id) as session:
            visit = Visit.within(session)
            if not still_ours(visit, one, REFUND):
                return
            back = refund(visit, one.purchase_id, why)
            if back is not None:
                tell_refunded(visit, self._services.accounts, one.purchase_id, back)
                log.warning("money was given back", purchase_id=str(one.purchase_id), why=why)
            if why == _OUT_OF_CREDIT:
                notify(session, one.business_id, OUT_OF_CREDIT, CRITICAL, {"code": why})

    def _wait(self, one: Claimed, why: str) -> None:
        with self._services.door.for_business(one.business_id) as session:
            visit = Visit.within(session)
            if let_wait(visit, one, why):
                self._tell_late(visit, one)

    def _in_doubt(
        self, one: Claimed, why: str, due_at: datetime, *, sent_at: datetime | None = None,
        refused: str | None = None, late: bool = False,
    ) -> None:  # fmt: skip
        with self._services.door.for_business(one.business_id) as session:
            visit = Visit.within(session)
            if doubt(visit, one, why, due_at, sent_at=sent_at, refused=refused) and late:
                self._tell_late(visit, one)

    def _tell_late(self, visit: Visit, one: Claimed) -> None:
        if note_late(visit, one.purchase_id):
            tell_late(visit, self._services.accounts, one.purchase_id)


def _bound(do: Callable[..., None], *arguments: Any) -> Callable[[], None]:
    return lambda: do(*arguments)


def _guarded(work: Callable[[], None]) -> None:
    """One that fails leaves its claim, and is found again; the others go on."""
    try:
        work()
    except Exception as error:  # noqa: BLE001  the edge of a job
        log.error("a purchase was not settled", kind=type(error).__name__, error=one_line(error), where=where(error))


def _tell_waiting(services: WorkerServices) -> None:
    told = True
    while told:
        with services.door.for_every_business() as session:
            told = tell_one_waiting(Visit.within(session), services.accounts)
        if told:
            services.bell.ring(REPLY_QUEUE)
