"""The invoice as a PDF: who asks whom, for what, the tax, what is due, and the code that the law wants.

The same drawing serves both languages: everything is placed from the start of a line, wherever that is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import segno

from bot.documents.fonts import BOLD
from bot.documents.page import GROUND, HAIR, MARGIN, MARK, SOFT, WIDTH, Page, Style
from bot.documents.pdf import A4, Pdf
from bot.documents.shaping import shaped, wrapped
from bot.documents.words import Words, day, percent, plain
from domain.documents import DocumentLine, InvoiceDocument
from domain.money import Money
from domain.vat import OUTSIDE

_TITLE: Final = Style(17, BOLD, MARK)
_NAME: Final = Style(15, BOLD)
_STRONG: Final = Style(10.5, BOLD)
_TEXT: Final = Style(9.5)
_SMALL: Final = Style(8.5, color=SOFT)
_LABEL: Final = Style(8, color=SOFT)
_TINY: Final = Style(7, color=SOFT)
_HEAD: Final = Style(8.5, BOLD, SOFT)
_GREAT: Final = Style(15, BOLD, MARK)

_NAMES_WIDTH: Final = WIDTH * 0.58
_BUYER_WIDTH: Final = WIDTH * 0.56
# Where the columns of figures end, from the start of the lines.
_QUANTITY: Final = WIDTH * 0.62
_PRICE: Final = WIDTH * 0.745
_RATE: Final = WIDTH * 0.82
_NET: Final = WIDTH - 8
_DESCRIPTION_WIDTH: Final = WIDTH * 0.46
_BOTTOM: Final = A4[1] - MARGIN - 20
_QR_SIDE: Final = 96.0
_TOTALS: Final = WIDTH * 0.52
_ROW_GAP: Final = 8.0
_LEADING: Final = 13.5


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table: what is said of it, in several lines with their looks, and its figures."""

    said: tuple[tuple[str, Style], ...]
    line: DocumentLine

    @property
    def height(self) -> float:
        return len(self.said) * _LEADING + _ROW_GAP


def invoice_pdf(invoice: InvoiceDocument, language: str) -> bytes:
    """Return the invoice as a PDF in `language` ("ar", "en")."""
    return _Drawing(invoice, language).pdf()


