"""Amounts of money as customers type them: 1,234.50 or ١٬٢٣٤٫٥٠, with the currency's name or without."""

import re
import unicodedata
from typing import Final

from domain.money import Money, MoneyError, parse_amount

_SIGNS: Final = str.maketrans({"٫": ".", "٬": ",", "،": ",", "’": ",", "'": ","})
_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_GAPS: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_FIGURE: Final = re.compile(r"\d[\d.,]*")
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
# Longer ones are the numbers of meters and accounts.
_LONGEST: Final = 9


def numbers_in(said: str) -> list[str]:
    """Return the numbers that stand in `said`, in Western digits: `1,250.50` is one."""
    western = "".join(map(_western, _INVISIBLE.sub("", said))).translate(_SIGNS)
    return [found.rstrip(".,") for found in _FIGURE.findall(_GAPS.sub("", western))]


def amount_in(said: str, currency: str) -> Money | None:
    """Return the one amount above zero that the words name in `currency`; None where there is none, or more than one.

    A comma before exactly three digits parts thousands, as ٬ does; any other is a decimal comma.
    """
    figures = [_plain(number) for number in numbers_in(said)]
    amounts = [figure for figure in figures if len(figure.split(".")[0]) <= _LONGEST]
    if len(amounts) != 1:
        return None
    try:
        amount = parse_amount(amounts[0], currency)
    except MoneyError:
        return None
    return amount if amount.minor > 0 else None


def _plain(figure: str) -> str:
    return figure.replace(",", "") if _THOUSANDS.fullmatch(figure) else figure.replace(",", ".")


def _western(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)
