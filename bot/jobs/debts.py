"""Late fees, and disconnections by a rule: the steps of a business that says so, each once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

import structlog

from bot.jobs.queues import MAIL_QUEUE, NOTICE_QUEUE
from bot.jobs.worker_services import WorkerServices
from bot.notices import invoices_issued
from bot.services import Services
from domain import clock
from domain.door import Visit
from domain.dunning.cutting import cut_by_rule, ruled_businesses
from domain.dunning.days import days_of
from domain.dunning.fees import Late, late_invoices, note_fees
from domain.issuing import Draft, DraftLine, issue
from domain.vat import OUTSIDE, RATE_OF_NONE
from locales.speech import in_both
from locales.text import Code, text

log = structlog.get_logger()

_BATCH: Final = 200
_DAYS_TO_PAY: Final = timedelta(days=14)


def tend_debts(services: WorkerServices, _: datetime) -> None:
    """Charge the fees that are due, and disconnect whom a rule disconnects."""
    fees, cuts = charge_fees(services), cut_all(services)
    if fees or cuts:
        log.info("debts were tended", late_fees=fees, disconnections=cuts)


def charge_fees(services: Services) -> int:
    """Charge every late fee that is due, a batch in a transaction, tell the customers, and return how many."""
    total = 0
    while True:
        with services.door.for_every_business() as session:
            visit = Visit.within(session)
            late = late_invoices(visit, _BATCH)
            for business_id, some in groupby(late, key=lambda one: one.business_id):
                _charge(visit, services, business_id, list(some))
        if not late:
            return total
        total += len(late)
        for queue in (NOTICE_QUEUE, MAIL_QUEUE):
            services.bell.ring(queue)


def cut_all(services: Services) -> int:
    """Write down every disconnection that a rule asks for now, and return how many."""
    with services.door.for_every_business() as session:
        businesses = ruled_businesses(Visit.within(session))
    total = 0
    for business_id in businesses:
        with services.door.for_business(business_id) as session:
            total += cut_by_rule(Visit.within(session), business_id)
    return total


def _charge(visit: Visit, services: Services, business_id: UUID, late: Sequence[Late]) -> None:
    timezone, _ = days_of(visit, business_id)
    drafts = [_draft(one, timezone) for one in late]
    issued = issue(visit, business_id, drafts)
    note_fees(visit, business_id, {one.invoice_id: fee.invoice_id for one, fee in zip(late, issued, strict=True)})
    invoices_issued(visit, services, [fee.invoice_id for fee in issued])


def _draft(one: Late, timezone: str) -> Draft:
    what = text("fee.late", invoice=Code(one.invoice_no))
    english, arabic = in_both(what)
    line = DraftLine(english, arabic, one.fee_minor, OUTSIDE, RATE_OF_NONE)
    return Draft(one.customer_id, clock.today(timezone) + _DAYS_TO_PAY, english, arabic, (line,))
