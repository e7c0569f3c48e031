"""How a text is said: in a language, over a channel, so that every value in it is read in its right order.

In an Arabic sentence numbers, dates and codes stand in isolates (Unicode UAX #9, 2.4.2). An SMS carries none: old
handsets show them as boxes. There groups of digits are joined by spaces that do not break, which never reorder.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import get_month_names

from domain.money import Money, decimals
from locales.catalogue import catalogue
from locales.text import Code, Name, Text, Value

LRI, RLI, FSI, PDI, NBSP = "\u2066", "\u2067", "\u2068", "\u2069", "\u00a0"
RLM: Final = "\u200f"
_MINUS: Final = "\u2212"
LONGEST_NAME: Final = 80
_HARMFUL: Final = re.compile(
    r"[\u0000-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]+"
)
_FORMATTING: Final = str.maketrans({"*": "\u2217", "_": "-", "~": "-", "`": "'"})
# One of these in a name would double the price of an English SMS: it makes the whole message UCS-2.
_PLAIN: Final = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u2011": "-", "…": "...", NBSP: " "}
)
_RIGHT_TO_LEFT: Final = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_BREAKS: Final = re.compile(r"[ \u00a0\-\u2010\u2011]+")
_LATIN_FIRST: Final = re.compile(r"[A-Za-z]")
_ISOLATE: Final = re.compile(f"[{LRI}{RLI}{FSI}][^{LRI}{RLI}{FSI}{PDI}]*{PDI}")
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
            return self.value(text.values[name])

        return _PLACEHOLDER.sub(fill, template)

    def line(self, text: Text) -> str:
        """Return `text` as a line of its own.

        What stands in isolates says nothing about the direction of its line (UAX #9, rule P2), so an Arabic line of
        nothing else gets a mark that does.
        """
        said = self.say(text)
        if not self._arabic or self.sms or PDI not in said:
            return said
        around, isolates = said, 1
        while isolates:  # from the inside out
            around, isolates = _ISOLATE.subn("", around)
        return said if any(map(str.isalpha, around)) else RLM + said

    def money(self, amount: Money) -> str:
        """Return an amount with exactly its currency's decimals, and the currency."""
        figure = f"{abs(amount.major):,.{decimals(amount.currency)}f}"
        symbol = self._symbol(amount.currency)
        if self._arabic:
            return f"{self._isolated(self._signed(figure, negative=amount.minor < 0))}{NBSP}{symbol}"
        return self._signed(f"{symbol}{' ' if self.sms else NBSP}{figure}", negative=amount.minor < 0)

    def date(self, day: date) -> str:
        """Return a day with its month in words, in one piece: an Arabic one is read from right to left as a whole."""
        gap = " " if self.sms and not self._arabic else NBSP
        written = f"{day.day}{gap}{_months(self.language)[day.month]}{gap}{day.year}"
        return f"{RLI}{written}{PDI}" if self._arabic and not self.sms else written

    def number(self, number: int | Decimal) -> str:
        """Return a number with thousands separated."""
        figure = f"{abs(number):,}" if isinstance(number, int) else f"{abs(number):,f}"
        if 0 <= number < 1000:
            return figure  # digits and one point keep their order by themselves
        return self._isolated(self._signed(figure, negative=number < 0))

    def code(self, code: str, size: int = 0) -> str:
        """Return a code so that it is read in order wherever it stands: in groups of `size` digits, 0 as it is."""
        # Arabic-Indic digits would turn their groups around even within an isolate.
        western = code if code.isascii() else "".join(map(_western, code))
        if size:
            join = "-" if self.sms and not self._arabic else NBSP
            western = join.join(western[at : at + size] for at in range(0, len(western), size))
        if not self._arabic:
            return western
        return _ordered(western) if self.sms else f"{LRI}{western}{PDI}"

    def name(self, name: str) -> str:
        """Return what a person supplied, harmless: one line, no control characters, no formatting, not endless."""
        one_line = " ".join(_HARMFUL.sub(" ", name).split())[:LONGEST_NAME].rstrip()
        if self.sms:
            return one_line if self._arabic else one_line.translate(_PLAIN)
        calm = one_line.translate(_FORMATTING)
        return f"{FSI}{calm}{PDI}" if self._arabic or _RIGHT_TO_LEFT.search(calm) else calm

    def value(self, value: Value) -> str:
        """Return a value as it stands in a sentence."""
        if isinstance(value, str):
            return value
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, Code):
            return self.code(value.value, value.size)
        if isinstance(value, Name):
            return self.name(value.value)
        if isinstance(value, date):
            return self.date(value)
        return self._within(value) if isinstance(value, Text) else self.number(value)

    def _within(self, text: Text) -> str:
        foreign = text.language not in {None, self.language} and not self.sms
        return f"{FSI}{self.say(text)}{PDI}" if foreign else self.say(text)

    def _signed(self, figure: str, *, negative: bool) -> str:
        if not negative:
            return figure
        if not self.sms:
            return f"{_MINUS}{figure}"
        # Outside an isolate a minus sign jumps to the other side of its number; written behind, it is seen before.
        return f"{figure}{_MINUS}" if self._arabic else f"-{figure}"

    def _isolated(self, figure: str) -> str:
        return f"{LRI}{figure}{PDI}" if self._arabic and not self.sms else figure

    def _symbol(self, currency: str) -> str:
        key = f"currency.{currency}"
        known = catalogue(self.language)
        return known.message(key, sms=self.sms, count=None) if known.has(key) else currency


_ON_PAPER: Final = Speech("en", sms=True), Speech("ar", sms=True)


def in_both(text: Text) -> tuple[str, str]:
    """Return `text` in English and Arabic as it stands on paper: with nothing in it but what is read."""
    return _ON_PAPER[0].say(text), _ON_PAPER[1].say(text)


def _ordered(code: str) -> str:
    """Return a code that is read in order in an Arabic line without any control character.

    What starts with a Latin letter (an address, INV-2026-001) is in order as it is, and a changed address would lead
    nowhere. Groups of digits are turned around by all that joins them but NBSP, and a leading plus goes to the end.
    """
    if _LATIN_FIRST.match(code):
        return code
    return _BREAKS.sub(NBSP, f"00{code[1:]}" if code.startswith("+") else code)


def _western(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


@lru_cache
def _months(language: str) -> dict[int, str]:
    locale = "ar_EG" if language == "ar" else "en_GB"
    return dict(get_month_names("wide", locale=locale))
