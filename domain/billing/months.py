"""Months and parts of them: how much of a tariff's month a span of days is."""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Final

# What is nearly a month is charged as one: meters are not read on the very same day.
_NEARLY: Final = (Fraction(8, 10), Fraction(12, 10))


@lru_cache(maxsize=4096)
def months_in(first: date, until: date) -> Fraction:
    """Return how many months there are from `first` to before `until`: each day is a part of its own month."""
    months, day = Fraction(0), first
    while day < until:
        following = next_month(day)
        months += Fraction((min(following, until) - day).days, monthrange(day.year, day.month)[1])
        day = following
    return months


@lru_cache(maxsize=4096)
def charged_months(first: date, until: date) -> Fraction:
    """Return for how many months a span of days is charged: for one where it is within a fifth of one."""
    months = months_in(first, until)
    return Fraction(1) if _NEARLY[0] <= months <= _NEARLY[1] else months


def first_of_month(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Return the first day of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(day: date) -> date:
    """Return the first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
