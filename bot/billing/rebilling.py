"""Billing a meter anew: the wrong invoice is taken back by a credit note, and a right one takes its place."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bot.billing.batches import bill_items
from bot.services import Services
from domain.billing.facts import frame_of
from domain.billing.items import Item
from domain.cancelling import Cancelled, cancel
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id


class CannotRebill(LookupError):
    """It is not possible. `code`: not_a_bill, billed_later."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Rebilled:
    """The credit note, and the invoice that takes the place; without one the meter is held back."""

    cancelled: Cancelled
    invoice_id: UUID | None


# A bill that another follows can't be changed: the next one begins where it ends.
_BILL: Final = """
    SELECT business_id, period, EXISTS (
        SELECT FROM billing_item AS later LEFT JOIN meter_exchange AS changed ON changed.meter_id = later.meter_id
        WHERE item.meter_id IN (later.meter_id, changed.old_meter_id) AND later.period > item.period
          AND later.state = 'billed')
    FROM billing_item AS item WHERE invoice_id = %(invoice_id)s AND state = 'billed' FOR NO KEY UPDATE
"""
_ANEW: Final = """
    INSERT INTO billing_item (id, created_at, business_id, run_id, meter_id, customer_id, period, state)
    SELECT %(id)s, %(now)s, business_id, run_id, meter_id, customer_id, period, 'waiting'
    FROM billing_item WHERE invoice_id = %(invoice_id)s RETURNING meter_id
"""


def rebill(services: Services, visit: Visit, invoice_id: UUID, reason: str) -> Rebilled:
    """Take a bill back, and bill its meter anew, by the readings as they are now. Raises CannotRebill."""
    rows = visit.ask(_BILL, {"invoice_id": invoice_id})
    if not rows:
        raise CannotRebill("not_a_bill")
    business_id, period, is_followed = rows[0]
    if is_followed:
        raise CannotRebill("billed_later")
    cancelled = cancel(visit, invoice_id, reason)
    item_id = new_id()
    ((meter_id,),) = visit.ask(_ANEW, {"id": item_id, "now": now(), "invoice_id": invoice_id})
    frame = frame_of(visit, business_id, period)
    invoices = bill_items(services, visit, frame, [Item(item_id, meter_id)])
    return Rebilled(cancelled, invoices[0] if invoices else None)
