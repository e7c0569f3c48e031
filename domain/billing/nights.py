"""Which month is to be billed by itself: told by the date, so that an outage loses none and nothing comes twice."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.billing.months import first_of_month, month_before, next_month
from domain.billing.runs import Nightly

# Local time. Readings of the turn of the day are in by then, and nobody works with the figures yet.
_HOUR: Final = 1


def due_period(one: Nightly, at: datetime) -> date | None:
    """Return the first day of the month that is to be billed at `at`; None while there is none.

    After an outage that is the oldest month that was missed; who asks again, once it is done, gets the next one.
    """
    wall = at.astimezone(ZoneInfo(one.timezone))
    latest = month_before(first_of_month(wall.date()))
    has_come = (wall.day, wall.hour) >= (one.day, _HOUR)
    if not has_come:
        latest = month_before(latest)
    if one.is_at_one or (one.last is None and not has_come):
        return None
    wanted = latest if one.last is None else next_month(one.last)
    return wanted if wanted <= latest else None
