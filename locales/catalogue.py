"""The catalogues: what we say in each language, and which words we understand. Read once, from the .po files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Final

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

LANGUAGES: Final = ("ar", "en")
SMS_CONTEXT: Final = "sms"

Key = tuple[str | None, str]


class UnknownText(KeyError):
    """No catalogue has this text."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is said in one language. A text with plurals has one form for each number of its rule."""

    language: str
    forms: Mapping[Key, tuple[str, ...]]
    plural_rule: str

    def message(self, key: str, *, sms: bool, count: int | None) -> str:
        """Return the text `key`: the one written for SMS where there is one and it is asked for.

        Raises UnknownText.
        """
        forms = (self.forms.get((SMS_CONTEXT, key)) if sms else None) or self.forms.get((None, key))
        if forms is None:
            raise UnknownText(f"{key} ({self.language})")
        return forms[0] if count is None or len(forms) == 1 else forms[_plural(self.plural_rule)(count)]

    def words(self, key: str) -> tuple[str, ...]:
        """Return the words that customers may type for `key`. Raises UnknownText."""
        return tuple(self.message(key, sms=False, count=None).split("|"))

    def has(self, key: str) -> bool:
        """Tell whether there is a text `key`."""
        return (None, key) in self.forms

    def keys(self) -> frozenset[str]:
        """Return the keys of all texts."""
        return frozenset(key for _, key in self.forms)


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of `language`, one of LANGUAGES."""
    path = Path(__file__).parent / language / "messages.po"
    with path.open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    forms = {(message.context, _key(message)): _forms(message) for message in read if message.id}
    return Catalogue(language, forms, read.plural_expr)


@cache
def _plural(rule: str) -> Callable[[int], int]:
    form: Callable[[int], int] = c2py(rule)
    return form


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
