"""Lists are found by indexes, however much there is: proved by the planner, with nothing forbidden to it."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text, true
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from bot.api.campaigns import recipients_of as recipients
from bot.api.customers import begins_with
from bot.api.messages import MessageQuery, listing
from bot.api.senders import listing as senders
from bot.api.timeline import moments
from bot.services import Services
from domain.audit import AuditEntry
from domain.clock import now
from domain.customers import Customer
from domain.door import Door
from domain.health import LATELY, TRIED, TRIED_STATUSES
from domain.ids import new_id
from domain.moving import _MOVE
from domain.tending import _FAILED, _SPEECHLESS, _TAKE_FROM, _TRIED
from tests.api.people import Asker, signed_in
from tests.noor import Noor, found_noor

_CUSTOMERS = """
INSERT INTO customer (id, created_at, business_id, account_no, name, name_ar, phone, opening_balance_minor,
                      marketing_consent, tags, protected)
SELECT gen_random_uuid(), now(), :business_id, 'A' || n, 'Customer ' || md5(n::text), 'عميل ' || n,
       '+9665' || lpad(n::text, 8, '0'), 0, false, '{}', false
FROM generate_series(1, :number) AS n
"""
_MESSAGES = """
INSERT INTO message (id, created_at, business_id, direction, channel, kind, sender_id, contact_id, conversation_id,
                     customer_id, status, text, media, params, attempts)
SELECT gen_random_uuid(), now() - n * interval '1 minute', talk.business_id,
       CASE n % 3 WHEN 0 THEN 'inbound' ELSE 'outbound' END, 'whatsapp', 'reply', talk.sender_id, talk.contact_id,
       talk.id, (SELECT id FROM customer WHERE account_no = 'A' || (n % :customers + 1)
                 AND business_id = talk.business_id),
       CASE n % 3 WHEN 0 THEN 'received' WHEN 1 THEN 'delivered' ELSE 'read' END, 'text', '[]', '{}', 0
FROM generate_series(1, :number) AS n CROSS JOIN conversation AS talk WHERE talk.business_id = :business_id
"""
_TALK = """
INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses)
SELECT gen_random_uuid(), now(), sender.business_id, sender.id, contact.id, '{}', 0, 0
FROM sender, contact WHERE sender.business_id = :business_id AND contact.business_id = :business_id
  AND sender.channel = 'whatsapp' AND contact.channel = 'whatsapp' AND contact.address = '+966500000001'
"""
_AUDIT = """
INSERT INTO audit_entry (id, created_at, business_id, actor_kind, actor_id, action, subject_type, subject_id,
                         origin, before, after)
SELECT gen_random_uuid(), now() - n * interval '1 minute', :business_id, 'staff', gen_random_uuid(),
       'x' || n % 50, 'staff', gen_random_uuid(), '{}', '{}', '{}'
