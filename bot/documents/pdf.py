"""A PDF of pages with text, lines and boxes, written so that its text can be read back.

What stands for a letter is written with the letter beside it, and the dots and marks that belong to one are drawn as
outlines: so each letter is there once for whoever searches or copies. The same content makes the same bytes.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.documents.fonts import font
from bot.documents.shaping import Glyph, Line

Color = tuple[float, float, float]

A4: Final = (595.28, 841.89)
_NAMES: Final = {400: "F1", 700: "F2"}


@dataclass(slots=True)
class _Letters:
    """The codes that are given to the glyphs of one weight: one for each glyph and what it stands for."""

    weight: int
    codes: dict[tuple[int, str], int] = field(default_factory=dict)

    def code(self, glyph: Glyph) -> int:
        return self.codes.setdefault((glyph.number, glyph.text or ""), len(self.codes) + 1)


class Pdf:
    """A document in the making. Places are points from the top left corner of the page."""

    def __init__(self, title: str, language: str) -> None:
        self._title = title
        self._language = language
        self._pages: list[list[str]] = []
        self._letters = {weight: _Letters(weight) for weight in _NAMES}
        self._drawn: dict[tuple[int, int], str] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def add_page(self) -> None:
        """Begin a page."""
        self._pages.append([])

    def turn_to(self, number: int) -> "PageOf":
        """Return page `number`, counted from 0, to be drawn on."""
        return PageOf(self, self._pages[number])

    def text(self, on: list[str], line: Line, at: tuple[float, float], size: float, color: Color) -> None:
        """Write a line whose baseline begins `at`."""
        x, y = at[0], A4[1] - at[1]
        scale = size / font(line.weight).upem
        on.append(f"{_color(color)} rg BT /{_NAMES[line.weight]} {size:g} Tf")
        on.extend(self._strings(line, x, y, scale))
        on.append("ET")
        for glyph in line.glyphs:
            if glyph.text is None:
                place = f"{size:g} 0 0 {size:g} {x + glyph.x * scale:.3f} {y + glyph.y * scale:.3f}"
                on.append(f"q {place} cm /{self._drawing(glyph.number, line.weight)} Do Q")

    def _strings(self, line: Line, x: float, y: float, scale: float) -> Iterable[str]:
        """Yield the letters of a line; those that follow on each other in one piece."""
        letters, using = self._letters[line.weight], font(line.weight)
        codes, end, height = "", None, 0
        for glyph in line.glyphs:
            if glyph.text is None:
                continue
            if codes and (glyph.x != end or glyph.y != height):
                yield f"<{codes}> Tj"
                codes = ""
            if not codes:
                yield f"1 0 0 1 {x + glyph.x * scale:.3f} {y + glyph.y * scale:.3f} Tm"
            codes += f"{letters.code(glyph):04x}"
            end, height = glyph.x + using.width_of(glyph.number), glyph.y
        if codes:
            yield f"<{codes}> Tj"

    def _drawing(self, glyph: int, weight: int) -> str:
        return self._drawn.setdefault((glyph, weight), f"D{len(self._drawn) + 1}")

    def output(self) -> bytes:
        """Return the file."""
        return _Writer(self._title, self._language, self._pages, list(self._letters.values()), self._drawn).output()


@dataclass(frozen=True, slots=True)
class PageOf:
    """One page of a document."""

    document: Pdf
    content: list[str]

    def text(self, line: Line, at: tuple[float, float], size: float, color: Color) -> None:
        """Write a line whose baseline begins `at`."""
        self.document.text(self.content, line, at, size, color)

    def box(self, at: tuple[float, float], width: float, height: float, color: Color) -> None:
        """Fill a box whose top left corner is `at`."""
        self.content.append(
            f"{_color(color)} rg {at[0]:.3f} {A4[1] - at[1] - height:.3f} {width:.3f} {height:.3f} re f"
        )

    def squares(self, at: tuple[float, float], side: float, rows: Iterable[Iterable[int]], color: Color) -> None:
        """Fill the squares of `side` points that are set in `rows`, from the top left corner `at`."""
        path = [
            f"{at[0] + x * side:.3f} {A4[1] - at[1] - (y + 1) * side:.3f} {side:.3f} {side:.3f} re"
            for y, row in enumerate(rows)
            for x, is_set in enumerate(row)
            if is_set
        ]
        self.content.append(f"{_color(color)} rg {' '.join(path)} f")


class _Writer:
    """Puts the objects of a file together."""

    def __init__(
        self,
        title: str,
        language: str,
        pages: list[list[str]],
        letters: list[_Letters],
        drawn: dict[tuple[int, int], str],
    ) -> None:
        self._title, self._language = title, language
        self._pages, self._letters, self._drawn = pages, letters, drawn
        self._objects: list[bytes] = []

    def output(self) -> bytes:
        root, tree = self._reserve(), self._reserve()
        resources = self._add(self._resources())
        pages = [self._page(page, tree, resources) for page in self._pages]
        kids = " ".join(f"{page} 0 R" for page in pages)
        self._set(tree, f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>")
        # No /Direction: some readers then take every line for one from right to left, Latin ones too.
        self._set(
            root,
            f"<</Type/Catalog/Pages {tree} 0 R/Lang({self._language})/ViewerPreferences<</DisplayDocTitle true>>>>",
        )
        info = self._add(f"<</Title <feff{self._title.encode('utf-16-be').hex()}>>>")
        return self._file(root, info)

    def _page(self, content: list[str], tree: int, resources: int) -> int:
        stream = self._stream("\n".join(content).encode("ascii"))
        return self._add(
            f"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 {A4[0]} {A4[1]}]/Resources {resources} 0 R"
            f"/Contents {stream} 0 R>>"
        )

    def _resources(self) -> str:
        fonts = "".join(f"/{_NAMES[one.weight]} {self._font(one)} 0 R" for one in self._letters if one.codes)
        drawings = "".join(
            f"/{name} {self._outline(glyph, weight)} 0 R" for (glyph, weight), name in self._drawn.items()
        )
        return f"<</Font<<{fonts}>>/XObject<<{drawings}>>>>"

    def _outline(self, glyph: int, weight: int) -> int:
        upem = font(weight).upem
        outline = f"{font(weight).outline_of(glyph)} f".encode("ascii")
        scale = f"{1 / upem:.6f}"
        head = f"/Type/XObject/Subtype/Form/BBox[{-upem} {-upem} {2 * upem} {2 * upem}]/Matrix[{scale} 0 0 {scale} 0 0]"
        return self._stream(outline, f"{head}/Resources<<>>")

    def _font(self, letters: _Letters) -> int:
        using = font(letters.weight)
        per_mille = 1000 / using.upem
        name = f"RASEED+NotoSansArabic-{letters.weight}"
        glyphs = [glyph for glyph, _ in letters.codes]
        file = self._stream(using.only(set(glyphs)))
        descriptor = self._add(
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[-1000 -1000 2000 2000]/ItalicAngle 0"
            f"/Ascent {using.ascender * per_mille:.0f}/Descent {using.descender * per_mille:.0f}/CapHeight 714"
            f"/StemV {letters.weight // 5}/FontFile2 {file} 0 R>>"
        )
        order = self._stream(b"\0\0" + b"".join(glyph.to_bytes(2, "big") for glyph in glyphs))
        widths = " ".join(f"{using.width_of(glyph) * per_mille:g}" for glyph in glyphs)
        descendant = self._add(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            f"/Supplement 0>>/FontDescriptor {descriptor} 0 R/W[1[{widths}]]/CIDToGIDMap {order} 0 R>>"
        )
        said = self._stream(_said([text for _, text in letters.codes]))
        return self._add(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
            f"/ToUnicode {said} 0 R>>"
        )

    def _reserve(self) -> int:
        self._objects.append(b"")
        return len(self._objects)

    def _set(self, number: int, content: str) -> None:
        self._objects[number - 1] = content.encode("ascii")

    def _add(self, content: str) -> int:
        self._objects.append(content.encode("ascii"))
        return len(self._objects)

    def _stream(self, content: bytes, head: str = "") -> int:
        packed = zlib.compress(content)
        start = f"<<{head}/Length {len(packed)}/Filter/FlateDecode>>\nstream\n".encode("ascii")
        self._objects.append(start + packed + b"\nendstream")
        return len(self._objects)

    def _file(self, root: int, info: int) -> bytes:
        file = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, content in enumerate(self._objects, start=1):
            places.append(len(file))
            file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
        start = len(file)
        file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        file += b"".join(b"%010d 00000 n \n" % place for place in places)
        file += b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
            len(places) + 1,
            root,
            info,
            start,
        )
        return bytes(file)


def _said(texts: list[str]) -> bytes:
    """Return what each code stands for, as PDF wants to be told it: at most a hundred in a part."""
    parts = []
    for start in range(0, len(texts), 100):
        some = texts[start : start + 100]
        lines = "\n".join(
            f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for code, text in enumerate(some, start=start + 1)
        )
        parts.append(f"{len(some)} beginbfchar\n{lines}\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "\n".join(parts)
        + "\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode("ascii")


def _color(color: Color) -> str:
    return " ".join(f"{part:g}" for part in color)
