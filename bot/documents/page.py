"""A page that is written from its start to its end: from the left in English, from the right in Arabic."""

from dataclasses import dataclass
from typing import Final

from bot.documents.fonts import REGULAR
from bot.documents.pdf import A4, Color, PageOf, Pdf
from bot.documents.shaping import shaped

MARGIN: Final = 45.0
WIDTH: Final = A4[0] - 2 * MARGIN
INK: Final = (0.11, 0.14, 0.19)
SOFT: Final = (0.36, 0.40, 0.46)
HAIR: Final = (0.87, 0.89, 0.92)
GROUND: Final = (0.955, 0.965, 0.972)
MARK: Final = (0.043, 0.431, 0.431)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks: its size in points, its weight and its colour."""

    size: float
    weight: int = REGULAR
    color: Color = INK


class Page:
    """One page of a document. Places are points from the start of the lines and from the top; `width` is between."""

    def __init__(self, document: Pdf, number: int, language: str) -> None:
        self._on: PageOf = document.turn_to(number)
        self._rtl = language == "ar"

    def start(self, text: str, x: float, y: float, style: Style, base: str | None = None) -> None:
        """Write a line that starts at `x`."""
        line = shaped(text, style.weight, base)
        self._on.text(line, (self._left(x, line.width_at(style.size)), y), style.size, style.color)

    def end(self, text: str, x: float, y: float, style: Style, base: str | None = None) -> None:
        """Write a line that ends at `x`."""
        width = shaped(text, style.weight, base).width_at(style.size)
        self.start(text, x - width, y, style, base)

    def box(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """Fill a box."""
        self._on.box((self._left(x, width), y), width, height, color)

    def squares(self, x: float, y: float, side: float, rows: tuple[bytes, ...] | list[bytes]) -> None:
        """Fill the squares of `side` points that are set in `rows`; these never turn round."""
        self._on.squares((self._left(x, side * len(rows)), y), side, rows, INK)

    def _left(self, x: float, width: float) -> float:
        return A4[0] - MARGIN - x - width if self._rtl else MARGIN + x
