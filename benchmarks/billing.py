"""Billing very many meters: rated, invoiced, posted and queued, against a bare INSERT … SELECT of the same rows."""

import resource
from datetime import date
from statistics import median
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import psycopg

from benchmarks.world import World
from bot.billing.running import work_run
from bot.services import Services, make_services
from bot.settings import read_settings
from domain.billing.runs import ask_run
from domain.clock import today
from domain.door import Visit

RUNS = 2
METERS = 100_000
_WANTED = 0.1
_BUSINESS = """
INSERT INTO business (id, created_at, code, name_en, name_ar, currency, timezone, country, vat_rate, language)
    VALUES (gen_random_uuid(), now(), 'NOOR', 'Noor Electricity', 'كهرباء النور', 'SAR', 'Asia/Riyadh', 'SA', 0.15,
            'ar');
INSERT INTO sender (id, created_at, business_id, channel, address, messages_per_second, enabled)
    SELECT gen_random_uuid(), now(), id, 'sms', '+966112000002', 80, true FROM business;
INSERT INTO tariff (id, created_at, business_id, code, valid_from, name_en, name_ar, mode, blocks, fixed_fee_minor,
                    minimum_charge_minor, currency)
    SELECT gen_random_uuid(), now(), id, 'HOME', '2020-01-01', 'Home', 'منزلي', 'graduated',
           '[[0, 180000], [3000, 300000]]', 1000, 0, 'SAR' FROM business
"""
_METERS = (
    """
    INSERT INTO customer (id, created_at, business_id, account_no, name, name_ar, language, phone,
                          opening_balance_minor, marketing_consent, tags, protected)
        SELECT gen_random_uuid(), now(), id, 'A' || lpad(n::text, 7, '0'), 'Customer ' || n, 'عميل ' || n,
               CASE n %% 2 WHEN 0 THEN 'ar' ELSE 'en' END, '+9665' || lpad(n::text, 8, '0'), 0, false, '{}', false
        FROM business, generate_series(1, %(meters)s) AS n
    """,
    """
    INSERT INTO contact (id, created_at, business_id, channel, address)
        SELECT gen_random_uuid(), now(), business_id, 'sms', phone FROM customer
    """,
    """
    INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses)
        SELECT gen_random_uuid(), now(), contact.business_id, sender.id, contact.id, '{}', 0, 0
        FROM contact JOIN sender ON sender.channel = 'sms'
    """,
    """
    INSERT INTO ledger_account (id, created_at, business_id, kind, currency, customer_id, holder_id)
        SELECT gen_random_uuid(), now(), business_id, 'receivable', 'SAR', id, id FROM customer
    """,
    """
    INSERT INTO meter (id, created_at, business_id, customer_id, meter_no, kind, network, tariff, active)
        SELECT gen_random_uuid(), now(), business_id, id, replace(account_no, 'A', 'M'), 'postpaid', 'manual', 'HOME',
               true FROM customer
    """,
    """
    INSERT INTO reading (id, created_at, business_id, meter_id, read_at, source, wh, origin, state)
        SELECT gen_random_uuid(), now(), business_id, id, turn, 'actual',
               (extract(year FROM turn) * 12 + extract(month FROM turn)) * (300 + hashtext(meter_no) %% 200) * 1000,
               'file', 'accepted'
        FROM meter, generate_series(%(last)s - interval '8 months', %(last)s, interval '1 month') AS turn
    """,
)
# What a bill writes, in the order in which one needs the other: the rows of a period once more, under other names. They
# keep their order, as new ones have it.
_OTHER: Final = "CAST(overlay(CAST({} AS text) PLACING '8' FROM 15) AS uuid)"
_INVOICES: Final = "(SELECT invoice_id FROM billing_item WHERE period = '{period}' AND state = 'billed')"
_ENTRIES: Final = f"(SELECT id FROM journal_entry WHERE source_id IN {_INVOICES})"  # noqa: S608  names of our own
_WRITTEN: Final = {
    "invoice": (f"id IN {_INVOICES}", {
        "id": _OTHER.format("id"), "invoice_no": "'F-' || invoice_no", "series": "'F-' || series",
    }),
    "invoice_line": (f"invoice_id IN {_INVOICES}", {"invoice_id": _OTHER.format("invoice_id")}),
    "journal_entry": (f"id IN {_ENTRIES}", {
        "id": _OTHER.format("id"), "source_id": _OTHER.format("source_id"),
    }),
    "journal_line": (f"entry_id IN {_ENTRIES}", {"entry_id": _OTHER.format("entry_id")}),
    "message": ("true", {"id": _OTHER.format("id")}),
    "billing_item": ("period = '{period}' AND state = 'billed'", {
        "id": _OTHER.format("id"), "invoice_id": _OTHER.format("invoice_id"), "state": "'cancelled'",
    }),
}  # fmt: skip
_READY: Final = """
DROP TABLE IF EXISTS ready_{table};
CREATE TABLE ready_{table} AS SELECT {values} FROM {table} WHERE {which} ORDER BY 1
"""
_BARE: Final = "INSERT INTO {table} ({columns}) SELECT {columns} FROM ready_{table}"
_COLUMNS: Final = """
SELECT array_agg(quote_ident(attname) ORDER BY attname <> 'id', attnum) FROM pg_attribute
WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a'
"""


