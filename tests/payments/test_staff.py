"""Staff and payments: what they see, what they confirm, what they give back; and what the books say then."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.customers import Customer
from tests.api.people import Asker, signed_in
from tests.chat import Chat
from tests.conftest import Later
from tests.moyasar.conftest import Sandbox
from tests.noor import SARA, Noor
from tests.payments.conftest import Till


@pytest.fixture
def admin(app: Flask, noor: Noor) -> Asker:
    return signed_in(app, noor.business_id, "admin")


@pytest.fixture
def customer(till: Till) -> str:
    with till.services.door.for_every_business() as session:
        return str(session.scalars(select(Customer.id).where(Customer.phone == SARA)).one())


def paid_by_link(till: Till, chat: Chat, moyasar: Sandbox, what: str = "1") -> str:
    payment = till.asked_for(chat, what=what)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    chat.says("i have paid")
    till.works()
    chat.reads()
    return str(payment.id)


def refunds(admin: Asker, payment: str, **body: Any) -> Any:
    return admin.asks("POST", f"/payments/{payment}/refund", {"reason": "Paid by mistake", **body})


def test_cash_is_written_down_and_confirmed(sara: Chat, till: Till, admin: Asker, customer: str) -> None:
    invoices = [str(till.invoice(number).id) for number in ("INV-1", "INV-2")]
    written = {"method": "cash", "invoice_ids": invoices, "reference": "R-17"}
    made = admin.asks("POST", f"/customers/{customer}/payments", written).json
    assert (made["status"], made["amount"]) == ("pending", {"minor": 21_435, "currency": "SAR"})
    assert till.invoice("INV-1").status == "issued"
    sara.says("hi")
    done = admin.asks("POST", f"/payments/{made['id']}/confirm", {"reason": "Counted at the desk"}).json
    assert (done["status"], [one["booked"]["minor"] for one in done["invoices"]]) == ("settled", [11_435, 10_000])
    assert "214.35" in sara.reads()[-1]
    again = admin.asks("POST", f"/payments/{made['id']}/confirm", {"reason": "Again"})
    assert (again.status_code, again.json["code"]) == (409, "illegal_transition")
    till.book_is_whole()


def test_what_a_gateway_knows_is_not_confirmed_by_hand(sara: Chat, till: Till, admin: Asker, moyasar: Sandbox) -> None:
    payment = till.asked_for(sara)
    refused = admin.asks("POST", f"/payments/{payment.id}/confirm", {"reason": "He says so"})
    assert (refused.status_code, refused.json["code"]) == (409, "not_for_staff")


def test_a_payment_is_refunded_the_way_it_came(
    sara: Chat, till: Till, admin: Asker, moyasar: Sandbox, later: Later
) -> None:
    payment = paid_by_link(till, sara, moyasar)
    asked = refunds(admin, payment, to="gateway")
    assert (asked.status_code, asked.json["status"], asked.json["refunds"][0]["status"]) == (200, "settled", "asked")
    assert till.invoice("INV-1").status == "issued"
    again = refunds(admin, payment, to="gateway")
    assert (again.status_code, again.json["code"]) == (409, "refund_on_its_way")
    till.works()
    shown = admin.gets(f"/payments/{payment}")
    assert (shown["status"], shown["refunds"][0]["status"]) == ("refunded", "done")
    assert [one["refunded"] for one in moyasar.control("/payments")["items"]] == [11_435]
    assert "SAR\u00a0114.35 back the way you paid" in sara.reads()[-1]
    assert refunds(admin, payment, to="wallet").json["code"] == "illegal_transition"
    till.book_is_whole()


def test_a_part_goes_into_the_wallet(sara: Chat, till: Till, admin: Asker, moyasar: Sandbox) -> None:
    payment = paid_by_link(till, sara, moyasar)
    assert refunds(admin, payment, to="wallet", amount_minor=1_435).status_code == 200
    invoice = till.invoice("INV-1")
    assert (till.wallet(SARA), invoice.status, invoice.paid_minor) == (1_435, "part_paid", 10_000)
    assert refunds(admin, payment, to="wallet", amount_minor=10_001).json["code"] == "too_much"
    till.book_is_whole()


@pytest.mark.parametrize("kind", ["after_500", "drop_after", "status_500", "status_429"])
def test_a_refund_in_doubt_is_done_once(
    sara: Chat, till: Till, admin: Asker, moyasar: Sandbox, later: Later, kind: str
) -> None:
    payment = paid_by_link(till, sara, moyasar)
    moyasar.fault("refund", kind)
    refunds(admin, payment, to="gateway", amount_minor=5_000)
    for _ in range(4):
        till.works()
        later(minutes=2)
    assert [one["refunded"] for one in moyasar.control("/payments")["items"]] == [5_000]
    assert admin.gets(f"/payments/{payment}")["refunds"][0]["status"] == "done"
    till.book_is_whole()


def test_what_was_spent_since_is_not_given_back(sara: Chat, till: Till, admin: Asker, moyasar: Sandbox) -> None:
    sara.says("english")
    for said in ("top up", "200", "1"):
        sara.says(said)
    till.works()
    page = till.payments()[0].page_id
    moyasar.control("/pay", {"invoice_id": page})
    sara.says("i have paid")
    till.works()
    for said in ("pay", "1", "from my wallet", "yes"):
        sara.says(said)
    assert till.wallet(SARA) == 8_565
    refused = refunds(admin, str(till.payments()[0].id), to="gateway")
    assert (refused.status_code, refused.json["code"]) == (409, "too_little")
    assert refunds(admin, str(till.payments()[0].id), to="gateway", amount_minor=8_565).status_code == 200
    assert till.wallet(SARA) == 0
    till.book_is_whole()


def test_a_bill_is_given_back_into_the_wallet_only(sara: Chat, till: Till, admin: Asker, moyasar: Sandbox) -> None:
    payment = till.asked_for(sara, "sadad")
    moyasar.control("/settle", {"payment_id": str(payment.id), "outcome": "paid"})
    sara.says("i have paid")
    till.works()
    assert refunds(admin, str(payment.id), to="gateway").json["code"] == "not_refundable"
    assert refunds(admin, str(payment.id), to="wallet").json["status"] == "refunded"
    assert (till.wallet(SARA), till.invoice("INV-1").status) == (11_435, "issued")
    till.book_is_whole()


def test_a_refund_on_the_gateways_own_site_is_told(
    sara: Chat, till: Till, moyasar: Sandbox, later: Later, admin: Asker
) -> None:
    payment = paid_by_link(till, sara, moyasar)
    shown = admin.gets(f"/payments/{payment}")
    moyasar.control("/refund", {"payment_id": shown["gateway_payment_id"], "amount": 1_000})
    later(minutes=31)
    till.works()
    assert till.notifications() == [("payment_refunded_elsewhere", "refunded_elsewhere")]


def test_money_can_be_followed(sara: Chat, till: Till, admin: Asker, moyasar: Sandbox, customer: str) -> None:
    payment = paid_by_link(till, sara, moyasar)
    (entry,) = admin.gets("/journal", source_type="payment")["items"]
    assert entry["source_id"] == payment
    assert {(one["account"], one["amount"]["minor"]) for one in entry["lines"]} == {
        ("gateway_clearing", 11_435),
        ("receivable", -11_435),
    }
    refunds(admin, payment, to="wallet")
    assert admin.gets(f"/customers/{customer}/wallet")["balance"] == {"minor": 11_435, "currency": "SAR"}
    (moved,) = admin.gets(f"/customers/{customer}/wallet/moves")["items"]
    assert (moved["kind"], moved["amount"]["minor"]) == ("refunded", 11_435)
    assert [one["id"] for one in admin.gets("/payments", customer_id=customer, status="refunded")["items"]] == [payment]
    assert admin.gets("/payments", method="cash")["items"] == []
