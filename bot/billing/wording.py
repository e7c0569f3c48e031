"""What a bill says: what it is for, and what each of its lines is, in both languages."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from domain.billing.charging import ENERGY, Charge
from domain.billing.measuring import Measured
from domain.billing.reckoning import Words
from locales.speech import in_both
from locales.text import Text, text

_DAY: Final = 1


@lru_cache(maxsize=4096)
def _head(first: date, last: date, *, estimated: bool) -> tuple[str, str]:
    return in_both(text("bill.head_estimated" if estimated else "bill.head", first=first, last=last))


@lru_cache(maxsize=4096)
def _line(kind: str, above: int | None, up_to: int | None, days: tuple[date, date] | None) -> tuple[str, str]:
    said = _what(kind, above, up_to)
    if days is not None:
        said = text("bill.part", what=said, first=days[0], last=_before(days[1]))
    return in_both(said)


def _what(kind: str, above: int | None, up_to: int | None) -> Text:
    if kind != ENERGY or above is None:
        return Text(f"bill.{kind}")
    if up_to is None:
        return text("bill.energy_above", above=_kwh(above))
    return text("bill.energy_block", above=_kwh(above), up_to=_kwh(up_to))


def _of_measured(measured: Measured) -> tuple[str, str]:
    return _head(measured.bill.first, _before(measured.bill.until), estimated=measured.estimated)


def _of_charge(charge: Charge, measured: Measured) -> tuple[str, str]:
    whole = (charge.first, charge.until) == (measured.bill.first, measured.bill.until)
    return _line(charge.kind, charge.above, charge.up_to, None if whole else (charge.first, charge.until))


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - _DAY)


def _kwh(wh: int) -> Decimal:
    """Return kWh with no more decimals than are needed."""
    value = Decimal(wh).scaleb(-3)
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


WORDS: Final = Words(_of_measured, _of_charge)