def measure(world: World) -> dict[str, Any]:
    """Return meters a second of both, their ratio, and by how much our process grew after the first run.

    The floor writes the rows of the last run once more, under other names and in one statement for each table.
    """
    services = make_services(read_settings(world.environment))
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        business = _city(database)
        ours, bare, sizes = [], [], []
        for months_ago in range(RUNS, 0, -1):
            ours.append(_billed(services, business, _month(months_ago)))
            sizes.append(_megabytes())
            bare.append(_bare(database, _month(months_ago)))
    services.close()
    ratio = median(our / floor for our, floor in zip(ours, bare, strict=True))
    return {
        "meters": METERS,
        "floor_meters_per_second": round(median(bare)),
        "meters_per_second": round(median(ours)),
        "ratio": round(ratio, 3),
        "wanted": _WANTED,
        "grown_megabytes": round(sizes[-1] - sizes[0], 1),
    }


def _city(database: "psycopg.Connection[Any]") -> UUID:
    database.execute(_BUSINESS)
    for statement in _METERS:
        values = {"meters": METERS, "last": _month(0)}
        database.execute(statement, {name: value for name, value in values.items() if f"%({name})s" in statement})
    database.execute("VACUUM ANALYZE")
    ((business,),) = database.execute("SELECT id FROM business").fetchall()
    return UUID(str(business))


def _month(ago: int) -> date:
    """Return the first day of the month so many months ago."""
    day = today("Asia/Riyadh").replace(day=1)
    year, month = divmod(day.year * 12 + day.month - 1 - ago, 12)
    return date(year, month + 1, 1)


def _billed(services: Services, business: UUID, period: date) -> float:
    with services.door.for_business(business) as session:
        run_id = ask_run(Visit.within(session), business, period, dry_run=False, asked_by=None)
    start = perf_counter()
    report = work_run(services, run_id).report
    seconds = perf_counter() - start
    if not report or report["billed"] != METERS:
        raise RuntimeError(f"not every meter was billed: {report}")
    return METERS / seconds


def _bare(database: "psycopg.Connection[Any]", period: date) -> float:
    """Write the rows of a period's bills once more, into the same tables: one statement for each."""
    statements = []
    for table, (which, others) in _WRITTEN.items():
        ((columns,),) = database.execute(_COLUMNS, {"table": table}).fetchall()
        values = ", ".join(f"{others.get(name, name)} AS {name}" for name in columns)
        database.execute(_READY.format(table=table, values=values, which=which.format(period=period)))
        statements.append(_BARE.format(table=table, columns=", ".join(columns)))
    start = perf_counter()
    with database.transaction():
        for statement in statements:
            database.execute(statement)
    seconds = perf_counter() - start
    database.execute("DELETE FROM message")
    return METERS / seconds


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
