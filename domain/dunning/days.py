"""Days on which people come to work, by the business's own calendar; and days on which nobody is disconnected."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from domain import clock
from domain.door import Visit
from domain.invoices import OPEN_STATUSES

# Where a business keeps no hours: Friday and Saturday (0 is Monday).
USUAL_DAYS_OFF: Final = frozenset({4, 5})
_EVERY_DAY: Final = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Days:
    """On which weekdays nobody comes, and on which days besides."""

    days_off: frozenset[int]
    holidays: Collection[date]

    def is_off(self, day: date) -> bool:
        """Tell whether nobody comes on a day."""
        return day.weekday() in self.days_off or day in self.holidays

    def may_cut(self, day: date) -> bool:
        """Tell whether somebody may be disconnected for a debt: not when nobody comes then, or on the day after."""
        return not self.is_off(day) and not self.is_off(day + timedelta(days=1))


_DAYS: Final = """
    SELECT timezone, ARRAY(SELECT DISTINCT weekday FROM opening_hours WHERE business_id = business.id),
           ARRAY(SELECT date FROM holiday WHERE business_id = business.id)
    FROM business WHERE id = %(business_id)s
"""


_OWES: Final = """
    SELECT EXISTS (SELECT FROM meter JOIN invoice ON invoice.customer_id = meter.customer_id
                   WHERE meter.business_id = %(business_id)s AND meter_no = %(meter_no)s
                     AND status = ANY(%(open)s) AND due_date < %(day)s)
"""


def days_of(visit: Visit, business_id: UUID) -> tuple[str, Days]:
    """Return the time zone of a business, and its days."""
    ((timezone, weekdays, holidays),) = visit.ask(_DAYS, {"business_id": business_id})
    off = _EVERY_DAY - frozenset(weekdays) if weekdays else USUAL_DAYS_OFF
    return timezone, Days(off, frozenset(holidays))


def may_cut_today(visit: Visit, business_id: UUID) -> bool:
    """Tell whether somebody may be disconnected for a debt on what is today at the business."""
    timezone, days = days_of(visit, business_id)
    return days.may_cut(clock.today(timezone))


def is_overdue(visit: Visit, business_id: UUID, meter_no: str) -> bool:
    """Tell whether whoever has a meter owes anything that is overdue."""
    timezone, _ = days_of(visit, business_id)
    values = {"business_id": business_id, "meter_no": meter_no, "open": list(OPEN_STATUSES)}
    ((owes,),) = visit.ask(_OWES, {**values, "day": clock.today(timezone)})
    return bool(owes)
