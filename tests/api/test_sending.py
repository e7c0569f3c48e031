"""The single send: to a phone or a customer, over the best way, five a minute for each who sends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from bot.services import Services
from domain.customers import Customer
from domain.messages import Message
from domain.templates import add_version
from tests.api.people import Asker
from tests.conftest import Later
from tests.noor import SARA, Noor

Rows = Callable[[], list[Message]]


@pytest.fixture
def rows(services: Services, noor: Noor) -> Rows:
    """What was said by staff."""

    def read() -> list[Message]:
        with services.door.for_every_business() as session:
            return list(session.scalars(select(Message).where(Message.kind == "staff").order_by(Message.seq)))

    return read


def sends(asker: Asker, body: dict[str, object], status: int) -> TestResponse:
    """Ask for a message to be sent, and return the answer, which has this status."""
    answer = asker.asks("POST", "/messages", body)
    assert answer.status_code == status, answer.text
    return answer


def test_to_a_phone_in_any_usual_form(agent: Asker, rows: Rows) -> None:
    taken = sends(agent, {"to": "0500000001", "text": "مرحبا سارة"}, 202).json
    (row,) = rows()
    assert taken == {"id": str(row.id), "status": "queued", "channel": "sms", "reason": None}
    assert (row.text, row.encoding, row.segments) == ("مرحبا سارة", "UCS-2", 1)
    shown = agent.gets(f"/messages/{row.id}")
    assert (shown["to"], shown["text"]) == (SARA, "مرحبا سارة")


def test_to_a_customer(agent: Asker, rows: Rows, services: Services, noor: Noor) -> None:
    with services.door.for_business(noor.business_id) as session:
        sara = session.scalars(select(Customer.id).where(Customer.phone == SARA)).one()
    sends(agent, {"customer_id": str(sara), "text": "hello", "channel": "sms"}, 202)
    assert rows()[0].customer_id == sara


def test_what_may_not_be_sent_says_why(agent: Asker, rows: Rows) -> None:
    asked = {"to": SARA, "text": "hello", "channel": "whatsapp"}
    assert sends(agent, asked, 202).json["reason"] == "window_closed"
    shown = agent.gets(f"/messages/{rows()[0].id}")
    assert shown["reason_text"]["en"].startswith("It is 24 hours since the recipient wrote")
    assert shown["reason_text"]["ar"]


def test_with_a_file(agent: Asker, rows: Rows) -> None:
    asked = {"to": SARA, "text": "your bill", "media_url": "https://files.example/bill.pdf"}
    sends(agent, asked, 202)
    assert rows()[0].text == "your bill\nhttps://files.example/bill.pdf"


@pytest.fixture
def template(services: Services, noor: Noor) -> None:
    """A template that was approved."""
    for language, body in (("en", "Dear {{1}}, works on {{2}}."), ("ar", "عزيزنا {{1}}، أعمال يوم {{2}}.")):
        row = {
            "account_sid": services.accounts.own.sid,
            "name": "works",
            "language": language,
            "version": 1,
            "category": "utility",
            "body": body,
            "variables": ["name", "day"],
            "content_sid": "HX" + language,
            "status": "approved",
        }
        with services.door.for_business(noor.business_id) as session:
            add_version(session, [noor.business_id], row)


def test_a_template_may_be_sent_at_any_time(agent: Asker, rows: Rows, template: None) -> None:
    asked = {"to": SARA, "template": "works", "variables": {"name": "سارة", "day": "الجمعة"}}
    assert sends(agent, asked, 202).json["channel"] == "whatsapp"
    (row,) = rows()
    assert row.template is not None
    assert (row.template["content_sid"], row.template["variables"]) == ("HXar", ["سارة", "الجمعة"])
    assert row.text == "عزيزنا سارة، أعمال يوم الجمعة."
    assert [way["channel"] for way in row.ways] == ["sms"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "12", "text": "x"}, "to"),
        ({"to": SARA, "template": "works", "variables": {"name": "x"}}, "variables.day"),
        ({"to": SARA, "template": "works", "variables": {"name": "x", "day": "y", "z": "z"}}, "variables.z"),
        ({"to": SARA, "template": "nothing"}, "template"),
        ({"to": SARA, "text": "x" * 1601}, "text"),
        ({"to": SARA, "text": "x", "media_url": "ftp://x"}, "media_url"),
    ],
)
def test_what_is_wrong_names_its_field(
    agent: Asker, rows: Rows, template: None, body: dict[str, object], field: str
) -> None:
    problem = sends(agent, body, 422).json
    assert [error["field"] for error in problem["errors"]] == [field]
    assert rows() == []


@pytest.mark.parametrize("body", [{"text": "x"}, {"to": SARA}, {"to": SARA, "text": "x", "template": "y"}])
def test_whom_and_what_are_needed_once(agent: Asker, body: dict[str, object]) -> None:
    assert sends(agent, body, 422).json["code"] == "invalid"


def test_another_businesss_customer_is_none(agent: Asker) -> None:
    sends(agent, {"customer_id": str(UUID(int=7)), "text": "x"}, 404)


def test_email_has_no_sender_yet(agent: Asker) -> None:
    refused = sends(agent, {"to": SARA, "text": "x", "channel": "email"}, 422)
    assert refused.json is not None
    assert refused.json["code"] == "no_sender"


def test_five_a_minute_even_at_once(agent: Asker, admin: Asker, rows: Rows, later: Later) -> None:
    def send(number: int) -> int:
        return agent.asks("POST", "/messages", {"to": SARA, "text": f"number {number}"}).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(send, range(8)))
    assert sorted(statuses) == [202] * 5 + [429] * 3
    assert len(rows()) == 5
    refused = sends(agent, {"to": SARA, "text": "again"}, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    sends(admin, {"to": SARA, "text": "somebody else"}, 202)
    later(seconds=61)
    sends(agent, {"to": SARA, "text": "again"}, 202)
