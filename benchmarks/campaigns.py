"""Preparing a campaign of very many recipients, against a bare INSERT … SELECT of the same rows."""

import resource
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.people import SENDER
from benchmarks.world import World
from domain.audiences import prepare
from domain.campaigns import Campaign
from domain.door import Door, service_engine
from domain.ids import new_id

RUNS = 5
PEOPLE = 1_000_000
_WANTED = 0.5

# As an import writes them down: each customer is reached on WhatsApp and by SMS; two of three agreed to offers.
_PEOPLE = (
    """
    INSERT INTO business (id, created_at, code, name_en, name_ar, currency, timezone, country, vat_rate, language)
        VALUES (gen_random_uuid(), now(), 'NOOR', 'Noor Electricity', 'كهرباء النور', 'SAR', 'Asia/Riyadh', 'SA', 0.15,
                'ar')
    """,
    """
    INSERT INTO sender (id, created_at, business_id, channel, address, messages_per_second, enabled)
        SELECT gen_random_uuid(), now(), id, 'whatsapp', %(sender)s, 80, true FROM business
    """,
    """
    INSERT INTO customer (id, created_at, business_id, account_no, name, name_ar, language, phone,
                          opening_balance_minor, marketing_consent, tags, protected)
        SELECT gen_random_uuid(), now(), id, 'A' || lpad(n::text, 7, '0'), 'Customer ' || n, 'عميل ' || n,
               CASE n %% 2 WHEN 0 THEN 'ar' ELSE 'en' END, '+9665' || lpad(n::text, 8, '0'), 0, n %% 3 > 0, '{}', false
        FROM business, generate_series(1, %(people)s) AS n
    """,
    """
    INSERT INTO contact (id, created_at, business_id, channel, address)
        SELECT gen_random_uuid(), now(), business_id, channel, phone
        FROM customer, (VALUES ('whatsapp'), ('sms')) AS on_each (channel)
    """,
    """
    INSERT INTO contact_customer (id, created_at, business_id, contact_id, customer_id, source)
        SELECT gen_random_uuid(), now(), contact.business_id, contact.id, customer.id, 'import'
        FROM contact JOIN customer ON customer.phone = contact.address
    """,
    """
    INSERT INTO consent (id, created_at, business_id, contact_id, topic, granted, source)
        SELECT gen_random_uuid(), now(), contact.business_id, contact.id, 'marketing', true, 'import'
        FROM contact JOIN customer ON customer.phone = contact.address WHERE marketing_consent
    """,
)
_CAMPAIGN = """
INSERT INTO campaign (id, created_at, business_id, name, status, channel, texts, variables, audience, send_from,
                      send_until)
    SELECT %(id)s, now(), id, 'Offer', 'running', 'auto', '{"en": "Hello {name}"}', '{}', '{}', '09:00', '19:00'
    FROM business
"""
_BARE = """
INSERT INTO campaign_recipient (campaign_id, business_id, address, customer_id, language, status, reason)
    SELECT %(id)s, business_id, address, customer_id, language, status, reason FROM ready
"""
_READY = """
CREATE TABLE ready AS SELECT * FROM campaign_recipient WHERE campaign_id = %(id)s ORDER BY seq
"""


def measure(world: World) -> dict[str, Any]:
    """Return recipients a second of both, their ratio, and by how much our process grew."""
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        add_customers(database, PEOPLE)
        _ours(world, database)
        before = _megabytes()
        bare, ours = [], []
        for _ in range(RUNS):
            bare.append(_bare(database))
            ours.append(_ours(world, database))
        grown = _megabytes() - before
    return {
        "recipients": PEOPLE,
        "bare_insert_per_second": round(median(bare)),
        "prepared_per_second": round(median(ours)),
        "ratio_to_bare_insert": round(median(o / b for o, b in zip(ours, bare, strict=True)), 3),
        "wanted_ratio": _WANTED,
        "megabytes_grown": round(grown, 1),
    }


def add_customers(database: psycopg.Connection, people: int) -> None:
    """Add a business with so many customers."""
    for statement in _PEOPLE:
        database.execute(statement, {"sender": SENDER, "people": people})
    database.execute("VACUUM ANALYZE")


def _ours(world: World, database: psycopg.Connection) -> float:
    campaign_id = _new_campaign(database)
    engine = service_engine(world.environment["DATABASE_URL"])
    began = perf_counter()
    with Door(engine).for_every_business() as session:
        added = prepare(session, session.get_one(Campaign, campaign_id), "Asia/Riyadh", "ar")
    took = perf_counter() - began
    engine.dispose()
    if added != PEOPLE:
        raise RuntimeError(f"{added} recipients")
    if database.execute("SELECT to_regclass('ready')").fetchone() == (None,):
        database.execute(_READY.replace("%(id)s", f"'{campaign_id}'"))  # type: ignore[arg-type]
        database.execute("ANALYZE ready")
    _clear(database)
    return PEOPLE / took


def _bare(database: psycopg.Connection) -> float:
    campaign_id = _new_campaign(database)
    began = perf_counter()
    database.execute(_BARE, {"id": campaign_id})
    took = perf_counter() - began
    _clear(database)
    return PEOPLE / took


def _new_campaign(database: psycopg.Connection) -> UUID:
    campaign_id = new_id()
    database.execute(_CAMPAIGN, {"id": campaign_id})
    database.execute("CHECKPOINT") if _may_checkpoint(database) else None
    return campaign_id


def _may_checkpoint(database: psycopg.Connection) -> bool:
    row = database.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')").fetchone()
    return bool(row and row[0])


def _clear(database: psycopg.Connection) -> None:
    """Every run begins with an empty table."""
    database.execute("TRUNCATE campaign_recipient")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
