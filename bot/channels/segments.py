"""How many segments an SMS is cut into: each is paid for (3GPP TS 23.038, 6.2.1; TS 23.040, 9.2.3.24.1)."""

from dataclasses import dataclass
from typing import Final, Literal

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")  # each is an escape and a letter: two units that are never parted
_GSM_7: Final = _BASIC | _EXTENSION


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets for GSM-7, UTF-16 code units for UCS-2."""

    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    units: int


def count(text: str) -> Segments:
    """Return how `text`, exactly as it is, is carried. An empty one is a segment of no units."""
    if _GSM_7.issuperset(text):
        widths = [2 if letter in _EXTENSION else 1 for letter in text]
        return Segments("GSM-7", _segments(widths, single=160, part=153), sum(widths))
    widths = [2 if letter > "\uffff" else 1 for letter in text]
    return Segments("UCS-2", _segments(widths, single=70, part=67), sum(widths))


def _segments(widths: list[int], *, single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    segments, used = 1, 0
    for width in widths:
        if used + width > part:
            segments, used = segments + 1, 0
        used += width
    return segments
