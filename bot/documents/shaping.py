"""From a line of text to glyphs in their places: the bidirectional algorithm first, then the shaping of each run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from unicodedata import combining

import uharfbuzz as hb
from bidi import get_display

from bot.documents.fonts import Font, font

_DIRECTIONS: Final = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
# Letters that are written from right to left, with the spaces between them; digits of any script are not.
_LETTERS: Final = r"\u0590-\u060b\u060d-\u065f\u066e-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# Brackets turn round where they are read from right to left. There a mark that goes with each, and is never seen, comes
# out on its other side.
_MARK: Final = "\u034f"
_TURNED: Final = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))
_BRACKET: Final = re.compile(r"[()\[\]{}<>«»]")
_TURNED_ROUND: Final = re.compile(f"{_MARK}({_BRACKET.pattern})")
_RUNS: Final = re.compile(f"(?P<rtl>[{_LETTERS}]+(?:[ \u00a0]+[{_LETTERS}]+)*)|[^{_LETTERS}]+")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph at its place on the line, in units of the font. `text` is what it stands for.

    A dot or a mark of the glyph that stands for the whole letter has no text: it is drawn, and not read.
    """

    number: int
    x: int
    y: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, shaped, in one weight; `width` in units of the font."""

    glyphs: tuple[Glyph, ...]
    width: int
    weight: int

    def width_at(self, size: float) -> float:
        """Return how wide the line is at a size, in points."""
        return self.width * size / font(self.weight).upem


@lru_cache(maxsize=4096)
def shaped(text: str, weight: int, base: str | None = None) -> Line:
    """Return a line of text as glyphs from left to right.

    `base` is its direction, "R" or "L"; by default its first letter decides.
    """
    seen = _seen(text, base)
    glyphs: list[Glyph] = []
    at = 0
    for run in _RUNS.finditer(seen):
        at = _shape(run[0][::-1] if run["rtl"] else run[0], bool(run["rtl"]), font(weight), at, glyphs)
    return Line(tuple(glyphs), at, weight)


def _seen(text: str, base: str | None) -> str:
    """Return the characters of a line as they stand from left to right."""
    marked = _BRACKET.sub(lambda found: found[0] + _MARK, text.replace(_MARK, ""))
    seen = str(get_display(marked, base_dir=base)).translate(_DIRECTIONS)
    return _TURNED_ROUND.sub(lambda found: _TURNED[found[1]], seen).replace(_MARK, "")


def _shape(run: str, rtl: bool, using: Font, at: int, glyphs: list[Glyph]) -> int:
    """Add the glyphs of a run that begins `at`, and return where it ends."""
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    hb.shape(using.hb, buffer)
    infos, places = buffer.glyph_infos, buffer.glyph_positions
    said = dict(_said(run, [info.cluster for info in infos], rtl=rtl))
    widest: dict[int, int] = {}
    for info, place in zip(infos, places, strict=True):
        widest[info.cluster] = max(widest.get(info.cluster, -1), place.x_advance)
    for info, place in zip(infos, places, strict=True):
        stands = place.x_advance == widest[info.cluster] and info.cluster in said
        text = said.pop(info.cluster) if stands else None
        glyphs.append(Glyph(info.codepoint, at + place.x_offset, place.y_offset, text))
        at += place.x_advance
    return at


def _said(run: str, clusters: list[int], *, rtl: bool) -> Iterator[tuple[int, str]]:
    """Yield each cluster, and the part of the run that it stands for.

    Vowel signs from right to left are drawn and not read: readers would put them on the wrong letter.
    """
    starts = sorted(set(clusters))
    for start, end in zip(starts, [*starts[1:], len(run)], strict=True):
        part = run[start:end]
        letters = "".join(letter for letter in part if not combining(letter)) if rtl else part
        yield start, letters or part


def wrapped(text: str, weight: int, size: float, width: float) -> list[str]:
    """Return `text` in lines that are no wider than `width` points at `size`. A word that is wider is broken."""
    lines, line = [], ""
    for word in _words(text, weight, size, width):
        longer = f"{line} {word}" if line else word
        if line and shaped(longer, weight).width_at(size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def _words(text: str, weight: int, size: float, width: float) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while shaped(rest, weight).width_at(size) > width and len(rest) > 1:
            fits = _fitting(rest, weight, size, width)
            yield rest[:fits]
            rest = rest[fits:]
        if rest:
            yield rest


def _fitting(word: str, weight: int, size: float, width: float) -> int:
    """Return how many characters of `word` fit; at least one."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if shaped(word[:middle], weight).width_at(size) <= width:
            low = middle
        else:
            high = middle - 1
    return low
