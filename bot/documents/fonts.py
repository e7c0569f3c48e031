"""The one font of all documents, which holds Arabic and Latin letters alike, in two weights.

Noto Sans Arabic comes installed with a package, as one file with all its weights; a weight is cut out of it once in a
process, which takes milliseconds.
"""

from functools import cache
from importlib.resources import files
from typing import Any, Final

import uharfbuzz as hb

REGULAR: Final = 400
BOLD: Final = 700
_FILE: Final = ("fonts", "ofl", "notosansarabic", "NotoSansArabic[wdth,wght].ttf")
_NORMAL_WIDTH: Final = 100
# What nobody needs who only draws glyphs.
_NOT_FOR_DRAWING: Final = ("GSUB", "GPOS", "GDEF", "STAT", "name")


class Font:
    """The font in one weight. Measures are in its own units, `upem` to the size of a letter."""

    def __init__(self, weight: int) -> None:
        data = files("justmytype_intl_rtl").joinpath(*_FILE).read_bytes()
        face = hb.Face(data)
        wanted: Any = hb.SubsetInput()
        wanted.keep_everything()
        wanted.pin_axis_location(face, "wght", weight)
        wanted.pin_axis_location(face, "wdth", _NORMAL_WIDTH)
        self.face: Any = hb.subset(face, wanted)
        self.hb: Any = hb.Font(self.face)
        self.upem: int = self.face.upem
        extents = self.hb.get_font_extents("ltr")
        self.ascender: int = extents.ascender
        self.descender: int = extents.descender

    def width_of(self, glyph: int) -> int:
        """Return how far a glyph moves the pen."""
        return int(self.hb.get_glyph_h_advance(glyph))

    def outline_of(self, glyph: int) -> str:
        """Return the outline of a glyph, as PDF draws it."""
        pen = _Pen()
        self.hb.draw_glyph_with_pen(glyph, pen)
        return " ".join(pen.steps)

    def only(self, glyphs: set[int]) -> bytes:
        """Return the font with these glyphs alone, each under its own number."""
        wanted: Any = hb.SubsetInput()
        wanted.sets(hb.SubsetInputSets.GLYPH_INDEX).update(glyphs)
        wanted.sets(hb.SubsetInputSets.DROP_TABLE_TAG).update(
            int.from_bytes(tag.encode(), "big") for tag in _NOT_FOR_DRAWING
        )
        wanted.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        return bytes(hb.subset(self.face, wanted).blob.data)


@cache
def font(weight: int) -> Font:
    """Return the font in a weight: REGULAR or BOLD."""
    return Font(weight)


class _Pen:
    """Writes an outline down as PDF's operators. PDF knows no curves of the second degree, so they are raised."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self._at = (0.0, 0.0)

    def moveTo(self, to: tuple[float, float]) -> None:  # noqa: N802  the names are the library's
        self._step("m", to)

    def lineTo(self, to: tuple[float, float]) -> None:  # noqa: N802
        self._step("l", to)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._step("c", *points)

    def qCurveTo(self, control: tuple[float, float], to: tuple[float, float]) -> None:  # noqa: N802
        first, second = (
            (end[0] + 2 / 3 * (control[0] - end[0]), end[1] + 2 / 3 * (control[1] - end[1])) for end in (self._at, to)
        )
        self._step("c", first, second, to)

    def closePath(self) -> None:  # noqa: N802
        self.steps.append("h")

    def endPath(self) -> None:  # noqa: N802
        self.steps.append("h")

    def _step(self, operator: str, *points: tuple[float, float]) -> None:
        self._at = points[-1]
        self.steps.append(" ".join(f"{x:g} {y:g}" for x, y in points) + f" {operator}")
