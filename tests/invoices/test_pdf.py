"""The PDF of an invoice: all that a customer needs can be read back from it, in order, in both languages."""

import io
import re
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pypdf
import pypdfium2
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.fonts import BOLD, REGULAR
from bot.documents.invoice import invoice_pdf
from bot.documents.shaping import shaped, wrapped
from domain.cancelling import cancel
from domain.documents import Credited, DocumentLine, InvoiceDocument, Party, credit_note_of, document_of
from domain.door import Door
from domain.issuing import issue
from domain.money import Money
from domain.vat import Taxed, shares_of
from tests.invoices.test_issuing import draft
from tests.ledger.conftest import Visiting
from tests.noor import Noor

FIFTEEN = Decimal("0.15")
NUMBER = "310175397400003"
SELLER = Party("Noor Electricity", "كهرباء النور", NUMBER, "7421 طريق الملك فهد، حي العليا، الرياض 12212")
BUYER = Party("Sara Al-Ghamdi", "سارة الغامدي", None, "حي الروضة، جدة", "100101")
LONG = Party(
    "Abdulrahman bin Mohammed bin Abdulaziz Al-Ghamdi and Sons Trading and Contracting Company Limited",
    "شركة عبدالرحمن بن محمد بن عبدالعزيز الغامدي وأولاده للتجارة والمقاولات المحدودة (ذات مسؤولية محدودة)",
    "310288941700003",
    "حي الروضة، جدة",
    "100101-AC-2026-000000000000000000042",
)
# Beside Arabic letters readers put spaces, and the marks that turn lines round, where they like.
_NOT_READ = re.compile("[\\s\u200e\u200f\u2066-\u2069\u064b-\u0652]+")


def line(net: int, words: str = "") -> DocumentLine:
    described = (f"Electricity, October 2026{words}", f"استهلاك الكهرباء، أكتوبر 2026{words}")
    measured = (Decimal("1034.5"), "kwh", Decimal("0.18"))
    return DocumentLine(*described, "04012345678", *measured, Money(net, "SAR"), "S", FIFTEEN)


def invoice(*lines: DocumentLine, paid: int = 0, **changes: Any) -> InvoiceDocument:
    lines = lines or (line(18639), line(2000))
    shares = shares_of(Taxed(one.net.minor, one.category, one.rate or Decimal(0)) for one in lines)
    net, vat = sum(share.net_minor for share in shares), sum(share.vat_minor for share in shares)
    made = InvoiceDocument(
        "INV-2026-000042",
        "issued",
        date(2026, 11, 20),
        datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
        date(2026, 12, 20),
        "SA",
        SELLER,
        BUYER,
        tuple(lines),
        tuple(shares),
        Money(net, "SAR"),
        Money(vat, "SAR"),
        Money(net + vat, "SAR"),
        Money(paid, "SAR"),
    )
    return replace(made, **changes)


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    yield document
    document.close()


def by_pdfium(pdf: bytes) -> str:
    with opened(pdf) as document:
        pages = [page.get_textpage() for page in document]
        said = "\n".join(page.get_text_range() for page in pages)
        for page in pages:
            page.close()
        return said


