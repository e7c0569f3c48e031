"""Pages stay quick however much there is: proved by the planner, and with a million messages by the clock."""

from time import perf_counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from bot.services import Services
from domain.conversations import Conversation
from domain.door import Door
from domain.invoices import OPEN_STATUSES, Invoice
from domain.messages import Message
from domain.subscriptions import Subscription
from tests.api import test_indexes
from tests.api.test_indexes import fill
from tests.console.people import PAGES, Visitor, at_work, path_of, things
from tests.noor import Noor

_CONVERSATIONS = """
WITH person AS (
    INSERT INTO contact (id, created_at, business_id, channel, address)
    SELECT gen_random_uuid(), now(), :business_id, 'sms', '+9667' || lpad(n::text, 8, '0')
    FROM generate_series(1, :number) AS n RETURNING id
)
INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses, last_inbound_at)
SELECT gen_random_uuid(), now(), :business_id, sender.id, person.id, '{}', 0, 0, now() - random() * interval '90 days'
FROM person, sender WHERE sender.business_id = :business_id AND sender.channel = 'sms'
"""
_INVOICES = """
INSERT INTO invoice (id, created_at, business_id, customer_id, invoice_no, status, issue_date, due_date, currency,
                     net_minor, vat_minor, total_minor, paid_minor)
SELECT gen_random_uuid(), now(), :business_id, id, 'L-' || account_no,
       CASE WHEN n % 3 = 0 THEN 'issued' ELSE 'paid' END, current_date - n % 400, current_date - n % 400 + 30, 'SAR',
       100, 15, 115, CASE WHEN n % 3 = 0 THEN 0 ELSE 115 END
FROM (SELECT id, account_no, row_number() OVER (ORDER BY account_no)::int AS n
      FROM customer WHERE business_id = :business_id) AS one
"""
# What is asked of lists beside what the pages themselves show.
ASKED = (
    "/messages?status=failed",
    "/messages?status=read&channel=whatsapp",
    "/messages?since=2026-01-01&until=2026-01-02",
    "/customers?search=customer+c4",
    "/customers?search=0500000017",
    "/customers?search=A25",
    "/conversations?show=waiting",
    "/conversations?phone=0500000001",
    "/invoices?show=owed",
    "/invoices?show=overdue",
    "/subscriptions?status=active",
    "/tickets?status=open",
    "/notifications?unread=true",
    "/audit?action=x7",
)


def crowd(door: Door, noor: Noor, customers: int, messages: int) -> None:
    fill(door, noor.business_id, customers, messages)
    with door.for_every_business() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in (_CONVERSATIONS, _INVOICES):
            session.execute(text(statement), {"business_id": noor.business_id, "number": customers})


def test_what_the_console_lists_is_found_by_an_index(
    door: Door, noor: Noor, superuser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(door, noor, 12_000, 4_000)
    superuser.execute(text("ANALYZE"))
    monkeypatch.setattr(test_indexes, "LARGE", {"conversation", "invoice", "message"})
    own = noor.business_id
    heard = select(Conversation).where(Conversation.business_id == own, Conversation.last_inbound_at.is_not(None))
    invoices = select(Invoice).where(Invoice.business_id == own)
    owed = invoices.where(Invoice.status.in_(OPEN_STATUSES))
    overdue = owed.where(Invoice.due_date < noor.today)
    lists = (
        heard.order_by(Conversation.last_inbound_at.desc(), Conversation.id.desc()),
        invoices.order_by(Invoice.issue_date.desc(), Invoice.id.desc()),
        owed.order_by(Invoice.due_date.desc(), Invoice.id.desc()),
        overdue.order_by(Invoice.due_date.desc(), Invoice.id.desc()),
        select(Subscription).where(Subscription.business_id == own).order_by(Subscription.id.desc()),
        select(Message.id).where(Message.replaced_by == own).order_by(Message.id),
        select(Message.id).where(Message.conversation_id == own).order_by(Message.seq.desc()),
    )
    with door.for_business(own) as session:
        for statement in lists:
            test_indexes.assert_by_index(session, statement.limit(26))


@pytest.mark.long
def test_pages_over_very_many_are_quick(app: Flask, noor: Noor, services: Services, superuser: Any) -> None:
    """A million messages and two hundred thousand customers: 95 of 100 pages within 200 ms."""
    crowd(services.door, noor, 200_000, 1_000_000)
    ids = things(app, noor.business_id)
    superuser.execute(text("ANALYZE"))
    reader = at_work(app, noor.business_id, "admin")
    paths = [path_of(page, ids) for page in PAGES.values()] + list(ASKED)
    times = {path: sorted(timed(reader, path) for _ in range(20)) for path in paths}
    slow = {path: found[18] for path, found in times.items() if found[18] >= 0.2}
    slowest = sorted(times, key=lambda path: -times[path][18])[:8]
    for path in slowest:
        print(f"median {times[path][10] * 1000:6.1f} ms, p95 {times[path][18] * 1000:6.1f} ms: {path}")  # noqa: T201
    assert not slow, slow


def timed(reader: Visitor, path: str) -> float:
    began = perf_counter()
    answer = reader.opens(path)
    assert answer.status_code == 200, (path, answer.text[:200])
    return perf_counter() - began
