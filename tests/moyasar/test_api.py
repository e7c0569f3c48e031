"""The API as a merchant's server calls it."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.moyasar.conftest import Sandbox


def test_without_the_key_nothing_is_shown(sandbox: Sandbox) -> None:
    for key in ("", "sk_test_another", "sk_live_x"):
        answer = sandbox.call("GET", "/invoices", key=key)
        assert answer.status_code == 401
        assert answer.json()["type"] == "authentication_error"


def test_an_invoice_is_made_and_fetched(sandbox: Sandbox) -> None:
    made = sandbox.invoice(metadata={"attempt_id": "a1"}, expired_at="2026-11-21T09:00:00Z")
    assert (made["status"], made["amount"], made["currency"]) == ("initiated", 11_500, "SAR")
    assert made["url"].startswith(sandbox.url)
    assert made["expired_at"] == "2026-11-21T09:00:00.000Z"
    assert sandbox.call("GET", f"/invoices/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": 99}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"currency": None}, "currency"),
        ({"description": " "}, "description"),
        ({"expired_at": "2026-11-20T08:59:59Z"}, "expired_at"),
        ({"callback_url": "javascript:1"}, "callback_url"),
        ({"metadata": {"k" * 41: "v"}}, "metadata"),
    ],
)
def test_what_is_malformed_is_refused(sandbox: Sandbox, wrong: dict[str, Any], field: str) -> None:
    data = {"amount": 11_500, "currency": "SAR", "description": "Invoice 7", **wrong}
    answer = sandbox.call("POST", "/invoices", data)
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"
    assert list(answer.json()["errors"]) == [field]


def test_lists_have_forty_to_a_page_and_filter_by_metadata(sandbox: Sandbox) -> None:
    made = [sandbox.invoice(metadata={"attempt_id": f"a{n}"}) for n in range(41)]
    first = sandbox.call("GET", "/invoices").json()
    assert len(first["invoices"]) == 40
    assert first["invoices"][0]["id"] == made[-1]["id"]
    assert first["meta"] == {
        "current_page": 1,
        "next_page": 2,
        "prev_page": None,
        "total_pages": 2,
        "total_count": 41,
    }
    assert [one["id"] for one in sandbox.call("GET", "/invoices?page=2").json()["invoices"]] == [made[0]["id"]]
    found = sandbox.call("GET", "/invoices?metadata[attempt_id]=a7").json()["invoices"]
    assert [one["id"] for one in found] == [made[7]["id"]]


def test_an_invoice_is_cancelled_once(sandbox: Sandbox) -> None:
    path = f"/invoices/{sandbox.invoice()['id']}/cancel"
    assert sandbox.call("PUT", path).json()["status"] == "canceled"
    again = sandbox.call("PUT", path)
    assert (again.status_code, again.json()["type"]) == (400, "invalid_request_error")


def test_an_invoice_expires(sandbox: Sandbox, clock_file: Path) -> None:
    made = sandbox.invoice(expired_at="2026-11-20T10:00:00Z")
    clock_file.write_text("2026-11-20T10:00:01+00:00")
    assert sandbox.call("GET", f"/invoices/{made['id']}").json()["status"] == "expired"


def test_what_is_not_there_is_404(sandbox: Sandbox) -> None:
    for path in ("/invoices/x", "/payments/x", "/nothing"):
        assert sandbox.call("GET", path).status_code == 404


def test_a_bill_has_what_the_customer_needs(sandbox: Sandbox) -> None:
    bill = sandbox.bill(given_id=(given := str(uuid4())))
    assert (bill["id"], bill["status"]) == (given, "initiated")
    source = bill["source"]
    assert (source["type"], source["biller_code"], len(source["sadad_number"])) == ("sadadbill", "901", 13)
    assert source["expired_at"] == "2026-12-19"
    assert sandbox.call("POST", f"/payments/{given}/refund").status_code == 400
    data = {"amount": 11_500, "source": {"type": "sadadbill"}, "given_id": given}
    assert sandbox.call("POST", "/payments", data).status_code == 400


def test_a_bill_is_of_a_hundred_riyals_at_least(sandbox: Sandbox) -> None:
    data = {"amount": 9_999, "currency": "SAR", "source": {"type": "sadadbill"}}
    assert sandbox.call("POST", "/payments", data).status_code == 400


def test_refunds_add_up_to_what_was_paid(sandbox: Sandbox) -> None:
    invoice = sandbox.invoice()
    sandbox.pay(invoice)
    payment = sandbox.call("GET", f"/invoices/{invoice['id']}").json()["payments"][0]
    path = f"/payments/{payment['id']}/refund"
    part = sandbox.call("POST", path, {"amount": 1_500}).json()
    assert (part["status"], part["refunded"]) == ("paid", 1_500)
    assert sandbox.call("POST", path, {"amount": 10_001}).status_code == 400
    whole = sandbox.call("POST", path).json()
    assert (whole["status"], whole["refunded"]) == ("refunded", 11_500)
    assert sandbox.call("POST", path, {"amount": 1}).status_code == 400
    assert sandbox.call("GET", f"/invoices/{invoice['id']}").json()["status"] == "refunded"
