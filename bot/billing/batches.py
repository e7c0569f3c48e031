"""A batch of bills: reckoned, issued, posted, put into the outbox and written down, in one transaction.

Who dies in it has done nothing, and its items wait for anybody. One that the database refuses stops no other: the batch
is undone, and its items are billed one by one.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from bot.billing.wording import WORDS
from bot.errors import one_line, where
from bot.notices import How, invoices_issued
from bot.services import Services
from bot.subscriptions import by_day
from domain.billing.facts import Frame
from domain.billing.items import (
    Back,
    Charged,
    Item,
    claim,
    claim_these,
    failed,
    held,
    note_back,
    note_billed,
    note_estimates,
)
from domain.billing.measuring import Held
from domain.billing.reckoning import Broken, Reckoned, drafts_of, reckon
from domain.billing.versions import mark_used
from domain.clock import now
from domain.door import Visit, is_outage
from domain.issuing import issue

log = structlog.get_logger()

# So many that a statement's own cost counts for little, and so few that what is lost with a process is done again soon.
BATCH: Final = 250
# A city's first run begins with empty tables. What the database has planned for those, its checks of references before
# all, it would keep while a run of minutes fills them, and read through the whole of them for each row.
_PLAN_ANEW: Final = "DISCARD PLANS"


def bill_batch(services: Services, frame: Frame, limit: int = BATCH) -> int:
    """Bill the next items that wait. Returns how many had their turn. Raises when the database is away."""
    claimed: list[Item] = []
    try:
        with services.door.for_business(frame.business_id) as session:
            visit = Visit.within(session)
            visit.ask(_PLAN_ANEW, {})
            claimed = claim(visit, frame, limit)
            bill_items(services, visit, frame, claimed)
    except Exception as error:
        if is_outage(error) or not claimed:
            raise
        log.warning("a batch is billed one by one", error=one_line(error), where=where(error), items=len(claimed))
        for one in claimed:
            _bill_alone(services, frame, one.item_id)
    return len(claimed)


def _bill_alone(services: Services, frame: Frame, item_id: UUID) -> None:
    try:
        with services.door.for_business(frame.business_id) as session:
            visit = Visit.within(session)
            bill_items(services, visit, frame, claim_these(visit, [item_id]))
    except Exception as error:
        if is_outage(error):
            raise
        log.error("a meter can't be billed", item_id=item_id, error=one_line(error), where=where(error))
        with services.door.for_business(frame.business_id) as session:
            visit = Visit.within(session)
            if claim_these(visit, [item_id]):
                note_back(visit, [failed(item_id, one_line(error))])


def bill_items(services: Services, visit: Visit, frame: Frame, items: Sequence[Item]) -> list[UUID]:
    """Bill items that are claimed, in the transaction of `visit`. Returns the invoices."""
    if not items:
        return []
    reckoned = reckon(visit, frame, [one.meter_id for one in items])
    charged, back = parted(items, reckoned)
    invoices: list[UUID] = []
    if charged:
        mark_used(visit, {charge.tariff_id for one in charged for charge in one.charges if charge.tariff_id})
        estimates = note_estimates(visit, frame, charged)
        issued = issue(visit, frame.business_id, drafts_of(frame, charged, WORDS))
        invoices = [one.invoice_id for one in issued]
        note_billed(visit, charged, invoices, estimates)
        invoices_issued(visit, services, invoices, How(due_at=by_day(now(), frame.timezone)))
    note_back(visit, back)
    return invoices


def parted(items: Sequence[Item], reckoned: dict[UUID, Reckoned]) -> tuple[list[Charged], list[Back]]:
    """Return what is to be billed, and what is not."""
    charged, back = [], []
    for one in items:
        what = reckoned[one.meter_id]
        if isinstance(what, Held):
            back.append(held(one.item_id, what))
        elif isinstance(what, Broken):
            log.error(
                "a bill can't be reckoned", item_id=one.item_id, error=one_line(what.error), where=where(what.error)
            )
            back.append(failed(one.item_id, one_line(what.error)))
        else:
            charged.append(Charged(one.item_id, *what))
    return charged, back
