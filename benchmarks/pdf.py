"""One invoice as PDF: read from the database and drawn, in both languages; and a long one."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.world import World
from bot.documents.invoice import invoice_pdf
from domain.documents import document_of
from domain.door import Door, Visit, psycopg_url, service_engine

RUNS = 5
AT_ONCE = 20
WANTED_MS = 150

_INVOICES = """
INSERT INTO business (id, created_at, code, name_en, name_ar, currency, timezone, country, vat_rate, language,
        vat_number, address_ar)
    VALUES (gen_random_uuid(), now(), 'NOOR', 'Noor Electricity', 'كهرباء النور', 'SAR', 'Asia/Riyadh', 'SA', 0.15,
            'ar', '310175397400003', '7421 طريق الملك فهد، حي العليا، الرياض 12212');
INSERT INTO customer (id, created_at, business_id, account_no, name, name_ar, opening_balance_minor,
        marketing_consent, tags, protected)
    SELECT gen_random_uuid(), now(), id, 'A1', 'Sara Al-Ghamdi', 'سارة الغامدي', 0, false, '{}', false FROM business;
INSERT INTO invoice (id, created_at, business_id, customer_id, invoice_no, status, issue_date, due_date, currency,
        net_minor, vat_minor, total_minor, paid_minor, description_en, description_ar)
    SELECT gen_random_uuid(), now(), business_id, id, 'INV-' || lines, 'issued', current_date, current_date + 30,
           'SAR', 10000 * lines, 1500 * lines, 11500 * lines, 0, 'Electricity', 'كهرباء'
    FROM customer, (VALUES (3), (100)) AS size (lines);
INSERT INTO invoice_line (invoice_id, n, created_at, business_id, description_en, description_ar, meter_no, quantity,
        unit, unit_price, net_minor, vat_category, vat_rate)
    SELECT id, n, now(), business_id, 'Electricity, block ' || n, 'استهلاك الكهرباء، الشريحة ' || n, '04012345678',
           1034.5, 'kwh', 0.18, 10000, 'S', 0.15
    FROM invoice, LATERAL generate_series(1, net_minor / 10000) AS n;
"""


def measure(world: World) -> dict[str, Any]:
    """Return the medians, and how long the first one of a process takes, which has the font to cut."""
    with create_engine(psycopg_url(world.owner_url), poolclass=NullPool).begin() as database:
        database.execute(text(_INVOICES))
        known = {lines: (business, invoice) for lines, business, invoice in database.execute(text(_KNOWN))}
    door = Door(service_engine(world.environment["DATABASE_URL"]))
    short = {language: _drawing(door, *known[3], language) for language in ("ar", "en")}
    first = _milliseconds(short["ar"], 1)
    runs = {language: [_milliseconds(draw, AT_ONCE) for _ in range(RUNS)] for language, draw in short.items()}
    long = [_milliseconds(_drawing(door, *known[100], "ar"), 2) for _ in range(RUNS)]
    return {
        "first_ms": round(first, 1),
        "arabic_ms": round(median(runs["ar"]), 1),
        "english_ms": round(median(runs["en"]), 1),
        "hundred_lines_ms": round(median(long), 1),
        "kilobytes": round(len(short["ar"]()) / 1024, 1),
        "wanted_under_ms": WANTED_MS,
    }


_KNOWN = "SELECT net_minor / 10000, business_id, id FROM invoice"


def _drawing(door: Door, business_id: UUID, invoice_id: UUID, language: str) -> Callable[[], bytes]:
    def draw() -> bytes:
        with door.for_business(business_id) as session:
            document = document_of(Visit.within(session), invoice_id)
        if document is None:
            raise RuntimeError("there is no invoice to be drawn")
        return invoice_pdf(document, language)

    return draw


def _milliseconds(draw: Callable[[], bytes], times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        draw()
    return (perf_counter() - start) * 1000 / times
