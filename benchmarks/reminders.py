"""Preparing reminders: taken, written in words and queued by one worker, against a bare INSERT … SELECT of the rows."""

import resource
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg

from benchmarks.people import add_people
from benchmarks.world import World
from bot.jobs.reminders import remind_all
from bot.services import Services, make_services
from bot.settings import read_settings
from domain import clock

RUNS = 5
REMINDERS = 10_000
_WANTED_A_MINUTE: Final = 10_000
_INVOICES = (
    """
    INSERT INTO sender (id, created_at, business_id, channel, address, messages_per_second, enabled)
        SELECT gen_random_uuid(), now(), id, 'sms', '+966112000002', 80, true FROM business
    """,
    """
    INSERT INTO customer (id, created_at, business_id, account_no, name, name_ar, language, phone, email,
                          opening_balance_minor, marketing_consent, tags, protected)
        SELECT gen_random_uuid(), now(), id, 'A' || n, 'Customer ' || n, 'عميل ' || n,
               CASE n %% 2 WHEN 0 THEN 'ar' ELSE 'en' END, '+9665' || lpad(n::text, 8, '0'),
               'customer' || n || '@example.com', 0, false, '{}', false
        FROM business, generate_series(1, %(number)s) AS n
    """,
    """
    INSERT INTO invoice (id, created_at, business_id, customer_id, invoice_no, status, issue_date, due_date, currency,
                         net_minor, vat_minor, total_minor, paid_minor)
        SELECT gen_random_uuid(), now(), business_id, id, 'I-' || account_no, 'issued', %(today)s::date - 30,
               %(today)s, 'SAR', 20000, 3000, 23000, 0
        FROM customer
    """,
)
_EMPTY = "TRUNCATE reminder, message CASCADE"
_FLOOR = """
    INSERT INTO message (id, created_at, business_id, direction, channel, kind, sender_id, contact_id, conversation_id,
                         status, text, media, params, attempts, due_at)
    SELECT gen_random_uuid(), now(), business_id, 'outbound', 'whatsapp', 'notice', sender_id, contact_id, id, 'queued',
           repeat('x', 180), '[]', '{}', 0, now() FROM conversation
"""


def measure(world: World) -> dict[str, Any]:
    """Return reminders a minute that one worker prepares, its share of a bare insert, and how its memory grew."""
    noon = datetime.now(ZoneInfo("Asia/Riyadh")).replace(hour=12, minute=0)
    services = make_services(read_settings(world.environment))
    with TemporaryDirectory() as folder, psycopg.connect(world.owner_url, autocommit=True) as database:
        add_people(database, REMINDERS)
        for statement in _INVOICES:
            database.execute(statement, {"number": REMINDERS, "today": noon.date()})
        database.execute("VACUUM ANALYZE")
        file = Path(folder) / "clock"
        file.write_text(noon.isoformat(), encoding="ascii")
        clock.use_file(file)
        try:
            runs = [(_bare(database), *_prepared(services, database)) for _ in range(RUNS)]
        finally:
            clock.use_file(None)
            services.close()
    floor, speed, grown = (median(column) for column in zip(*runs, strict=True))
    return {
        "reminders_per_minute": round(speed * 60),
        "wanted": _WANTED_A_MINUTE,
        "bare_insert_per_minute": round(floor * 60),
        "share_of_bare_insert": round(speed / floor, 3),
        "grown_mib": round(grown, 1),
    }


def _bare(database: "psycopg.Connection[Any]") -> float:
    database.execute(_EMPTY)
    began = perf_counter()
    database.execute(_FLOOR)
    return REMINDERS / (perf_counter() - began)


def _prepared(services: Services, database: "psycopg.Connection[Any]") -> tuple[float, float]:
    database.execute(_EMPTY)
    database.execute("VACUUM ANALYZE message, reminder")
    before, began = _peak(), perf_counter()
    done = remind_all(services)
    seconds = perf_counter() - began
    written = database.execute("SELECT count(*) FROM message WHERE status = 'queued' AND reminder_id IS NOT NULL")
    if done["invoice"] != REMINDERS or written.fetchone() != (REMINDERS,):
        raise RuntimeError(f"{done} reminders were prepared")
    return REMINDERS / seconds, _peak() - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
