"""What may be chosen, as buttons or as a list: as WhatsApp shows them, within its limits."""

import re
from typing import Any, Final

from flows.reply import Entry, Reply
from flows.taps import tap_id
from locales.speech import Speech

LONGEST_BODY: Final = 1024
MOST_BUTTONS: Final = 3
LONGEST_BUTTON: Final = 20
MOST_ROWS: Final = 10
LONGEST_ROW: Final = 24
LONGEST_DETAIL: Final = 72
_ISOLATES: Final = re.compile("[\u2066-\u2069]")


def choices_of(reply: Reply, body: str, speech: Speech, turn: int) -> dict[str, Any] | None:
    """Return the entries of `reply` as they can be tapped; None where they don't fit, and only numbers can serve."""
    if not reply.entries or not body or len(body) > LONGEST_BODY:
        return None
    entries = [_tappable(entry, speech, turn) for entry in reply.entries]
    kind = "buttons" if _are_buttons(entries) else "rows" if _are_rows(entries) else None
    return {"kind": kind, "language": speech.language, "body": body, "entries": entries} if kind else None


def _tappable(entry: Entry, speech: Speech, turn: int) -> dict[str, str]:
    # A label stands alone on its button, so it needs no isolates around it.
    title = _ISOLATES.sub("", speech.say(entry.label))
    detail = speech.say(entry.detail) if entry.detail is not None else ""
    if detail:
        title = _cut(title, LONGEST_ROW)
    return {"id": tap_id(turn, entry.trigger, entry.arg), "title": title, "detail": _cut(detail, LONGEST_DETAIL)}


def _cut(title: str, longest: int) -> str:
    return title if len(title) <= longest else f"{title[: longest - 1].rstrip()}\u2026"


def _are_buttons(entries: list[dict[str, str]]) -> bool:
    titles = {entry["title"] for entry in entries}
    fit = all(len(entry["title"]) <= LONGEST_BUTTON and not entry["detail"] for entry in entries)
    return fit and len(entries) <= MOST_BUTTONS and len(titles) == len(entries)


def _are_rows(entries: list[dict[str, str]]) -> bool:
    return len(entries) <= MOST_ROWS and all(len(entry["title"]) <= LONGEST_ROW for entry in entries)
