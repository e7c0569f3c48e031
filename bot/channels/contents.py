"""The content that we register at Twilio: one shape for each number of buttons and of list rows.

WhatsApp shows buttons and lists only through registered content. What is said changes from turn to turn, so every word
is a variable: {{1}} is the text, and each entry has its own. No approval is needed within the 24 hours after a
customer wrote, and only there are these shapes used.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from sqlalchemy import select

from bot.channels.choices import MOST_BUTTONS, MOST_ROWS
from domain.businesses import LANGUAGES
from domain.contents import Content
from domain.door import Door
from locales.speech import Speech
from locales.text import text

# Part of every name: a shape that changes gets a new one, and messages on their way keep theirs.
_VERSION: Final = "v1"
_KNOWN_FOR: Final = 60.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One content to be registered: under a name, in a language, with its types as Twilio's Content API has them."""

    name: str
    language: str
    types: dict[str, Any]
    samples: dict[str, str]

    @property
    def friendly_name(self) -> str:
        """The name that Twilio's console shows, ours for certain."""
        return f"raseed_{self.name}_{self.language}_{_VERSION}"


def shapes() -> Iterator[Shape]:
    """Yield all that is to be registered."""
    for language in LANGUAGES:
        for number in range(1, MOST_BUTTONS + 1):
            yield _buttons(number, language)
        for number in range(1, MOST_ROWS + 1):
            yield _rows(number, language)


def content_of(choices: dict[str, Any]) -> tuple[str, str]:
    """Return the name of the shape that carries a message's choices, and its variables as JSON."""
    entries = choices["entries"]
    if choices["kind"] == "buttons":
        values = [choices["body"], *(entry[part] for entry in entries for part in ("title", "id"))]
    else:
        # An empty variable would be filled from the samples; what is seen as nothing is one that holds a space.
        values = [choices["body"], *(entry[part] or " " for entry in entries for part in ("title", "id", "detail"))]
    variables = {str(number): value for number, value in enumerate(values, start=1)}
    return f"{choices['kind']}_{len(entries)}", json.dumps(variables, ensure_ascii=False)


class Contents:
    """Knows what is registered. The table is read once a minute at most."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[tuple[str, str, str], str] = {}
        self._read_at: float | None = None
        self._lock = Lock()

    def sid_of(self, account_sid: str, name: str, language: str) -> str | None:
        """Return the SID of a registered content; None when the account has none of that name and language."""
        with self._lock:
            if self._read_at is None or time.monotonic() - self._read_at > _KNOWN_FOR:
                self._known = self._read()
                self._read_at = time.monotonic()
        return self._known.get((account_sid, name, language))

    def _read(self) -> dict[tuple[str, str, str], str]:
        with self._door.for_every_business() as session:
            rows = session.execute(select(Content.account_sid, Content.name, Content.language, Content.content_sid))
            return {(account, name, language): sid for account, name, language, sid in rows}


def _buttons(number: int, language: str) -> Shape:
    actions = [
        {"type": "QUICK_REPLY", "title": f"{{{{{2 * n}}}}}", "id": f"{{{{{2 * n + 1}}}}}"} for n in range(1, number + 1)
    ]
    types = {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}
    return Shape(f"buttons_{number}", language, types, _samples(1 + 2 * number, language))


def _rows(number: int, language: str) -> Shape:
    items = [
        {"item": f"{{{{{3 * n - 1}}}}}", "id": f"{{{{{3 * n}}}}}", "description": f"{{{{{3 * n + 1}}}}}"}
        for n in range(1, number + 1)
    ]
    button = Speech(language, sms=False).say(text("entry.open"))
    types = {"twilio/list-picker": {"body": "{{1}}", "button": button, "items": items}}
    return Shape(f"rows_{number}", language, types, _samples(1 + 3 * number, language))


def _samples(number: int, language: str) -> dict[str, str]:
    menu = Speech(language, sms=False).say(text("menu.back"))
    return {str(variable): menu for variable in range(1, number + 1)}
