"""The payment page and the bank, as a browser without scripts sees them."""

from pathlib import Path

from tests.moyasar.conftest import TOKEN, Sandbox, Service, wait_for


def test_a_card_pays_and_the_service_is_told(sandbox: Sandbox, service: Service) -> None:
    invoice = sandbox.invoice(callback_url=f"{service.url}/callback", success_url="http://127.0.0.1/thanks")
    page = sandbox.pay(invoice)
    assert "Paid" in page
    assert "http://127.0.0.1/thanks" in page
    notice = wait_for(lambda: service.notices)[0]
    assert (notice["type"], notice["secret_token"], notice["live"]) == ("payment_paid", TOKEN, False)
    assert (notice["data"]["invoice_id"], notice["data"]["amount"]) == (invoice["id"], 11_500)
    assert wait_for(lambda: service.callbacks)[0]["status"] == "paid"


def test_a_refused_check_takes_nothing(sandbox: Sandbox, service: Service) -> None:
    invoice = sandbox.invoice()
    assert "Nothing was taken" in sandbox.pay(invoice, answer="refuse")
    assert wait_for(lambda: service.notices)[0]["type"] == "payment_failed"
    assert sandbox.call("GET", f"/invoices/{invoice['id']}").json()["status"] == "initiated"
    assert "Paid" in sandbox.pay(invoice)


def test_each_bad_card_fails_with_its_reason(sandbox: Sandbox) -> None:
    invoice = sandbox.invoice()
    for number, reason in (
        ("4201320000311101", "INSUFFICIENT FUNDS"),
        ("4111118250252531", "3DS UNAVAILABLE"),
        ("4000000000000002", "DECLINED"),
    ):
        assert reason in sandbox.pay(invoice, number)


def test_what_is_paid_cancelled_or_expired_takes_no_card(sandbox: Sandbox, clock_file: Path) -> None:
    cancelled, expired, paid = sandbox.invoice(), sandbox.invoice(expired_at="2026-11-20T10:00:00Z"), sandbox.invoice()
    sandbox.pay(paid)
    sandbox.call("PUT", f"/invoices/{cancelled['id']}/cancel")
    clock_file.write_text("2026-11-20T11:00:00+00:00")
    for invoice in (cancelled, expired, paid):
        sandbox.pay(invoice)
    assert len(sandbox.control("/payments")["items"]) == 1


def test_the_pages_speak_both_languages(sandbox: Sandbox) -> None:
    path = f"/invoices/{sandbox.invoice()['id']}"
    arabic, english = sandbox.browse(path).text, sandbox.browse(f"{path}?lang=en").text
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "كهرباء النور" in arabic
    assert '<html lang="en" dir="ltr">' in english
    assert "Noor Electricity" in english
    for page in ("/", "/bank/"):
        assert 'dir="rtl"' in sandbox.browse(page).text


def test_the_bank_pays_a_bill_once(sandbox: Sandbox, service: Service) -> None:
    bill = sandbox.bill()
    form = {"biller": "901", "number": bill["source"]["sadad_number"]}
    assert "115.00" in sandbox.browse(f"/bank/?lang=en&biller=901&number={form['number']}").text
    for _ in range(2):
        assert "The bill is paid" in sandbox.browse("/bank/pay?lang=en", form).text
    assert [notice["data"]["id"] for notice in wait_for(lambda: service.notices)] == [bill["id"]]
    assert "has no bill" in sandbox.browse("/bank/?lang=en&biller=901&number=1").text


def test_a_bill_chosen_on_the_page_pays_the_invoice(sandbox: Sandbox) -> None:
    invoice = sandbox.invoice()
    sandbox.browse(f"/invoices/{invoice['id']}/sadad", {})
    source = sandbox.control("/payments")["items"][0]["source"]
    sandbox.browse("/bank/pay", {"biller": source["biller_code"], "number": source["sadad_number"]})
    assert sandbox.call("GET", f"/invoices/{invoice['id']}").json()["status"] == "paid"


def test_a_bill_expires_and_says_so(sandbox: Sandbox, service: Service, clock_file: Path) -> None:
    bill = sandbox.bill()
    clock_file.write_text("2027-01-01T00:00:00+00:00")
    assert wait_for(lambda: service.notices)[0]["type"] == "payment_expired"
    assert sandbox.call("GET", f"/payments/{bill['id']}").json()["status"] == "expired"


def test_bills_may_pay_themselves(sandbox: Sandbox, clock_file: Path) -> None:
    sandbox.control("/settings", {"bills_paid_after": 300})
    bill, never = sandbox.bill(), sandbox.bill(amount=50_000)
    clock_file.write_text("2026-11-20T09:05:01+00:00")
    wait_for(lambda: sandbox.call("GET", f"/payments/{bill['id']}").json()["status"] == "paid")
    wait_for(lambda: sandbox.call("GET", f"/payments/{never['id']}").json()["status"] == "expired")


def test_a_page_from_elsewhere_drives_nothing(sandbox: Sandbox) -> None:
    invoice = sandbox.invoice()
    strange = {"Origin": "http://evil.example"}
    answer = sandbox.http.post(f"{sandbox.url}/invoices/{invoice['id']}/sadad", headers=strange, timeout=5)
    assert answer.status_code == 403
    answer = sandbox.http.get(f"{sandbox.url}/", headers={"Host": "evil.example"}, timeout=5)
    assert answer.status_code == 403
