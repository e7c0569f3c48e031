"""Digits that are nearly those of a token: which of its groups were typed otherwise."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

_GROUP: Final = 4
_LENGTH: Final = 20
# So many digits may differ where none is missing; else so much must be alike.
_MOST_DIFFERENT: Final = 4
_ALIKE: Final = 0.9


def nearest(typed: str, tokens: Iterable[str]) -> str | None:
    """Return the token that was probably meant; None where the digits are like none of them."""
    near = [(likeness, token) for token in tokens if (likeness := _likeness(typed, token)) is not None]
    return max(near)[1] if near else None


def wrong_group(typed: str, token: str) -> int:
    """Return the first group of four, counted from 1, in which they differ."""
    same = next((at for at, (a, b) in enumerate(zip(typed, token, strict=False)) if a != b), len(typed))
    return min(same, _LENGTH - 1) // _GROUP + 1


def group_of(token: str, number: int) -> str:
    """Return a group of four digits, counted from 1."""
    return token[(number - 1) * _GROUP : number * _GROUP]


def _likeness(typed: str, token: str) -> float | None:
    if len(typed) == len(token):
        different = sum(a != b for a, b in zip(typed, token, strict=True))
        return 1 - different / _LENGTH if different <= _MOST_DIFFERENT else None
    alike = SequenceMatcher(None, typed, token, autojunk=False).ratio()
    return alike if alike >= _ALIKE else None
