"""What goes wrong on purpose."""

import time
from pathlib import Path

import pytest
import requests

from tests.moyasar.conftest import TOKEN, Sandbox, Service, wait_for

DATA = {"amount": 11_500, "currency": "SAR", "description": "Invoice 7"}


@pytest.mark.parametrize(
    ("kind", "status", "made"), [("status_429", 429, 0), ("status_500", 500, 0), ("after_500", 500, 1)]
)
def test_an_error_before_or_after_the_deed(sandbox: Sandbox, kind: str, status: int, made: int) -> None:
    sandbox.fault("create_invoice", kind)
    assert sandbox.call("POST", "/invoices", DATA).status_code == status
    assert len(sandbox.control("/invoices")["items"]) == made
    assert sandbox.call("POST", "/invoices", DATA).status_code == 201


@pytest.mark.parametrize(("kind", "made"), [("drop_after", 1), ("hang", 0)])
def test_no_answer_at_all(sandbox: Sandbox, kind: str, made: int) -> None:
    sandbox.fault("create_invoice", kind, seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        sandbox.call("POST", "/invoices", DATA)
    assert len(sandbox.control("/invoices")["items"]) == made


def test_done_some_time_after_the_error(sandbox: Sandbox) -> None:
    sandbox.fault("create_invoice", "commit_late", seconds=0.2)
    assert sandbox.call("POST", "/invoices", DATA).status_code == 500
    assert sandbox.control("/invoices")["items"] == []
    wait_for(lambda: sandbox.control("/invoices")["items"])


def test_slow(sandbox: Sandbox) -> None:
    sandbox.fault("create_invoice", "slow", seconds=0.2)
    began = time.monotonic()
    assert sandbox.call("POST", "/invoices", DATA).status_code == 201
    assert time.monotonic() - began >= 0.2


def test_a_lost_notice_never_comes(sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("webhook", "lost")
    sandbox.pay(sandbox.invoice())
    assert wait_for(lambda: sandbox.control("/notices")["items"])[0]["note"] == "lost"
    assert service.notices == []


def test_a_doubled_notice_is_the_same_event(sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("webhook", "doubled")
    sandbox.pay(sandbox.invoice())
    wait_for(lambda: len(service.notices) == 2)
    assert service.notices[0] == service.notices[1]


def test_a_late_notice_tells_how_it_was_then(sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("webhook", "late", seconds=0.3)
    invoice = sandbox.invoice()
    sandbox.pay(invoice)
    payment = sandbox.control("/payments")["items"][0]
    sandbox.call("POST", f"/payments/{payment['id']}/refund")
    wait_for(lambda: len(service.notices) == 2)
    assert [notice["type"] for notice in service.notices] == ["payment_refunded", "payment_paid"]
    assert service.notices[1]["data"]["status"] == "paid"


def test_forged_notices(sandbox: Sandbox, service: Service) -> None:
    for kind in ("wrong_token", "wrong_live", "forged_amount"):
        sandbox.fault("webhook", kind)
        sandbox.pay(sandbox.invoice())
        wait_for(lambda: len(service.notices) == len(sandbox.control("/notices")["items"]) > 0)
    wait_for(lambda: len(service.notices) == 3)
    assert service.notices[0]["secret_token"] != TOKEN
    assert service.notices[1]["live"] is True
    assert service.notices[2]["data"]["amount"] == 115_000


def test_a_notice_made_by_hand(sandbox: Sandbox, service: Service) -> None:
    sandbox.control("/settings", {"webhooks": False})
    sandbox.pay(sandbox.invoice(), answer="refuse")
    sandbox.control("/settings", {"webhooks": True})
    payment = sandbox.control("/payments")["items"][0]
    sandbox.control("/notice", {"payment_id": payment["id"], "amount": 1, "token": "x", "live": True})
    notice = wait_for(lambda: service.notices)[0]
    assert (notice["data"]["amount"], notice["secret_token"], notice["live"]) == (1, "x", True)


def test_a_notice_comes_again_until_it_is_heard(sandbox: Sandbox, service: Service) -> None:
    sandbox.control("/settings", {"retry_seconds": [0.05, 0.05, 0.05, 0.05, 0.05]})
    service.status = 503
    sandbox.pay(sandbox.invoice())
    wait_for(lambda: len(service.notices) == 3)
    service.status = 204
    heard = wait_for(lambda: [one for one in sandbox.control("/notices")["items"] if one["status"] == 204])
    assert heard[0]["number"] == len(service.notices)


def test_money_that_comes_late_and_twice(sandbox: Sandbox, clock_file: Path) -> None:
    invoice = sandbox.invoice(expired_at="2026-11-20T10:00:00Z")
    clock_file.write_text("2026-11-20T11:00:00+00:00")
    for amount in (11_500, 20_000):
        paid = sandbox.control("/pay", {"invoice_id": invoice["id"], "amount": amount})
        assert (paid["status"], paid["amount"], paid["invoice_id"]) == ("paid", amount, invoice["id"])
    assert sandbox.call("GET", f"/invoices/{invoice['id']}").json()["status"] == "expired"


def test_nonsense_is_refused_in_words(sandbox: Sandbox) -> None:
    answer = sandbox.http.post(f"{sandbox.url}/control/faults", json={"scope": "moon"}, timeout=5)
    assert answer.status_code == 400
    assert "scope is one of" in answer.json()["error"]