def by_pypdf(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def bare(text: str) -> str:
    return _NOT_READ.sub("", text)


def in_order(said: str, *parts: str) -> None:
    """Assert that `parts` are read one after the other."""
    at, read = 0, bare(said)
    for part in parts:
        found = read.find(bare(part), at)
        assert found >= 0, f"{part!r} is not read after {read[max(0, at - 40) : at]!r} in {said!r}"
        at = found + len(bare(part))


# In the order in which they stand; readers that go by the line read each with its label.
TOTALS = {
    "ar": {
        "الإجمالي قبل الضريبة": "206.39",
        "ضريبة القيمة المضافة": "30.96",
        "الإجمالي شامل الضريبة": "237.35",
        "المدفوع": "100.00",
    },
    "en": {
        "Total without VAT": "206.39",
        "Value-added tax 15%": "30.96",
        "Total with VAT": "237.35",
        "Paid": "100.00",
    },
}
READERS = pytest.mark.parametrize("read", [by_pdfium, by_pypdf])


@READERS
def test_an_arabic_invoice_is_read_in_order(read: Any) -> None:
    said = read(invoice_pdf(invoice(paid=10000), "ar"))
    for value in ("INV-2026-000042", "20/11/2026", "20/12/2026", "100101"):
        in_order(said, "كهرباء النور", "Noor Electricity", NUMBER, value, "سارة الغامدي", "حي الروضة، جدة")
    in_order(said, "سارة الغامدي", "استهلاك الكهرباء، أكتوبر", "04012345678")
    in_order(said, "186.39", "20.00", *(part for total in TOTALS["ar"].items() for part in total), "137.35")
    assert bare("فاتورة ضريبية مبسطة") in bare(said)


@READERS
def test_an_english_invoice_is_read_in_order(read: Any) -> None:
    said = read(invoice_pdf(invoice(paid=10000), "en"))
    for value in ("INV-2026-000042", "20/11/2026", "20/12/2026", "100101"):
        in_order(said, "Noor Electricity", "كهرباء النور", NUMBER, value, "Sara Al-Ghamdi", "حي الروضة، جدة")
    in_order(said, "Sara Al-Ghamdi", "Electricity, October 2026", "استهلاك الكهرباء، أكتوبر", "04012345678")
    in_order(said, "186.39", "20.00", *(part for total in TOTALS["en"].items() for part in total), "137.35")
    assert "Quantity" in said
    # The law wants it in Arabic as well.
    for words in ("Simplified tax invoice", "فاتورة ضريبية مبسطة", *TOTALS["ar"]):
        assert bare(words) in bare(said)


def test_numbers_stand_where_they_belong_in_an_arabic_line() -> None:
    said = by_pdfium(invoice_pdf(invoice(paid=10000), "ar"))
    for words in ("استهلاك الكهرباء، أكتوبر 2026", "عدّاد 04012345678", "الرياض 12212", "صفحة 1 من 1", "15%"):
        assert bare(words) in bare(said)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_long_names_large_amounts_and_many_lines_stay_on_the_page(language: str) -> None:
    lines = [line(18_621_000_000_000 + n, f" ({n}) including the lifts, the car park, the pumps") for n in range(70)]
    full = invoice(*lines, seller=replace(LONG, vat_number=NUMBER), buyer=LONG, invoice_no="INVOICE-" + "7" * 56)
    pdf = invoice_pdf(full, language)
    said = by_pdfium(pdf)
    in_order(said, *(f"({n})" for n in range(0, 70, 7)))
    assert f"{full.total.major:,.2f}" in said
    with opened(pdf) as document:
        assert len(document) > 4
        for number, page in enumerate(document):
            text = page.get_textpage()
            boxes = [text.get_charbox(n, loose=True) for n in range(text.count_chars())]
            drawn = [box for box in boxes if box[2] > box[0]]
            assert min(box[0] for box in drawn) > 40
            assert max(box[2] for box in drawn) < 595.28 - 40
            assert min(box[1] for box in drawn) > 20
            assert re.search(f"{number + 1}.*{len(document)}", text.get_text_range())
            text.close()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_is_written_over_anything_else(language: str) -> None:
    """Every two letters of the page have places of their own, however large the amounts are."""
    pdf = invoice_pdf(invoice(line(18_621_000_000_000), line(9_999_999_999_999), seller=LONG, buyer=LONG), language)
    with opened(pdf) as document:
        text = document[0].get_textpage()
        letters = [(text.get_charbox(n), text.get_text_range(n, 1)) for n in range(text.count_chars())]
        text.close()
    figures = [(box, letter) for box, letter in letters if letter.isdigit()]
    assert len(figures) > 100
    for place, (one, _) in enumerate(figures):
        for other, _ in figures[place + 1 :]:
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 0.5 or down <= 0.5


def test_the_code_is_drawn_as_the_law_wants_it() -> None:
    document = invoice()
    assert document.qr is not None
    matrix = [list(row) for row in segno.make(document.qr, error="m", micro=False).matrix]
    dark = _dark_places(invoice_pdf(document, "en"))
    # It is the only thing of its kind on the start side: its corner is found, and each module looked at in its middle.
    left, top = 45 * 4, _first_dark_row(dark, 45 * 4, len(matrix))
    side = 96 * 4 / len(matrix)
    seen = [
        [dark[int(top + (y + 0.5) * side)][int(left + (x + 0.5) * side)] for x in range(len(matrix))]
        for y in range(len(matrix))
    ]
    assert seen == [[bool(module) for module in row] for row in matrix]


def _dark_places(pdf: bytes) -> list[list[bool]]:
    """Return for every pixel of the first page, four to a point, whether it is dark."""
    with opened(pdf) as document:
        bitmap = document[0].render(scale=4, grayscale=True)
        raw = bytes(bitmap.buffer)
        return [
            [grey < 100 for grey in raw[y * bitmap.stride : y * bitmap.stride + bitmap.width]]
            for y in range(bitmap.height)
        ]


def _first_dark_row(dark: list[list[bool]], left: int, modules: int) -> int:
    """Return where the pattern at the top left begins: seven dark modules side by side, and seven below each other."""
    width = int(96 * 4 / modules * 7) - 4
    for y in range(len(dark) - width):
        across = all(dark[y][left + 2 : left + 2 + width])
        if across and all(row[left + 2] for row in dark[y : y + width]):
            return y
    raise AssertionError("no code is drawn")


@pytest.mark.parametrize(
    ("changes", "has_code"),
    [({}, True), ({"country": "EG"}, False), ({"seller": replace(SELLER, vat_number=None)}, False)],
)
def test_the_code_is_there_where_the_law_knows_of_it(changes: dict[str, Any], has_code: bool) -> None:
    assert (invoice(**changes).qr is not None) == has_code
    assert ("Scan" in by_pdfium(invoice_pdf(invoice(**changes), "en"))) == has_code


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Simplified tax invoice"),
        ({"buyer": LONG}, "Tax invoice"),
        ({"seller": replace(SELLER, vat_number=None)}, "Invoice"),
        ({"status": "cancelled"}, "Cancelled"),
        ({"status": "paid", "paid": 23735}, "Paid in full"),
        ({"credited": Credited("INV-2026-000042", "Wrong")}, "Credit note"),
    ],
)
def test_what_it_is_called(changes: dict[str, Any], says: str) -> None:
    paid = changes.pop("paid", 0) if "paid" in changes else 0
    assert says in by_pdfium(invoice_pdf(invoice(paid=paid, **changes), "en")).splitlines()


