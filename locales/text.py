"""A text as data: which one, with which values. It becomes words when it is known who listens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Union

from domain.money import Money


@dataclass(frozen=True, slots=True)
class Code:
    """What must be read left to right, digit by digit: a meter or invoice number, a phone, a token, an address.

    With `size` it is shown in groups of so many digits, joined as the channel needs it; with 0 as it is written.
    """

    value: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """What a person supplied: shown as it is, but it can't disturb the sentence around it."""

    value: str


Value = Union[str, int, Decimal, Money, date, Code, Name, "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """The text `key` of the catalogues with `values` for its placeholders.

    `count` chooses the plural form, and is the value of {count}. `language` forces a language, whoever listens.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    count: int | None = None
    language: str | None = None


def group(token: str) -> Code:
    """Return a token, however its 20 digits are separated, as a code that is shown in groups of four."""
    return Code("".join(digit for digit in token if digit.isdigit()), 4)


def text(key: str, /, **values: Value) -> Text:
    """Return the text `key` with `values`."""
    return Text(key, values)


def counted(key: str, count: int, /, **values: Value) -> Text:
    """Return the text `key` in the plural form for `count`, with `values` and {count}."""
    return Text(key, values, count)
