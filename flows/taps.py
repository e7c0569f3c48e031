"""The id that a button or a list row carries: which turn showed it, and what it sets off."""

import re
from dataclasses import dataclass
from typing import Final

_ID: Final = re.compile(r"(?:(\d{1,9})\.)?([a-z_]{1,40})(?::(.{1,140}))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tap:
    """An entry that was tapped, and the number of the turn that showed it; None for the button of a template."""

    turn: int | None
    trigger: str
    arg: str | None


def tap_id(turn: int, trigger: str, arg: str | None) -> str:
    """Return the id of an entry shown in turn number `turn`; at most 200 characters, as WhatsApp wants it."""
    return f"{turn}.{trigger}" if arg is None else f"{turn}.{trigger}:{arg}"


def tap_of(payload: str | None) -> Tap | None:
    """Return what `payload` says was tapped; None when it is no id of ours."""
    found = _ID.fullmatch(payload or "")
    return Tap(int(found[1]) if found[1] else None, found[2], found[3]) if found else None