def test_the_same_invoice_makes_the_same_file() -> None:
    assert invoice_pdf(invoice(), "ar") == invoice_pdf(invoice(), "ar")


def test_many_threads_draw_at_once() -> None:
    documents = [invoice(line(100 + n, f" {n}")) for n in range(8)]
    alone = [invoice_pdf(document, "ar") for document in documents]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            shaped.cache_clear()
            assert list(pool.map(lambda document: invoice_pdf(document, "ar"), documents)) == alone


def test_it_says_its_language_and_title() -> None:
    reader = pypdf.PdfReader(io.BytesIO(invoice_pdf(invoice(), "ar")))
    assert reader.metadata is not None
    assert reader.metadata.title == "فاتورة ضريبية مبسطة INV-2026-000042"
    assert reader.trailer["/Root"]["/Lang"] == "ar"


def test_letters_are_joined_and_lines_run_from_right_to_left() -> None:
    joined, apart = shaped("ببب", REGULAR).glyphs, shaped("ب", REGULAR).glyphs
    letters = [glyph for glyph in joined if glyph.text]
    assert [glyph.text for glyph in letters] == ["ب"] * 3
    assert len({glyph.number for glyph in letters}) == 3
    assert not {glyph.number for glyph in letters[1:]} & {glyph.number for glyph in apart if glyph.text}
    mixed = "".join(glyph.text or "" for glyph in shaped("رقم (AB-12) هنا", BOLD).glyphs)
    assert mixed == "انه (AB-12) مقر"
    assert "".join(glyph.text or "" for glyph in shaped("ا (ب)", BOLD).glyphs) == "(ب) ا"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.floats(20, 300))
@settings(max_examples=200, deadline=None)
def test_wrapping_loses_nothing_and_fits(text: str, width: float) -> None:
    plain = " ".join(text.split())
    lines = wrapped(plain, REGULAR, 9, width)
    assert "".join(lines).replace(" ", "") == plain.replace(" ", "")
    assert all(len(one) == 1 or shaped(one, REGULAR).width_at(9) <= width for one in lines)


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["ar", "en"]))
@settings(max_examples=60, deadline=None)
def test_whatever_people_are_called_the_figures_are_read(name: str, words: str, language: str) -> None:
    pdf = invoice_pdf(invoice(line(18639, words), buyer=replace(BUYER, name_en=name, name_ar=name)), language)
    said = by_pdfium(pdf)
    for figure in ("INV-2026-000042", "20/12/2026", "214.35", "27.96"):
        assert figure in said


