"""What several flows want to know of a turn."""

from typing import Any
from uuid import UUID

from flows.heard import Heard
from flows.turn import Turn

_LONGEST_NOTE = 1000
_SEEN = ("image/", "video/")
_STICKER = "image/webp"


def customer_of(turn: Turn) -> UUID | None:
    """Return whom the turn is about: the account that was chosen, else the first; None for a stranger."""
    if turn.account is not None:
        return turn.account.customer_id
    return turn.accounts[0].customer_id if turn.accounts else None


def written(heard: Heard, longest: int = _LONGEST_NOTE) -> str | None:
    """Return what was written, if there is a letter or digit in it; no more than `longest` characters."""
    said = heard.text.strip()[:longest]
    return said if any(letter.isalnum() for letter in said) else None


def pictures(heard: Heard) -> list[dict[str, Any]]:
    """Return the photos and films that came with a message, as they are stored."""
    return [
        {"url": one.url, "content_type": one.content_type}
        for one in heard.media
        if one.content_type.startswith(_SEEN) and one.content_type != _STICKER
    ]