class _Drawing:
    """The drawing of one invoice, from the top of its first page downwards."""

    def __init__(self, invoice: InvoiceDocument, language: str) -> None:
        self._invoice = invoice
        self._language = language
        self._words = Words(language)
        title = f"{self._words.label(invoice.kind)} {plain(invoice.invoice_no)}"
        self._document = Pdf(title, language)
        self._y = 0.0
        self._turn()

    def pdf(self) -> bytes:
        self._heading()
        self._details()
        self._buyer_and_due()
        self._table()
        self._end()
        self._feet()
        return self._document.output()

    def _turn(self) -> None:
        """Begin a page."""
        self._document.add_page()
        self._page = Page(self._document, len(self._document) - 1, self._language)
        self._y = MARGIN

    def _heading(self) -> None:
        """Who asks, and what this is."""
        words, page, seller = self._words, self._page, self._invoice.seller
        page.box(0, MARGIN - 12, WIDTH, 2.5, MARK)
        page.end(words.label(self._invoice.kind), WIDTH, MARGIN + 16, _TITLE)
        page.end(words.other_label(self._invoice.kind), WIDTH, MARGIN + 32, _SMALL)
        other = seller.name_en if self._language == "ar" else seller.name_ar
        self._y = MARGIN + 15
        self._lines(seller.name_in(self._language), _NAME, _NAMES_WIDTH, 19)
        if other and other != seller.name_in(self._language):
            self._lines(other, _TEXT, _NAMES_WIDTH, _LEADING)
        self._lines(seller.address or "", _SMALL, _NAMES_WIDTH, 12.5)
        if seller.vat_number:
            self._pair("vat_number", seller.vat_number)
        self._y += 6

    def _lines(self, text: str, style: Style, width: float, leading: float) -> None:
        for line in wrapped(plain(text), style.weight, style.size, width):
            self._page.start(line, 0, self._y, style)
            self._y += leading

    def _pair(self, label: str, value: str) -> None:
        """Write a label, and what it is about under it in small letters, or beside it."""
        words = self._words.label(label)
        self._page.start(words, 0, self._y, _SMALL)
        start = _width(words, _SMALL) + 6
        self._page.start(plain(value), start, self._y, _SMALL, "L")
        if self._language == "en":
            self._page.start(self._words.other_label(label), start + _width(plain(value), _SMALL) + 6, self._y, _TINY)
        self._y += 12.5

    def _details(self) -> None:
        """The number, the days and the account, in a row."""
        invoice, quarter = self._invoice, WIDTH / 4
        entries = {"number": invoice.invoice_no, "issued": day(invoice.issue_date), "due": day(invoice.due_date)}
        if invoice.credited:
            entries = {"credit_note_number": invoice.invoice_no, "issued": day(invoice.issue_date)}
            entries["credited_invoice"] = invoice.credited.invoice_no
        entries["account"] = invoice.buyer.account_no or ""
        self._page.box(0, self._y, WIDTH, 42, GROUND)
        for place, (label, value) in enumerate(entries.items()):
            self._label(label, place * quarter + 10, self._y + 16, quarter - 20)
            style = _fitting(plain(value), quarter - 16, _STRONG)
            self._page.start(plain(value), place * quarter + 10, self._y + 32, style, "L")
        self._y += 42 + 20

    def _label(self, name: str, x: float, y: float, width: float) -> None:
        self._page.start(self._words.label(name), x, y, _LABEL)
        if self._language == "en":
            self._page.end(self._words.other_label(name), x + width, y, _TINY)

    def _buyer_and_due(self) -> None:
        """Who is asked, and what is due."""
        top, buyer = self._y, self._invoice.buyer
        customer = self._words.label("customer")
        self._page.start(customer, 0, self._y, _LABEL)
        if self._language == "en":
            self._page.start(self._words.other_label("customer"), _width(customer, _LABEL) + 6, self._y, _TINY)
        self._y += 15
        self._lines(buyer.name_in(self._language), _STRONG, _BUYER_WIDTH, _LEADING)
        self._lines(buyer.address or "", _SMALL, _BUYER_WIDTH, 12.5)
        if buyer.vat_number:
            self._pair("vat_number", buyer.vat_number)
        if self._invoice.credited:
            self._y += 4
            reason = f"{self._words.label('reason')}: {self._invoice.credited.reason}"
            self._lines(reason, _TEXT, _BUYER_WIDTH, _LEADING)
        self._due(top)
        self._y = max(self._y, top + 44) + 10

    def _due(self, top: float) -> None:
        name, amount = self._asked
        if not self._invoice.credited:
            name = {"paid": "paid_in_full", "cancelled": "cancelled"}.get(self._invoice.status, name)
        self._page.end(self._words.label(name), WIDTH, top, _LABEL)
        self._page.end(self._words.money(amount), WIDTH, top + 20, _GREAT, self._base)
        self._page.end(self._words.other_label(name), WIDTH, top + 34, _TINY)

    @property
    def _asked(self) -> tuple[str, Money]:
        """What it comes to: what is due, or what is taken back."""
        if self._invoice.credited:
            return "amount_credited", self._invoice.total
        return "amount_due", self._invoice.owed

    @property
    def _base(self) -> str:
        return "R" if self._language == "ar" else "L"

    def _table(self) -> None:
        self._head()
        for row in self._rows():
            if self._y + row.height > _BOTTOM:
                self._turn()
                self._head()
            self._draw(row)
        self._y += 12

    def _head(self) -> None:
        words, page = self._words, self._page
        page.box(0, self._y, WIDTH, 22 if self._language == "ar" else 30, GROUND)
        heads = {"quantity": _QUANTITY, "unit_price": _PRICE} if self._is_measured else {}
        heads |= {"rate": _RATE, "net": _NET}
        page.start(words.label("description"), 8, self._y + 14, _HEAD)
        for name, x in heads.items():
            page.end(words.label(name), x, self._y + 14, _HEAD)
        if self._language == "en":
            page.start(words.other_label("description"), 8, self._y + 25, _TINY)
            for name, x in heads.items():
                page.end(words.other_label(name), x, self._y + 25, _TINY)
        self._y += 22 if self._language == "ar" else 30

    @property
    def _is_measured(self) -> bool:
        """Whether any line has a quantity or a price of one."""
        return any(line.quantity is not None or line.unit_price is not None for line in self._invoice.lines)

    def _rows(self) -> Iterator[_Row]:
        for line in self._invoice.lines:
            in_own, in_other = line.description_en, line.description_ar
            if self._language == "ar":
                in_own, in_other = in_other, in_own
            said = [(part, _TEXT) for part in _wrapped(in_own, _TEXT)]
            if self._language == "en" and in_other != in_own:
                said += [(part, _SMALL) for part in _wrapped(in_other, _SMALL)]
            if line.meter_no:
                said.append((self._words.meter(line.meter_no), _SMALL))
            yield _Row(tuple(said) or (("", _TEXT),), line)

    def _draw(self, row: _Row) -> None:
        page, line, top = self._page, row.line, self._y + _LEADING + 1
        for place, (text, style) in enumerate(row.said):
            page.start(text, 8, top + place * _LEADING, style, None if style is _TEXT else self._base_of(text))
        if line.quantity is not None:
            unit = f" {self._words.unit(line.unit)}" if line.unit else ""
            self._figure(f"{line.quantity.normalize():,f}{unit}", _QUANTITY, top, _QUANTITY - _DESCRIPTION_WIDTH - 16)
        if line.unit_price is not None:
            self._figure(f"{line.unit_price.normalize():,f}", _PRICE, top, _PRICE - _QUANTITY - 8)
        if line.rate is not None and line.category != OUTSIDE:
            self._figure(percent(line.rate), _RATE, top, _RATE - _PRICE - 8)
        self._figure(self._words.figure(line.net), _NET, top, _NET - _RATE - 8)
        self._y += row.height
        page.box(0, self._y, WIDTH, 0.6, HAIR)

    def _figure(self, figure: str, end: float, y: float, width: float) -> None:
        """Write a figure that ends at `end`, smaller where it would be wider than `width`."""
        self._page.end(figure, end, y, _fitting(figure, width, _TEXT), self._base)

    def _base_of(self, text: str) -> str | None:
        return self._base if "\u2066" in text else None

    def _end(self) -> None:
        """The totals, and the code beside them, together on one page."""
        totals = list(self._totals())
        height = max(len(totals) * self._total_height + 46, _QR_SIDE + 24)
        if self._y + height > _BOTTOM:
            self._turn()
        top = self._y
        for label, other, value in totals:
            self._total(label, other, value, _TEXT, _TEXT)
        self._page.box(_TOTALS, self._y + 2, WIDTH - _TOTALS, self._total_height + 12, GROUND)
        self._y += 8
        name, amount = self._asked
        label, other = self._words.label(name), self._words.other_label(name)
        self._total(label, other, self._words.money(amount), _STRONG, Style(12.5, BOLD, MARK))
        if self._invoice.qr:
            self._code(self._invoice.qr, top)

    def _totals(self) -> Iterator[tuple[str, str, str]]:
        words, invoice = self._words, self._invoice
        yield words.label("total_net"), words.other_label("total_net"), words.money(invoice.net)
        for share in invoice.shares:
            if share.category == OUTSIDE:
                continue
            amount = Money(share.vat_minor, invoice.vat.currency)
            yield words.vat(share.rate), words.vat(share.rate, other=True), words.money(amount)
        yield words.label("total"), words.other_label("total"), words.money(invoice.total)
        if not invoice.credited:
            yield words.label("paid"), words.other_label("paid"), words.money(invoice.paid)

    def _total(self, label: str, other: str, value: str, looks: Style, figures: Style) -> None:
        start = _TOTALS + 8
        self._page.start(label, start, self._y + 13, looks)
        if self._language == "en":
            self._page.start(other, start, self._y + 22.5, _TINY)
        style = _fitting(value, _NET - start - _width(label, looks) - 10, figures)
        self._page.end(value, _NET, self._y + 13, style, self._base)
        self._y += self._total_height

    @property
    def _total_height(self) -> float:
        return 20 if self._language == "ar" else 28

    def _code(self, text: str, top: float) -> None:
        rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
        self._page.squares(0, top + 4, _QR_SIDE / len(rows), rows)
        self._page.start(self._words.label("scan"), 0, top + _QR_SIDE + 18, _TINY)

    def _feet(self) -> None:
        """Under each page who asks, for which invoice, and which page it is."""
        number = plain(self._invoice.invoice_no)
        for place in range(len(self._document)):
            page = Page(self._document, place, self._language)
            page.box(0, A4[1] - MARGIN - 12, WIDTH, 0.6, HAIR)
            name = plain(self._invoice.seller.name_in(self._language))
            page.start(name, 0, A4[1] - MARGIN + 2, _fitting(name, WIDTH * 0.8, _TINY))
            page.end(self._words.page(place + 1, len(self._document)), WIDTH, A4[1] - MARGIN + 2, _TINY, self._base)
            # On a line of its own: beside Arabic words some readers would turn it round.
            page.start(number, 0, A4[1] - MARGIN + 13, _TINY, "L")


def _wrapped(text: str, style: Style) -> list[str]:
    return wrapped(plain(text), style.weight, style.size, _DESCRIPTION_WIDTH)


def _width(text: str, style: Style) -> float:
    return shaped(text, style.weight).width_at(style.size)


def _fitting(text: str, width: float, style: Style) -> Style:
    """Return `style`, or a smaller one in which `text` is no wider than `width`."""
    return Style(min(style.size, style.size * width / max(_width(text, style), 1)), style.weight, style.color)