def test_latin_names_are_read_as_they_are() -> None:
    for name in ("O'Brien & Søns (Ltd.)", "Zoë Müller-Łukasz", unicodedata.normalize("NFD", "José Ñandú")):
        said = by_pdfium(invoice_pdf(invoice(buyer=replace(BUYER, name_en=name)), "en"))
        assert unicodedata.normalize("NFC", name) in unicodedata.normalize("NFC", said)


def test_an_issued_invoice_is_shown_as_it_was_issued(
    door: Door, visiting: Visiting, noor: Noor, people: list[Any]
) -> None:
    with visiting() as visit:
        (issued,) = issue(visit, noor.business_id, [draft(noor, people[0], 10000, 3)])
        visit.ask("UPDATE customer SET name = 'Somebody Else', name_ar = NULL", {})
        visit.ask("UPDATE business SET name_en = 'Another Company'", {})
    document = _shown(visiting, issued.invoice_id)
    assert (document.seller.name_en, document.buyer.name_en) == ("Noor Electricity", "Sara Al-Ghamdi")
    assert (document.net, document.vat, document.total) == (issued.net, issued.vat, issued.total)
    assert [one.net.minor for one in document.lines] == [10000, 3]
    assert "Sara Al-Ghamdi" in by_pdfium(invoice_pdf(document, "en"))


def test_a_credit_note_names_its_invoice_and_the_reason(visiting: Visiting, noor: Noor, people: list[Any]) -> None:
    with visiting() as visit:
        (issued,) = issue(visit, noor.business_id, [draft(noor, people[0])])
        cancelled = cancel(visit, issued.invoice_id, "قراءة خاطئة")
        document = credit_note_of(visit, cancelled.credit_note_id)
        assert credit_note_of(visit, issued.invoice_id) is None
    assert document is not None
    for language, label in (("ar", "المبلغ المعاد"), ("en", "Amount credited")):
        said = by_pdfium(invoice_pdf(document, language))
        in_order(said, cancelled.credit_note_no, "قراءة خاطئة", "115.00")
        assert issued.invoice_no in said
        assert bare(label) in bare(said)


def test_an_imported_invoice_has_one_line(visiting: Visiting, noor: Noor) -> None:
    with visiting() as visit:
        ((known,),) = visit.ask("SELECT id FROM invoice WHERE invoice_no = 'INV-2'", {})
    document = _shown(visiting, known)
    assert [(one.net.minor, one.rate) for one in document.lines] == [(20000, Decimal(0))]
    assert document.owed == Money(10000, "SAR")
    said = by_pdfium(invoice_pdf(document, "en"))
    in_order(said, "INV-2", "SAR 200.00", "SAR 100.00")
    assert "Quantity" not in said


def _shown(visiting: Visiting, invoice_id: Any) -> InvoiceDocument:
    with visiting() as visit:
        document = document_of(visit, invoice_id)
    assert document is not None
    return document


def test_there_is_none(visiting: Visiting, noor: Noor) -> None:
    with visiting() as visit:
        assert document_of(visit, noor.business_id) is None


@pytest.mark.parametrize(("language", "first"), [("en", "Electricityfrom1October2026"), ("ar", "استهلاكأكتوبر")])
def test_it_says_what_it_is_for_where_its_lines_do_not(language: str, first: str) -> None:
    about = ("Electricity from 1 October 2026 to 31 October 2026, estimated", "استهلاك أكتوبر تقديري")
    said = bare(by_pypdf(invoice_pdf(invoice(about=about), language)))
    assert first in said
    assert ("estimated" in said) == (language == "en")
    assert "تقديري" in said  # the law wants it in Arabic, whatever else it is in


@pytest.mark.parametrize(("price", "says"), [("0.2", "0.20"), ("0.185", "0.185"), ("12", "12.00")])
def test_a_price_has_as_many_decimals_as_an_amount_or_more(price: str, says: str) -> None:
    measured = replace(line(18639), quantity=Decimal("869.2"), unit="kWh", unit_price=Decimal(price))
    assert re.search(rf"(?<![\d.]){re.escape(says)}(?![\d.])", by_pypdf(invoice_pdf(invoice(measured), "en")))