FROM generate_series(1, :number) AS n
"""
_CAMPAIGN = """
WITH made AS (
    INSERT INTO campaign (id, created_at, business_id, name, status, channel, texts, variables, audience, send_from,
                          send_until, started_at, going_since, prepared_at)
    SELECT gen_random_uuid(), now(), :business_id, 'Offer', 'running', 'auto', '{"en": "Hi"}', '{}', '{}', '09:00',
           '19:00', now(), now() - interval '5 days', now()
    RETURNING id
), said AS (
    UPDATE message SET campaign_id = made.id FROM made
    WHERE direction = 'outbound' AND business_id = :business_id RETURNING message.id
)
INSERT INTO campaign_recipient (campaign_id, business_id, address, language, status, message_id, given_at)
SELECT made.id, :business_id, '+9665' || lpad(row_number() OVER () || '', 8, '0'), 'ar', 'given', said.id, now()
FROM made, said
"""
LARGE = {"message", "customer", "audit_entry", "campaign_recipient"}


def fill(door: Door, business_id: UUID, customers: int, messages: int) -> None:
    with door.for_every_business() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        values = {"business_id": business_id, "customers": customers}
        session.execute(text(_CUSTOMERS), {**values, "number": customers})
        session.execute(text(_TALK), values)
        session.execute(text(_MESSAGES), {**values, "number": messages})
        session.execute(text(_AUDIT), {**values, "number": messages // 4})


@pytest.fixture
def crowded(door: Door, noor: Noor, superuser: Any) -> UUID:
    """A business with many rows, and one with few."""
    other = found_noor(door, "OTHER", "+966112000091", "+966112000092")
    fill(door, noor.business_id, 12_000, 40_000)
    fill(door, other.business_id, 100, 1_000)
    superuser.execute(text("ANALYZE"))
    return noor.business_id


def plan_of(session: Session, statement: Any) -> list[dict[str, Any]]:
    """Return every step of the plan by which a statement is answered."""
    compiled = statement.compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"render_postcompile": True})
    driver = session.connection().connection.driver_connection
    assert driver is not None
    done = driver.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}", compiled.params).fetchone()[0][0]["Plan"]
    steps, left = [], [done]
    while left:
        step = left.pop()
        steps.append(step)
        left += step.get("Plans", [])
    return steps


def assert_by_index(session: Session, statement: Any, most: int = 2000) -> None:
    """No large table is gone through, and few rows are looked at to find a page."""
    for step in plan_of(session, statement):
        if step.get("Relation Name") in LARGE:
            assert step["Node Type"] != "Seq Scan", (str(statement).partition("WHERE")[2], step)
            looked_at = (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
            assert looked_at <= most, (str(statement).partition("WHERE")[2], step)


MESSAGE_QUERIES: list[dict[str, Any]] = [
    {},
    {"status": "failed"},
    {"status": "read"},
    {"channel": "email"},
    {"channel": "whatsapp", "status": "undelivered"},
    {"until": "2020-01-01T00:00:00Z"},
    {"status": "delivered", "until": "2020-01-01T00:00:00Z"},
    {"customer_id": "one"},
    {"customer_id": "one", "status": "failed"},
]


def message_listings(business_id: UUID, customer_id: UUID) -> Iterator[Any]:
    for asked in MESSAGE_QUERIES:
        given = {name: customer_id if value == "one" else value for name, value in asked.items()}
        for after in (None, [now(), new_id()]):
            yield listing(business_id, MessageQuery.model_validate(given), after)


def other_listings(business_id: UUID) -> Iterator[Any]:
    own = select(Customer).where(Customer.business_id == business_id)
    begin = begins_with("customer c4ca"), begins_with("عميل 29")
    for condition in (true(), Customer.account_no > "A25", Customer.phone == "+966500000017", *begin):
        yield own.where(condition).order_by(Customer.account_no).limit(51)
    entries = select(AuditEntry).where(AuditEntry.business_id == business_id)
    for wanted in (
        true(),
        AuditEntry.action == "x7",
        AuditEntry.action == "nothing",
        AuditEntry.subject_id == new_id(),
        AuditEntry.actor_id == new_id(),
    ):
        yield entries.where(wanted).order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()).limit(51)


def test_every_list_is_found_by_an_index(door: Door, crowded: UUID) -> None:
    with door.for_business(crowded) as session:
        customer = session.scalar(text("SELECT id FROM customer WHERE account_no = 'A7'"))
        assert isinstance(customer, UUID)
        for statement in (*message_listings(crowded, customer), *other_listings(crowded)):
            assert_by_index(session, statement)
        for after in (None, [now(), new_id()]):
            assert_by_index(session, moments(crowded, customer, 50, after))


def test_senders_and_campaigns_are_looked_after_by_indexes(door: Door, crowded: UUID, superuser: Any) -> None:
    """What is asked every minute, or every half second, costs what lies within its window."""
    with door.for_every_business() as session:
        session.execute(text(_CAMPAIGN), {"business_id": crowded})
    superuser.execute(text("ANALYZE"))
    with door.for_every_business() as session:
        campaign = session.scalar(text("SELECT id FROM campaign"))
        lately = TRIED.bindparams(since=now() - LATELY, statuses=list(TRIED_STATUSES))
        about = {"id": campaign, "lately": now() - LATELY}
        for statement in (
            lately,
            senders(crowded),
            _FAILED.bindparams(**about),
            _TRIED.bindparams(**about, most=1000),
            _SPEECHLESS.bindparams(id=campaign),
            _TAKE_FROM.bindparams(id=campaign, now=now(), window_since=now()),
            _MOVE.bindparams(now=now(), window_since=now(), limit=1000),
            recipients(campaign).order_by(text("seq")).limit(51),
        ):
            assert_by_index(session, statement)


@pytest.mark.long
def test_lists_of_very_many_are_quick(app: Flask, noor: Noor, services: Services, superuser: Any) -> None:
    """A million messages and two hundred thousand customers: 95 of 100 answers within 100 ms."""
    fill(services.door, noor.business_id, 200_000, 1_000_000)
    superuser.execute(text("ANALYZE"))
    viewer = signed_in(app, noor.business_id, "viewer")
    customer = viewer.gets("/customers", account_no="A7")["items"][0]["id"]
    paths: list[tuple[str, dict[str, Any]]] = [
        ("/messages", {name: customer if value == "one" else value for name, value in asked.items()})
        for asked in MESSAGE_QUERIES
    ]
    paths += [("/customers", query) for query in ({}, {"name": "customer c4"}, {"phone": "+966500000017"})]
    paths += [("/customers", {"name": "عميل 29"}), (f"/customers/{customer}/timeline", {})]
    for path, query in paths:
        times = sorted(timed(viewer, path, query) for _ in range(20))
        assert times[18] < 0.1, (path, query, times)


def timed(viewer: Asker, path: str, query: dict[str, Any]) -> float:
    began = perf_counter()
    viewer.gets(path, **query)
    return perf_counter() - began
