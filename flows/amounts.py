"""Amounts of money as customers type them: with any digits, with decimals, among other words."""

import re
import unicodedata
from typing import Final

from domain.money import MoneyError, parse_amount

_POINTS: Final = {
    ord(unicodedata.lookup("ARABIC DECIMAL SEPARATOR")): ".",
    ord(unicodedata.lookup("ARABIC THOUSANDS SEPARATOR")): ",",
    ord(unicodedata.lookup("ARABIC COMMA")): ",",
}
_NUMBER: Final = re.compile(r"(?<![\d.])\d[\d,]*(?:\.\d+)?(?![\d.]*\d)")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
# Longer ones are the numbers of meters and accounts.
_LONGEST: Final = 7


def numbers_in(text: str) -> list[str]:
    """Return the numbers that stand in `text`, with Western digits: `1,250.50` is one."""
    western = "".join(map(_western, unicodedata.normalize("NFKC", text))).translate(_POINTS)
    return _NUMBER.findall(western)


def amount_in(text: str, currency: str) -> int | None:
    """Return the amount that is typed in `text`, in minor units; None where there is none, or more than one."""
    found = [number for number in numbers_in(text) if len(number.replace(",", "").split(".")[0]) <= _LONGEST]
    if len(found) != 1 or ("," in found[0] and not _THOUSANDS.fullmatch(found[0])):
        return None
    try:
        return parse_amount(found[0].replace(",", ""), currency).minor
    except MoneyError:
        return None


def _western(letter: str) -> str:
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)
