"""An invoice as its document shows it: with its lines, its tax by category, and seller and buyer as they were then."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.door import Visit
from domain.money import Money
from domain.vat import STANDARD, Taxed, VatShare, category_of, shares_of, vat_on
from domain.zatca import qr_text


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer: names in both languages, address, VAT number; the number of the buyer's account."""

    name_en: str
    name_ar: str | None
    vat_number: str | None
    address: str | None
    account_no: str | None = None

    def name_in(self, language: str) -> str:
        """Return the name in `language`, or as it is known."""
        return (self.name_ar or self.name_en) if language == "ar" else self.name_en


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """What is charged. What is measured has a quantity, a unit and a price of one in whole units of the currency."""

    description_en: str
    description_ar: str
    meter_no: str | None
    quantity: Decimal | None
    unit: str | None
    unit_price: Decimal | None
    net: Money
    category: str
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Credited:
    """What a credit note takes back: the invoice, and why."""

    invoice_no: str
    reason: str


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """All that stands on an invoice, or on a credit note: then `credited` says what it takes back.

    `shares` is the tax by category; `issued_at` the instant that its code names. `about` is what it is for, in English
    and in Arabic, where its lines don't say so: the days that are billed, and whether they were estimated.
    """

    invoice_no: str
    status: str
    issue_date: date
    issued_at: datetime
    due_date: date
    country: str
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    shares: tuple[VatShare, ...]
    net: Money
    vat: Money
    total: Money
    paid: Money
    credited: Credited | None = None
    about: tuple[str, str] = ("", "")

    @property
    def owed(self) -> Money:
        """What is still to be paid: nothing, where it was cancelled."""
        cancelled = self.status == "cancelled"
        return Money(0 if cancelled else self.total.minor - self.paid.minor, self.total.currency)

    @property
    def kind(self) -> str:
        """What it is: a tax invoice where the seller has a VAT number, a simplified one where the buyer has none."""
        if self.credited:
            return "credit_note"
        if not self.seller.vat_number:
            return "invoice"
        return "tax_invoice" if self.buyer.vat_number else "simplified_tax_invoice"

    @property
    def qr(self) -> str | None:
        """What its code says, where the law knows of one."""
        if self.country != "SA" or not self.seller.vat_number:
            return None
        name = self.seller.name_ar or self.seller.name_en
        return qr_text(name, self.seller.vat_number, self.issued_at, self.total, self.vat)


_INVOICE: Final = """
    SELECT invoice_no, status, issue_date, issued_at, due_date, invoice.currency, net_minor, vat_minor, total_minor,
           paid_minor, description_en, description_ar, parties, business.timezone, business.country,
           business.vat_rate,
           jsonb_build_object('name_en', business.name_en, 'name_ar', business.name_ar, 'vat_number',
               business.vat_number, 'address_ar', business.address_ar),
           jsonb_build_object('name_en', customer.name, 'name_ar', customer.name_ar, 'vat_number',
               customer.vat_number, 'address', customer.address, 'account_no', account_no),
           (SELECT COALESCE(jsonb_agg(jsonb_build_array(line.description_en, line.description_ar, meter_no,
                quantity::text, unit, unit_price::text, line.net_minor, vat_category, line.vat_rate::text) ORDER BY n),
                '[]')
            FROM invoice_line AS line WHERE line.invoice_id = invoice.id)
    FROM invoice JOIN customer ON customer.id = customer_id JOIN business ON business.id = invoice.business_id
    WHERE invoice.id = %(invoice_id)s
"""


_CREDIT_NOTE: Final = """
    SELECT note.invoice_id, credit_note_no, note.issue_date, note.issued_at, invoice_no, reason
    FROM credit_note AS note JOIN invoice ON invoice.id = note.invoice_id WHERE note.id = %(credit_note_id)s
"""


def credit_note_of(visit: Visit, credit_note_id: UUID) -> InvoiceDocument | None:
    """Return what stands on a credit note: all that stood on its invoice, taken back; None when there is none."""
    rows = visit.ask(_CREDIT_NOTE, {"credit_note_id": credit_note_id})
    if not rows:
        return None
    invoice_id, number, day, at, invoice_no, reason = rows[0]
    invoice = document_of(visit, invoice_id)
    if invoice is None:
        return None
    return replace(invoice, invoice_no=number, issue_date=day, issued_at=at, credited=Credited(invoice_no, reason))


def document_of(visit: Visit, invoice_id: UUID) -> InvoiceDocument | None:
    """Return what stands on an invoice; None when there is none.

    One that was imported knows neither its lines nor its parties: it has one line, and the parties as they are now.
    """
    rows = visit.ask(_INVOICE, {"invoice_id": invoice_id})
    return _document(rows[0]) if rows else None


def _document(row: tuple[Any, ...]) -> InvoiceDocument:
    invoice_no, status, issue_date, issued_at, due_date, currency, *rest = row
    *minors, in_english, in_arabic, parties, timezone, country, own_rate, seller, buyer, listed = rest
    net, vat, total, paid = (Money(minor, currency) for minor in minors)
    lines = [_line(one, currency) for one in listed] or [_only_line(in_english, in_arabic, net, vat, own_rate)]
    known = parties or {"seller": seller, "buyer": buyer}
    return InvoiceDocument(
        invoice_no=invoice_no,
        status=status,
        issue_date=issue_date,
        issued_at=issued_at or datetime.combine(issue_date, time(), ZoneInfo(timezone)),
        due_date=due_date,
        country=known["seller"].get("country", country),
        seller=_seller(known["seller"]),
        buyer=Party(**known["buyer"]),
        lines=tuple(lines),
        about=_about(in_english or "", in_arabic or "", lines if listed else []),
        shares=tuple(_shares(lines, vat)),
        net=net,
        vat=vat,
        total=total,
        paid=paid,
    )


def _about(in_english: str, in_arabic: str, lines: list[DocumentLine]) -> tuple[str, str]:
    """Return what an invoice is for, in both languages: nothing where a line of it says so already."""
    said = not lines or any(in_english in {line.description_en, ""} for line in lines)
    return ("", "") if said else (in_english, in_arabic)


def _seller(card: dict[str, Any]) -> Party:
    return Party(card["name_en"], card["name_ar"], card["vat_number"], card["address_ar"])


def _line(row: list[Any], currency: str) -> DocumentLine:
    in_english, in_arabic, meter_no, quantity, unit, unit_price, net, category, rate = row
    exact = [Decimal(value) if value is not None else None for value in (quantity, unit_price, rate)]
    return DocumentLine(
        in_english, in_arabic, meter_no, exact[0], unit, exact[1], Money(net, currency), category, exact[2]
    )


def _only_line(
    in_english: str | None, in_arabic: str | None, net: Money, vat: Money, own_rate: Decimal
) -> DocumentLine:
    """Return what an imported invoice has for a line. Its rate is known where it is the business's own, or none."""
    rate = next((rate for rate in (own_rate, Decimal(0)) if vat_on(net.minor, rate) == vat.minor), None)
    words = in_english or in_arabic or "", in_arabic or in_english or ""
    return DocumentLine(*words, None, None, None, None, net, category_of(rate) if rate is not None else STANDARD, rate)


def _shares(lines: list[DocumentLine], vat: Money) -> list[VatShare]:
    """Return the tax by category; an imported one that no rate leads to, as it is."""
    if any(line.rate is None for line in lines):
        return [VatShare(STANDARD, None, sum(line.net.minor for line in lines), vat.minor)]
    return shares_of(Taxed(line.net.minor, line.category, line.rate or Decimal(0)) for line in lines)
