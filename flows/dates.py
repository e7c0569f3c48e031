"""The day that a customer means: 25/12, 25 December, tomorrow, in either language."""

import re
from datetime import date, timedelta
from functools import cache
from typing import Final

from babel.dates import get_month_names

from flows.normalise import normalise
from flows.words import meant_exactly

_NUMBER: Final = re.compile(r"\d{1,4}")
_LOCALES: Final = ("en_GB", "ar_EG", "ar_SA", "ar_SY")


@cache
def _months() -> dict[str, int]:
    named = [(name, number) for one in _LOCALES for number, name in get_month_names("wide", locale=one).items()]
    named += [(name, number) for number, name in get_month_names("abbreviated", locale="en_GB").items()]
    return {normalise(name): number for name, number in named}


def day_in(said: str, today: date) -> date | None:
    """Return the day that the words name, the next one where they leave out the year; None where they name none."""
    words = normalise(said)
    near = meant_exactly(words, ("today", "tomorrow"))
    if near is not None:
        return today if near == "today" else today + timedelta(days=1)
    numbers = [int(found) for found in _NUMBER.findall(words)]
    month = next((_months()[word] for word in words.split(" ") if word in _months()), None)
    return _day(numbers if month is None else [*numbers[:1], month, *numbers[1:]], today)


def _day(parts: list[int], today: date) -> date | None:
    if len(parts) == 3:
        year, month, day = parts if parts[0] > 31 else reversed(parts)
        return _real(year + 2000 if year < 100 else year, month, day)
    if len(parts) == 2:
        day, month = parts
        found = _real(today.year, month, day)
        return _real(today.year + 1, month, day) if found is None or found < today else found
    return None


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
