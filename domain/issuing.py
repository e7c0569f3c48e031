"""Issuing invoices: numbered without a gap, with their lines, posted to the ledger; many at once in few statements."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.clock import now, today
from domain.door import Visit
from domain.ids import new_id
from domain.invoices import status_of
from domain.ledger.chart import REVENUE, VAT_PAYABLE, house, receivable
from domain.ledger.entries import Entry, credit, debit, lines_of
from domain.ledger.posting import post
from domain.money import Money
from domain.numbers import take_numbers, written
from domain.vat import Taxed, shares_of

ISSUED: Final = "issued"
SOURCE: Final = "invoice"


class NoSuchCustomer(LookupError):
    """A draft is for somebody who is no customer of the business."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What is charged: `net_minor` in minor units, without the tax of `category` at `rate`.

    What is measured has a `quantity` of `unit` at `unit_price`, in whole units of the currency.
    """

    description_en: str
    description_ar: str
    net_minor: int
    category: str
    rate: Decimal
    meter_no: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None

    @property
    def taxed(self) -> Taxed:
        """The amount, and how it is taxed. Raises VatError."""
        return Taxed(self.net_minor, self.category, self.rate)


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice to be issued: for whom, due when, what for in a few words, and its lines."""

    customer_id: UUID
    due_date: date
    description_en: str
    description_ar: str
    lines: tuple[DraftLine, ...]


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice that was issued."""

    invoice_id: UUID
    invoice_no: str
    net: Money
    vat: Money
    total: Money


@dataclass(frozen=True, slots=True)
class _Seller:
    currency: str
    timezone: str
    card: dict[str, Any]


_LINE_FIELDS: Final = [one.name for one in fields(DraftLine)]
_SELLER: Final = """
    SELECT currency, timezone, jsonb_build_object('name_en', name_en, 'name_ar', name_ar, 'vat_number', vat_number,
           'address_ar', address_ar, 'country', country) FROM business WHERE id = %(business_id)s
"""
_BUYERS: Final = """
    SELECT id, jsonb_build_object('name_en', name, 'name_ar', name_ar, 'vat_number', vat_number, 'address', address,
           'account_no', account_no) FROM customer WHERE id = ANY(%(customers)s)
"""
_WRITE: Final = """
    WITH fresh AS (
        INSERT INTO invoice (id, created_at, business_id, customer_id, invoice_no, status, issue_date, due_date,
                             currency, net_minor, vat_minor, total_minor, paid_minor, description_en, description_ar,
                             series, number, issued_at, parties)
        SELECT id, %(now)s, %(business_id)s, customer_id, invoice_no, status, %(day)s, due_date, %(currency)s,
               net_minor, vat_minor, total_minor, 0, description_en, description_ar, %(series)s, number, %(now)s,
               parties
        FROM jsonb_to_recordset(%(invoices)s) AS one (
            id uuid, customer_id uuid, invoice_no text, status text, due_date date, net_minor bigint, vat_minor bigint,
            total_minor bigint, description_en text, description_ar text, number bigint, parties jsonb)
    )
    INSERT INTO invoice_line (invoice_id, n, created_at, business_id, description_en, description_ar, meter_no,
                              quantity, unit, unit_price, net_minor, vat_category, vat_rate)
    SELECT invoice_id, n, %(now)s, %(business_id)s, description_en, description_ar, meter_no, quantity, unit,
           unit_price, net_minor, category, rate
    FROM jsonb_to_recordset(%(lines)s) AS one (
        invoice_id uuid, n smallint, description_en text, description_ar text, meter_no text, quantity numeric,
        unit text, unit_price numeric, net_minor bigint, category text, rate numeric)
"""


def issue(visit: Visit, business_id: UUID, drafts: Sequence[Draft], series: str | None = None) -> list[Issued]:
    """Issue `drafts` today, in their order, numbered in `series` (by default the one of the year).

    Other numbers of the series wait for the end of the transaction. Raises NoSuchCustomer, VatError.
    """
    if not drafts:
        return []
    seller, buyers = _seller(visit, business_id), _buyers(visit, drafts)
    at, day = now(), today(seller.timezone)
    series = series or f"INV-{day.year}"
    numbers = take_numbers(visit, business_id, series, len(drafts))
    issued = [_issued(draft, seller, written(series, number)) for draft, number in zip(drafts, numbers, strict=True)]
    rows = [
        _row(draft, one, number, {"seller": seller.card, "buyer": buyers[draft.customer_id]})
        for draft, one, number in zip(drafts, issued, numbers, strict=True)
    ]
    _write(visit, rows, _line_rows(drafts, issued), _heads(business_id, seller, series, at, day))
    pairs = zip(drafts, issued, strict=True)
    post(visit, [_entry(business_id, day, draft.customer_id, one) for draft, one in pairs if one.total.minor])
    return issued


def _seller(visit: Visit, business_id: UUID) -> _Seller:
    (row,) = visit.ask(_SELLER, {"business_id": business_id})
    return _Seller(*row)


def _buyers(visit: Visit, drafts: Sequence[Draft]) -> dict[UUID, dict[str, Any]]:
    wanted = list({draft.customer_id for draft in drafts})
    buyers = {row[0]: row[1] for row in visit.ask(_BUYERS, {"customers": wanted})}
    if len(buyers) < len(wanted):
        raise NoSuchCustomer(f"{len(wanted) - len(buyers)} of {len(wanted)} are no customers of the business")
    return buyers


def _issued(draft: Draft, seller: _Seller, invoice_no: str) -> Issued:
    shares = shares_of(line.taxed for line in draft.lines)
    net = Money(sum(share.net_minor for share in shares), seller.currency)
    vat = Money(sum(share.vat_minor for share in shares), seller.currency)
    return Issued(new_id(), invoice_no, net, vat, net + vat)


def _row(draft: Draft, issued: Issued, number: int, parties: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": issued.invoice_id,
        "customer_id": draft.customer_id,
        "invoice_no": issued.invoice_no,
        "number": number,
        "status": status_of(issued.total.minor, 0),
        "due_date": draft.due_date,
        "net_minor": issued.net.minor,
        "vat_minor": issued.vat.minor,
        "total_minor": issued.total.minor,
        "description_en": draft.description_en,
        "description_ar": draft.description_ar,
        "parties": parties,
    }


def _line_rows(drafts: Sequence[Draft], issued: Sequence[Issued]) -> list[dict[str, Any]]:
    return [
        {"invoice_id": one.invoice_id, "n": n, **{name: getattr(line, name) for name in _LINE_FIELDS}}
        for draft, one in zip(drafts, issued, strict=True)
        for n, line in enumerate(draft.lines, start=1)
    ]


def _heads(business_id: UUID, seller: _Seller, series: str, at: datetime, day: date) -> dict[str, Any]:
    return {"business_id": business_id, "currency": seller.currency, "series": series, "now": at, "day": day}


def _write(visit: Visit, rows: list[dict[str, Any]], lines: list[dict[str, Any]], heads: dict[str, Any]) -> None:
    dumps = partial(json.dumps, default=str)
    visit.ask(_WRITE, {**heads, "invoices": Jsonb(rows, dumps=dumps), "lines": Jsonb(lines, dumps=dumps)})


def _entry(business_id: UUID, day: date, customer_id: UUID, issued: Issued) -> Entry:
    lines = lines_of(
        debit(receivable(customer_id), issued.total),
        credit(house(REVENUE), issued.net),
        credit(house(VAT_PAYABLE), issued.vat),
    )
    return Entry(business_id, day, ISSUED, SOURCE, issued.invoice_id, lines)
