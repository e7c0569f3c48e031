"""What staff are never shown."""

from typing import Final

_HIDDEN: Final = "••••••"


def shown_text(kind: str, text: str) -> str:
    """Return the text of a message as staff may see it: of a one-time code, only that there was one."""
    return _HIDDEN if kind == "code" else text
