"""The service's own client, against the sandbox over HTTP."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread
from uuid import UUID, uuid4

import pytest

from bot.providers.gateways import make_gateway
from bot.providers.moyasar import Moyasar
from bot.settings import read_settings
from domain.gateways.errors import OutcomeUnknown, Refused, Unreachable
from domain.gateways.port import BillRequest, PageRequest, PaymentGateway
from domain.gateways.results import Page, Status
from domain.money import Money
from tests.cli.test_settings import GOOD
from tests.moyasar.conftest import KEY, QuietServer, Sandbox, wait_for

AMOUNT = Money(11_500, "SAR")
ANOTHER_AMOUNT = b"""{"id": "x", "status": "initiated", "amount": 1, "currency": "SAR", "url": "http://h/",
    "created_at": "2026-11-20T09:00:00Z"}"""
UNKNOWN = ["after_500", "status_500", "drop_after", "commit_late"]


@pytest.fixture
def moyasar(sandbox: Sandbox) -> PaymentGateway:
    settings = read_settings({**GOOD, "MOYASAR_API_BASE_URL": f"{sandbox.url}/v1", "MOYASAR_SECRET_KEY": KEY})
    gateway = make_gateway(settings)
    assert gateway is not None
    return gateway


def _request(attempt_id: UUID | None = None) -> PageRequest:
    return PageRequest(
        attempt_id or uuid4(),
        AMOUNT,
        "فاتورة INV-7",
        expires_at=datetime(2026, 11, 21, 9, tzinfo=UTC),
        success_url="http://127.0.0.1/thanks",
        back_url="http://127.0.0.1/back",
    )


def _paid(moyasar: PaymentGateway, sandbox: Sandbox) -> Page:
    made = moyasar.create_page(_request())
    sandbox.pay({"id": made.id})
    found = moyasar.page(made.id)
    assert found is not None
    return found


def test_a_page_is_made_found_and_paid(moyasar: PaymentGateway, sandbox: Sandbox) -> None:
    request = _request()
    made = moyasar.create_page(request)
    assert (made.status, made.amount, made.attempt_id) == (Status.PENDING, AMOUNT, request.attempt_id)
    assert made.expires_at == request.expires_at
    assert made.url.startswith(sandbox.url)
    assert moyasar.page(made.id) == made
    assert moyasar.pages_of(request.attempt_id) == [made]
    sandbox.pay({"id": made.id})
    paid = moyasar.page(made.id)
    assert paid is not None
    assert (paid.status, len(paid.money)) == (Status.PAID, 1)
    assert paid.money[0] == moyasar.payment(paid.money[0].id)
    assert (paid.money[0].amount, paid.money[0].page_id) == (AMOUNT, made.id)


def test_only_the_attempts_own_pages_are_found_however_many_there_are(
    moyasar: PaymentGateway, sandbox: Sandbox
) -> None:
    first = moyasar.create_page(_request())
    for _ in range(45):
        sandbox.invoice(metadata={"attempt_id": str(first.attempt_id)})
    moyasar.create_page(_request())
    assert first.attempt_id is not None
    found = moyasar.pages_of(first.attempt_id)
    assert len(found) == 46
    assert {one.attempt_id for one in found} == {first.attempt_id}
    assert moyasar.pages_of(uuid4()) == []


def test_what_is_not_there_is_none(moyasar: PaymentGateway) -> None:
    assert moyasar.page("../payments") is None
    assert moyasar.payment(str(uuid4())) is None


def test_a_page_is_cancelled_once(moyasar: PaymentGateway) -> None:
    made = moyasar.create_page(_request())
    assert moyasar.cancel_page(made.id).status is Status.CANCELLED
    with pytest.raises(Refused) as refused:
        moyasar.cancel_page(made.id)
    assert refused.value.code == "invalid_request_error"


def test_an_expired_page_says_so(moyasar: PaymentGateway, clock_file: Path) -> None:
    made = moyasar.create_page(_request())
    clock_file.write_text("2026-11-22T00:00:00+00:00")
    found = moyasar.page(made.id)
    assert found is not None
    assert found.status is Status.EXPIRED


def test_a_failed_try_and_then_money(moyasar: PaymentGateway, sandbox: Sandbox) -> None:
    made = moyasar.create_page(_request())
    sandbox.pay({"id": made.id}, "4201320000311101")
    tried = moyasar.page(made.id)
    assert tried is not None
    assert (tried.status, tried.money, tried.payments[0].message) == (Status.PENDING, (), "INSUFFICIENT FUNDS")


def test_refunds_in_parts(moyasar: PaymentGateway, sandbox: Sandbox) -> None:
    payment = _paid(moyasar, sandbox).money[0]
    part = moyasar.refund(payment.id, Money(1_500, "SAR"))
    assert (part.status, part.refunded) == (Status.PAID, Money(1_500, "SAR"))
    with pytest.raises(Refused, match="amount"):
        moyasar.refund(payment.id, Money(10_001, "SAR"))
    whole = moyasar.refund(payment.id, Money(10_000, "SAR"))
    assert (whole.status, whole.refunded) == (Status.REFUNDED, AMOUNT)


def test_a_refund_in_doubt_is_read_off_the_payment(moyasar: PaymentGateway, sandbox: Sandbox) -> None:
    payment = _paid(moyasar, sandbox).money[0]
    sandbox.fault("refund", "after_500")
    with pytest.raises(OutcomeUnknown):
        moyasar.refund(payment.id, AMOUNT)
    found = moyasar.payment(payment.id)
    assert found is not None
    assert found.refunded == AMOUNT


def test_a_bill_is_made_once_and_paid_at_the_bank(moyasar: PaymentGateway, sandbox: Sandbox) -> None:
    request = BillRequest(uuid4(), AMOUNT, "INV-7")
    made = moyasar.create_bill(request)
    assert made.bill is not None
    assert (made.bill.biller_code, made.bill.biller_name) == ("901", "Noor Electricity")
    assert made.bill.last_day == date(2026, 12, 19)
    assert (made.id, made.attempt_id) == (str(request.attempt_id), request.attempt_id)
    assert moyasar.create_bill(request) == made
    sandbox.browse("/bank/pay", {"biller": "901", "number": made.bill.number})
    paid = moyasar.payment(made.id)
    assert paid is not None
    assert paid.status is Status.PAID
    with pytest.raises(Refused):
        moyasar.refund(made.id, AMOUNT)


def test_too_small_a_bill_is_refused(moyasar: PaymentGateway) -> None:
    with pytest.raises(Refused) as refused:
        moyasar.create_bill(BillRequest(uuid4(), Money(9_999, "SAR"), "INV-7"))
    assert refused.value.code == "validation_error"
    assert "amount" in str(refused.value)


@pytest.mark.parametrize("kind", UNKNOWN)
def test_nobody_knows_whether_a_page_was_made_until_it_is_looked_for(
    moyasar: PaymentGateway, sandbox: Sandbox, kind: str
) -> None:
    sandbox.fault("create_invoice", kind, seconds=0.1)
    request = _request()
    with pytest.raises(OutcomeUnknown):
        moyasar.create_page(request)
    if kind == "status_500":
        assert moyasar.pages_of(request.attempt_id) == []
    else:
        assert wait_for(lambda: moyasar.pages_of(request.attempt_id))


@pytest.mark.parametrize("kind", ["after_500", "drop_after"])
def test_a_bill_in_doubt_is_made_again_without_becoming_two(
    moyasar: PaymentGateway, sandbox: Sandbox, kind: str
) -> None:
    sandbox.fault("create_payment", kind)
    request = BillRequest(uuid4(), AMOUNT, "INV-7")
    with pytest.raises(OutcomeUnknown):
        moyasar.create_bill(request)
    assert moyasar.create_bill(request).id == str(request.attempt_id)
    assert len(sandbox.control("/payments")["items"]) == 1


def test_too_many_requests_is_a_refusal(moyasar: PaymentGateway, sandbox: Sandbox) -> None:
    sandbox.fault("create_invoice", "status_429")
    with pytest.raises(Refused) as refused:
        moyasar.create_page(_request())
    assert refused.value.code == "rate_limit_error"


@pytest.mark.parametrize("kind", ["status_500", "hang"])
def test_a_question_that_is_not_answered_has_done_nothing(moyasar: PaymentGateway, sandbox: Sandbox, kind: str) -> None:
    made = moyasar.create_page(_request())
    sandbox.fault("fetch", kind, seconds=0.05)
    with pytest.raises(Unreachable):
        moyasar.page(made.id)
    assert moyasar.page(made.id) == made


def test_nobody_there(sandbox: Sandbox) -> None:
    nowhere = Moyasar("http://127.0.0.1:9/v1", KEY)
    for act in (lambda: nowhere.create_page(_request()), nowhere.test_connection):
        with pytest.raises(Unreachable):
            act()


def test_a_wrong_key_is_refused_and_never_shown(sandbox: Sandbox) -> None:
    stranger = Moyasar(f"{sandbox.url}/v1", "sk_test_another")
    with pytest.raises(Refused) as refused:
        stranger.test_connection()
    assert refused.value.code == "authentication_error"
    assert "another" not in str(refused.value)


def test_the_key_says_whether_money_is_real() -> None:
    assert not Moyasar("http://127.0.0.1:9/v1", "sk_test_x").is_live
    assert Moyasar("http://127.0.0.1:9/v1", "sk_live_x").is_live


def test_without_a_key_there_is_no_gateway() -> None:
    assert make_gateway(read_settings(GOOD)) is None


@pytest.fixture
def strange() -> Iterator[tuple[str, dict[str, object]]]:
    """A server that answers as told, whatever it is asked."""
    told: dict[str, object] = {"status": 200, "body": b"{}"}

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = told["body"]
            assert isinstance(body, bytes)
            self.send_response(int(str(told["status"])))
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the base class's

        def log_message(self, *args: object) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1", told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (201, b'{"id": "x"}'),
        (302, b"{}"),
        (408, b"{}"),
        (503, b"{}"),
        (201, ANOTHER_AMOUNT),
    ],
)
def test_an_answer_that_makes_no_sense_leaves_the_outcome_open(
    strange: tuple[str, dict[str, object]], status: int, body: bytes
) -> None:
    url, told = strange
    told.update(status=status, body=body)
    with pytest.raises(OutcomeUnknown):
        Moyasar(url, KEY).create_page(_request())


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (200, b"[]"), (302, b"{}"), (503, b"{}")])
def test_a_senseless_answer_to_a_question_is_none(
    strange: tuple[str, dict[str, object]], status: int, body: bytes
) -> None:
    url, told = strange
    told.update(status=status, body=body)
    with pytest.raises(Unreachable):
        Moyasar(url, KEY).page("x")


def test_a_status_that_is_new_to_us_is_not_money(strange: tuple[str, dict[str, object]]) -> None:
    url, told = strange
    told["body"] = (
        b'{"id": "p", "status": "glorified", "amount": 1, "currency": "SAR", "created_at": "2026-11-20T09:00:00Z"}'
    )
    found = Moyasar(url, KEY).payment("p")
    assert found is not None
    assert found.status is Status.UNRECOGNISED
