"""A full turn, menu to balance, against floor A."""

from statistics import median
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.load import Load, prepared, put_load
from benchmarks.world import ACCOUNT, PUBLIC, TOKEN, World, served

RUNS = 5
CUSTOMERS = 1500
CONNECTIONS = 16
SENDER = "+966112000001"
PATH = "/webhooks/twilio/messages"

_CUSTOMERS = f"""
INSERT INTO business (id, created_at, code, name_en, name_ar, currency, timezone, country, vat_rate, language)
    VALUES (gen_random_uuid(), now(), 'NOOR', 'Noor Electricity', 'كهرباء النور', 'SAR', 'Asia/Riyadh', 'SA', 0.15,
            'ar');
INSERT INTO sender (id, created_at, business_id, channel, address, messages_per_second, enabled)
    SELECT gen_random_uuid(), now(), id, 'whatsapp', '{SENDER}', 80, true FROM business;
INSERT INTO customer (id, created_at, business_id, account_no, name, language, opening_balance_minor,
        marketing_consent, tags, protected)
    SELECT gen_random_uuid(), now(), business.id, 'A' || n, 'Customer ' || n, 'ar', 0, false, '{{}}', false
    FROM business, generate_series(1, {CUSTOMERS}) AS n;
INSERT INTO contact (id, created_at, business_id, channel, address, language)
    SELECT gen_random_uuid(), now(), business_id, 'whatsapp', '+9665' || lpad(substr(account_no, 2), 8, '0'), 'ar'
    FROM customer;
INSERT INTO contact_customer (id, created_at, business_id, contact_id, customer_id, source)
    SELECT gen_random_uuid(), now(), customer.business_id, contact.id, customer.id, 'import' FROM customer
    JOIN contact ON contact.address = '+9665' || lpad(substr(account_no, 2), 8, '0');
INSERT INTO invoice (id, created_at, business_id, customer_id, invoice_no, status, issue_date, due_date, currency,
        net_minor, vat_minor, total_minor, paid_minor)
    SELECT gen_random_uuid(), now(), business_id, id, account_no || '-' || n, 'issued', current_date,
           current_date + 14, 'SAR', 10000, 1500, 11500, 0 FROM customer, generate_series(1, 3) AS n;
INSERT INTO meter (id, created_at, business_id, customer_id, meter_no, kind, network, active)
    SELECT gen_random_uuid(), now(), business_id, id, 'M' || account_no || n, 'postpaid', 'manual', true
    FROM customer, generate_series(1, 2) AS n;
INSERT INTO plan (id, created_at, business_id, code, name_en, name_ar, days, price_minor, currency)
    SELECT gen_random_uuid(), now(), id, 'M', 'Monthly plan', 'الباقة الشهرية', 30, 9900, 'SAR' FROM business;
INSERT INTO subscription (id, created_at, business_id, customer_id, plan_id, reference, status, zone, start_date,
        days_planned, ends, price_minor)
    SELECT gen_random_uuid(), now(), customer.business_id, customer.id, plan.id, account_no, 'active', 'Asia/Riyadh',
           current_date, 30, current_date + 30, price_minor FROM customer, plan;
CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sid text UNIQUE, sender text, body text);
GRANT INSERT ON floor TO raseed;
ANALYZE;
"""  # noqa: S608
_BACK_TO_THE_MENU = """
UPDATE conversation SET flow = 'menu', state = 'choosing', misses = 0,
    data = '{"shown": [["balance", null, "x"], ["language", null, "y"]]}'
"""


def measure(world: World) -> dict[str, Any]:
    """Return the medians of floor and service, and their ratios."""
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute(_CUSTOMERS)
        floors, turns = _interleaved(world, database)
    return {
        "floor_per_second": round(median(run.per_second for run in floors), 1),
        "turns_per_second": round(median(run.per_second for run in turns), 1),
        "floor_p99_ms": round(median(run.p99_ms for run in floors), 2),
        "turn_p99_ms": round(median(run.p99_ms for run in turns), 2),
        "ratio": round(median(t.per_second / f.per_second for t, f in zip(turns, floors, strict=True)), 3),
        "wanted_ratio": 0.35,
        "p99_ratio": round(median(t.p99_ms / f.p99_ms for t, f in zip(turns, floors, strict=True)), 2),
        "wanted_p99_ratio_under": 5,
    }


def _interleaved(world: World, database: psycopg.Connection) -> tuple[list[Load], list[Load]]:
    floors, turns = [], []
    with (
        served("benchmarks.floor_app:app", world.environment) as floor,
        served("wsgi:app", world.environment) as service,
    ):
        put_load(floor, _requests("menu"), CONNECTIONS)
        put_load(service, _requests("القائمة"), CONNECTIONS)
        # As autovacuum does by itself in a minute: what was planned while the tables were empty is planned anew.
        database.execute("VACUUM ANALYZE")
        for _ in range(RUNS):
            floors.append(put_load(floor, _requests("1"), CONNECTIONS))
            database.execute(_BACK_TO_THE_MENU)
            turns.append(put_load(service, _requests("1"), CONNECTIONS))
            _all_told_their_balance(database)
    return floors, turns


def _all_told_their_balance(database: psycopg.Connection) -> None:
    """Make sure that it was the turn we mean to measure which was measured."""
    told = database.execute("SELECT count(*) FROM conversation WHERE flow = 'balance'").fetchone()
    if told != (CUSTOMERS,):
        raise RuntimeError(f"{told} of {CUSTOMERS} were told their balance")


def _requests(body: str) -> list[bytes]:
    return [prepared(f"{PUBLIC}{PATH}", f"{PUBLIC}{PATH}", TOKEN, _form(n, body)) for n in range(1, CUSTOMERS + 1)]


def _form(number: int, body: str) -> dict[str, str]:
    return {
        "MessageSid": f"SM{uuid4().hex}",
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:+9665{number:08d}",
        "To": f"whatsapp:{SENDER}",
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "ProfileName": f"Customer {number}",
        "WaId": f"9665{number:08d}",
    }
