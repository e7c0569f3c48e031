"""Reminds customers of invoices and instalments, and announces disconnections: prepared in sets, sent by the outbox."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

import structlog

from bot.jobs.queues import MAIL_QUEUE, NOTICE_QUEUE
from bot.jobs.worker_services import WorkerServices
from bot.notices import How, Reminding, remind
from bot.services import Services
from domain.door import Visit
from domain.dunning.plans import end_plans
from domain.dunning.reminding import TAKES, Due, note_told, take_reminders
from domain.dunning.tables import BROKEN, BROKEN_PLAN, DISCONNECTION, INSTALMENT
from domain.money import Money
from domain.notifications import WARNING, notify
from locales.text import Value

log = structlog.get_logger()

_BATCH: Final = 500
# What the database has planned for tables that were empty in the morning it would keep while they fill.
_PLAN_ANEW: Final = "DISCARD PLANS"


def remind_of_invoices(services: WorkerServices, _: datetime) -> None:
    """Remind of everything that is due now, where it is day."""
    done = remind_all(services)
    if any(done.values()):
        log.info("reminders were prepared", **done)


def remind_all(services: Services, batch: int = _BATCH) -> dict[str, int]:
    """Do it, a batch in a transaction, and return how many reminders of each kind it was.

    Plans that are broken end first: their invoices are reminded of again.
    """
    end_all(services)
    done = {}
    for kind in TAKES:
        done[kind] = 0
        while number := _batch(services, kind, batch):
            done[kind] += number
            for queue in (NOTICE_QUEUE, MAIL_QUEUE):
                services.bell.ring(queue)
    return done


def end_all(services: Services) -> int:
    """End the plans that are over, let staff know of those that are broken, and return how many it was."""
    number = 0
    while True:
        with services.door.for_every_business() as session:
            ended = end_plans(Visit.within(session), _BATCH)
            for one in ended:
                if one.state == BROKEN:
                    about = {"code": str(one.plan_id)}
                    notify(session, one.business_id, "instalments_broken", WARNING, about, ("invoice", one.invoice_id))
        number += len(ended)
        if not ended:
            return number


def _batch(services: Services, kind: str, most: int) -> int:
    with services.door.for_every_business() as session:
        visit = Visit.within(session)
        visit.ask(_PLAN_ANEW, {})
        taken = take_reminders(visit, kind, most)
        for due in _by_business(taken):
            told = remind(visit, services, [_written(one) for one in due], How(channels=tuple(due[0].channels)))
            note_told(visit, told)
        return len(taken)


def _by_business(taken: Sequence[Due]) -> Iterator[list[Due]]:
    for _, due in groupby(taken, key=lambda one: one.business_id):
        yield list(due)


def _written(due: Due) -> Reminding:
    if due.kind == INSTALMENT:
        values: dict[str, Value] = {"amount": Money(due.minor, due.currency), "due": due.day}
        return Reminding(due.reminder_id, due.invoice_id, "instalment_due", values)
    if due.kind == DISCONNECTION:
        return Reminding(due.reminder_id, due.invoice_id, "disconnection_notice", {"last_day": due.day})
    if due.kind == BROKEN_PLAN:
        return Reminding(due.reminder_id, due.invoice_id, "plan_broken")
    return Reminding(due.reminder_id, due.invoice_id)
