"""How a text is said: in a language, over a channel, so that every value in it is read in its right order.

In an Arabic sentence numbers, dates and codes stand in isolates (Unicode UAX #9, 2.4.2). An SMS carries none: old
handsets show them as boxes. There groups of digits are joined by spaces that do not break, which never reorder.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import get_month_names

from domain.money import Money, decimals
from locales.catalogue import catalogue
from locales.text import Code, Name, Text, Value

LRI, FSI, PDI, NBSP = "\u2066", "\u2068", "\u2069", "\u00a0"
_MINUS: Final = "\u2212"
_LONGEST_NAME: Final = 80
_HARMFUL: Final = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_FORMATTING: Final = str.maketrans({"*": "\u2217", "_": "-", "~": "-", "`": "'"})
_RIGHT_TO_LEFT: Final = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BREAKS: Final = re.compile(r"[ \u00a0\-\u2010\u2011]+")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class MissingValue(KeyError):
    """A text has a placeholder that no value was given for."""


class Speech:
    """Says texts in `language` ("ar", "en"), written for SMS or for a channel that shows all of Unicode."""

    def __init__(self, language: str, *, sms: bool) -> None:
        self.language = language
        self.sms = sms
        self._arabic = language == "ar"

    def say(self, text: Text) -> str:
        """Return `text` in words. Raises UnknownText, MissingValue."""
        if text.language is not None and text.language != self.language:
            return Speech(text.language, sms=self.sms).say(text)
        template = catalogue(self.language).message(text.key, sms=self.sms, count=text.count)

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name == "count" and text.count is not None:
                return self.number(text.count)
            if name not in text.values:
                raise MissingValue(f"{text.key}: {name}")
            return self._value(text.values[name])

        return _PLACEHOLDER.sub(fill, template)

    def money(self, amount: Money) -> str:
        """Return an amount with exactly its currency's decimals, and the currency."""
        figure = f"{abs(amount.major):,.{decimals(amount.currency)}f}"
        symbol = self._symbol(amount.currency)
        if self._arabic:
            return f"{self._isolated(self._signed(figure, negative=amount.minor < 0))}{NBSP}{symbol}"
        sign = "-" if amount.minor < 0 else ""
        return f"{sign}{symbol}{' ' if self.sms else NBSP}{figure}"

    def date(self, day: date) -> str:
        """Return a day with its month in words: it is read right in either direction."""
        gap = " " if self.sms and not self._arabic else NBSP
        return gap.join(
            (self._isolated(str(day.day)), _months(self.language)[day.month], self._isolated(str(day.year)))
        )

    def number(self, number: int | Decimal) -> str:
        """Return a number with thousands separated."""
        return self._isolated(f"{number:,}") if number >= 1000 or number <= -1000 else f"{number}"

    def code(self, code: str) -> str:
        """Return a code so that its groups stay in order wherever it stands."""
        if not self._arabic:
            return code
        return _BREAKS.sub(NBSP, code) if self.sms else f"{LRI}{code}{PDI}"

    def name(self, name: str) -> str:
        """Return what a person supplied, harmless: one line, no control characters, no formatting, not endless."""
        one_line = " ".join(_HARMFUL.sub(" ", name).split())
        calm = one_line[:_LONGEST_NAME] if self.sms else one_line[:_LONGEST_NAME].translate(_FORMATTING)
        if self.sms or not (self._arabic or _RIGHT_TO_LEFT.search(calm)):
            return calm
        return f"{FSI}{calm}{PDI}"

    def _value(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, Code):
            return self.code(value.value)
        if isinstance(value, Name):
            return self.name(value.value)
        if isinstance(value, date):
            return self.date(value)
        return self.say(value) if isinstance(value, Text) else self.number(value)

    def _signed(self, figure: str, *, negative: bool) -> str:
        # Outside an isolate a minus sign jumps to the other side of its number; written behind, it is seen before.
        if not negative:
            return figure
        return f"{figure}{_MINUS}" if self.sms else f"{_MINUS}{figure}"

    def _isolated(self, figure: str) -> str:
        return f"{LRI}{figure}{PDI}" if self._arabic and not self.sms else figure

    def _symbol(self, currency: str) -> str:
        key = f"currency.{currency}"
        known = catalogue(self.language)
        return known.message(key, sms=self.sms, count=None) if known.has(key) else currency


@lru_cache
def _months(language: str) -> dict[int, str]:
    locale = "ar_EG" if language == "ar" else "en_GB"
    return dict(get_month_names("wide", locale=locale))
