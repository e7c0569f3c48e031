"""Why the power is off, as far as we know it ourselves: asked before a fault is reported."""

from dataclasses import dataclass
from uuid import UUID

from domain import clock
from domain.door import Desk, Visit
from domain.invoices import OPEN_STATUSES
from domain.money import Money
from domain.outages import KnownOutage, outage_in


@dataclass(frozen=True, slots=True)
class Supply:
    """A meter that a contact speaks for, and the area that it stands in: its own, or else its customer's."""

    meter_id: UUID
    meter_no: str
    nickname: str | None
    customer_id: UUID
    prepaid: bool
    active: bool
    area: str | None


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The meter, or else the subscription, is inactive, and `overdue` invoices of together `owed` are the reason."""

    overdue: int
    owed: Money
    meter: bool


@dataclass(frozen=True, slots=True)
class CheckCredit:
    """The meter is prepaid, and nobody but its display knows whether there is credit left."""


Cause = KnownOutage | Disconnected | CheckCredit


def is_about_paying(cause: Cause) -> bool:
    """Tell whether what is owed is the reason."""
    return isinstance(cause, Disconnected)


# A meter that was taken out of service is no longer told, unless it may have been for want of payment.
_SUPPLIES = """
    SELECT meter.id, meter_no, nickname, customer.id, kind = 'prepaid', active, COALESCE(meter.area, customer.area)
    FROM speaks_for
    JOIN customer ON customer.id = speaks_for.customer_id
    JOIN meter ON meter.customer_id = customer.id
    WHERE speaks_for.contact_id = %(contact_id)s AND (active OR EXISTS (
        SELECT FROM invoice
        WHERE invoice.customer_id = customer.id AND status = ANY(%(open)s) AND due_date < %(today)s))
    ORDER BY account_no, meter_no
"""
_PAYING = """
    SELECT count(*), COALESCE(sum(total_minor - paid_minor), 0),
           EXISTS (SELECT FROM subscription WHERE customer_id = %(customer_id)s)
           AND NOT EXISTS (SELECT FROM subscription
                           WHERE customer_id = %(customer_id)s AND status IN ('pending', 'active', 'paused'))
    FROM invoice WHERE customer_id = %(customer_id)s AND status = ANY(%(open)s) AND due_date < %(today)s
"""
_AREA = "SELECT area FROM customer WHERE id = %(customer_id)s"


def supplies_of(visit: Visit, desk: Desk, contact_id: UUID) -> tuple[Supply, ...]:
    """Return the meters of all accounts that the contact speaks for."""
    values = {"contact_id": contact_id, "open": list(OPEN_STATUSES), "today": clock.today(desk.timezone)}
    return tuple(Supply(*row) for row in visit.ask(_SUPPLIES, values))


def known_cause(visit: Visit, desk: Desk, customer_id: UUID | None, supply: Supply | None) -> Cause | None:
    """Return the reason that we know for a customer's power being off, at one meter or anywhere; None: we know none.

    This is the one place where the reasons are weighed: an outage comes first, because paying would not end it.
    """
    if customer_id is None:
        return None
    area = supply.area if supply else visit.ask(_AREA, {"customer_id": customer_id})[0][0]
    return (
        outage_in(visit, area, clock.now())
        or _disconnected(visit, desk, customer_id, supply)
        or (CheckCredit() if supply and supply.prepaid else None)
    )


def _disconnected(visit: Visit, desk: Desk, customer_id: UUID, supply: Supply | None) -> Disconnected | None:
    values = {"customer_id": customer_id, "open": list(OPEN_STATUSES), "today": clock.today(desk.timezone)}
    ((overdue, owed, unsubscribed),) = visit.ask(_PAYING, values)
    meter_is_off = supply is not None and not supply.active
    if not overdue or not (meter_is_off or unsubscribed):
        return None
    return Disconnected(overdue, Money(int(owed), desk.currency), meter_is_off)
