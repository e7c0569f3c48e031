"""The amount that a customer means: 1,234.50 or ١٬٢٣٤٫٥٠, with the currency's name or without."""

import re
import unicodedata
from typing import Final

from domain.money import Money, MoneyError, parse_amount

_SIGNS: Final = str.maketrans({"٫": ".", "٬": ",", "،": ",", "’": ",", "'": ","})
_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_GAPS: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_FIGURE: Final = re.compile(r"\d[\d.,]*")
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_LONGEST: Final = 16


def amount_in(said: str, currency: str) -> Money | None:
    """Return the one amount above zero that the words name in `currency`; None where there is none, or more than one.

    A comma before exactly three digits parts thousands, as ٬ does; any other is a decimal comma.
    """
    western = "".join(map(_western, _INVISIBLE.sub("", said))).translate(_SIGNS)
    figures = [found.rstrip(".,") for found in _FIGURE.findall(_GAPS.sub("", western))]
    if len(figures) != 1 or len(figures[0]) > _LONGEST:
        return None
    (figure,) = figures
    plain = figure.replace(",", "") if _THOUSANDS.fullmatch(figure) else figure.replace(",", ".")
    try:
        amount = parse_amount(plain, currency)
    except MoneyError:
        return None
    return amount if amount.minor > 0 else None


def _western(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)
