"""A notice is a reason to ask, and no more: what it says is not believed, and who isn't Moyasar changes nothing."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bot.app import create_app
from bot.settings import read_settings
from domain.payments.tables import GatewayNotice
from tests.chat import Chat
from tests.moyasar.conftest import TOKEN, Sandbox
from tests.noor import SARA
from tests.payments.conftest import Till


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    return app.test_client()


def notice(payment: str, page: str | None, **more: Any) -> dict[str, Any]:
    data = {"id": payment, "invoice_id": page, "status": "paid", "amount": 11_435, "currency": "SAR"}
    said = {"id": "event-1", "type": "payment_paid", "secret_token": TOKEN, "live": False}
    return {**said, "created_at": "2026-11-20T09:00:00Z", "data": data, **more}


def kept(till: Till) -> int:
    with till.services.door.for_every_business() as session:
        return session.scalar(select(func.count()).select_from(GatewayNotice)) or 0


def test_a_notice_is_followed_to_its_payment(sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient) -> None:
    payment = till.asked_for(sara)
    paid = moyasar.control("/pay", {"invoice_id": payment.page_id})
    till.works()
    assert till.states() == ["pending"]
    assert web.post("/webhooks/moyasar", json=notice(paid["id"], payment.page_id)).status_code == 204
    till.works()
    assert (till.states(), till.invoice("INV-1").status) == (["settled"], "paid")
    assert "received your payment" in sara.reads()[-1]


def test_a_notice_about_a_bill(sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient) -> None:
    payment = till.asked_for(sara, "sadad")
    moyasar.control("/settle", {"payment_id": str(payment.id), "outcome": "paid"})
    web.post("/webhooks/moyasar", json=notice(str(payment.id), None))
    till.works()
    assert till.states() == ["settled"]


def test_a_notice_that_is_faster_than_the_gateways_own_answer(
    sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient
) -> None:
    moyasar.fault("create_invoice", "drop_after")
    till.asked_for(sara)
    (page,) = moyasar.control("/invoices")["items"]
    paid = moyasar.control("/pay", {"invoice_id": page["id"]})
    web.post("/webhooks/moyasar", json=notice(paid["id"], page["id"]))
    till.works()
    assert (till.states(), till.invoice("INV-1").status) == (["settled"], "paid")


@pytest.mark.parametrize(
    ("forged", "status"),
    [
        ({"secret_token": "guessed"}, 401),
        ({"secret_token": ""}, 401),
        ({"secret_token": None}, 400),
        ({"live": True}, 403),
        ({"data": {"amount": 1}}, 400),
        ({"data": "paid"}, 400),
    ],
)
def test_what_is_not_moyasars_changes_nothing(
    sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient, forged: dict[str, Any], status: int
) -> None:
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    before = till.payments()[0].ask_at
    assert web.post("/webhooks/moyasar", json=notice("x", payment.page_id, **forged)).status_code == status
    till.works()
    assert (till.states(), kept(till), till.payments()[0].ask_at) == (["pending"], 0, before)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff\xfe", b'{"id": "1"'])
def test_what_is_no_notice_is_refused(web: FlaskClient, till: Till, body: bytes) -> None:
    assert web.post("/webhooks/moyasar", data=body, content_type="application/json").status_code == 400
    assert kept(till) == 0


def test_a_notice_that_lies_about_money_pays_nothing(
    sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient
) -> None:
    """The right secret, and all the words of a payment: the gateway has not seen it."""
    payment = till.asked_for(sara)
    for event in range(3):
        said = notice(f"made-up-{event}", payment.page_id, id=f"event-{event}")
        assert web.post("/webhooks/moyasar", json=said).status_code == 204
        till.works()
    assert (till.states(), till.invoice("INV-1").status, till.wallet(SARA)) == (["pending"], "issued", 0)


def test_a_notice_again_and_again_books_once(sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient) -> None:
    payment = till.asked_for(sara)
    paid = moyasar.control("/pay", {"invoice_id": payment.page_id})
    for event in ("event-1", "event-1", "event-2", "event-1"):
        said = notice(paid["id"], payment.page_id, id=event)
        assert web.post("/webhooks/moyasar", json=said).status_code == 204
        till.works()
    assert (kept(till), till.states(), till.wallet(SARA)) == (2, ["settled"], 0)
    till.book_is_whole()


def test_a_notice_about_what_is_nobodys_is_let_go(till: Till, moyasar: Sandbox, web: FlaskClient) -> None:
    page = moyasar.invoice()
    paid = moyasar.control("/pay", {"invoice_id": page["id"]})
    web.post("/webhooks/moyasar", json=notice(paid["id"], page["id"]))
    web.post("/webhooks/moyasar", json=notice("unknown", "unknown", id="event-2"))
    till.works()
    assert till.works() == 0
    assert till.states() == []


def test_no_notice_keeps_the_secret(sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient) -> None:
    web.post("/webhooks/moyasar", json=notice("p", "q"))
    with till.services.door.for_every_business() as session:
        (row,) = session.scalars(select(GatewayNotice))
        assert TOKEN not in str({column: getattr(row, column.name) for column in GatewayNotice.__table__.columns})


def test_coming_back_is_a_reason_to_ask(sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient) -> None:
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    page = web.get(f"/paid/{payment.id}?lang=en")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store, private")
    assert "We are asking the payment gateway" in page.text
    till.works()
    assert till.states() == ["settled"]
    assert "وصلت دفعتكم" in web.get(f"/paid/{payment.id}?lang=ar").text


def test_leaving_the_page_leads_back_to_it(sara: Chat, till: Till, moyasar: Sandbox, web: FlaskClient) -> None:
    payment = till.asked_for(sara)
    page = web.get(f"/paid/{payment.id}/back?lang=ar").text
    assert 'dir="rtl"' in page
    assert payment.page_url
    assert payment.page_url in page
    till.works()
    assert till.states() == ["pending"]


def test_a_payment_that_nobody_knows(web: FlaskClient, till: Till) -> None:
    assert web.get("/paid/00000000-0000-0000-0000-000000000000").status_code == 404
    assert web.get("/paid/x").status_code == 404


def test_without_a_secret_no_notice_is_believed(environment: dict[str, str], noor: object) -> None:

    app = create_app(read_settings(environment))
    assert app.test_client().post("/webhooks/moyasar", json=notice("p", "q", secret_token="")).status_code == 401
    app.extensions["raseed"].close()
