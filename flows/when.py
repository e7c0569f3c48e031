"""An instant, as a person at the business would say it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.hours import WEEKDAYS
from flows.turn import Turn
from locales.text import Code, Text, text

_A_WEEK = 7


def moment(turn: Turn, at: datetime) -> Text:
    """Return `at` as today or tomorrow at so much, on Sunday at so much, or with its date when it is far."""
    local = at.astimezone(ZoneInfo(turn.desk.timezone))
    hour = Code(f"{local:%H:%M}")
    days = (local.date() - turn.today).days
    if days == 0:
        return text("when.today", hour=hour)
    if days == 1:
        return text("when.tomorrow", hour=hour)
    if 0 < days < _A_WEEK:
        return text("when.weekday", weekday=text(f"weekday.{WEEKDAYS[local.weekday()]}"), hour=hour)
    return text("when.date", day=local.date(), hour=hour)
