"""The service's reader of notices, on what the sandbox really sends."""

import json
from typing import Any

import pytest

from bot.providers.moyasar_notices import Malformed, NotAuthentic, NoticeReader
from tests.moyasar.conftest import TOKEN, Sandbox, Service, wait_for

READER = NoticeReader(TOKEN)


def _sent(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = wait_for(lambda: service.notices)[-1]
    return found


def _raw(notice: Any) -> bytes:
    return json.dumps(notice).encode()


def test_a_true_notice_names_payment_and_page(sandbox: Sandbox, service: Service) -> None:
    invoice = sandbox.invoice()
    sandbox.pay(invoice)
    notice = READER.read(_raw(_sent(service)))
    payment = sandbox.control("/payments")["items"][0]
    assert (notice.payment_id, notice.page_id) == (payment["id"], invoice["id"])
    assert (notice.event, notice.is_live) == ("payment_paid", False)
    assert TOKEN not in repr(notice) + repr(READER)


def test_a_bill_is_on_no_page(sandbox: Sandbox, service: Service) -> None:
    bill = sandbox.bill()
    sandbox.browse("/bank/pay", {"biller": "901", "number": bill["source"]["sadad_number"]})
    notice = READER.read(_raw(_sent(service)))
    assert (notice.payment_id, notice.page_id) == (bill["id"], None)


def test_a_wrong_secret_is_not_authentic(sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("webhook", "wrong_token")
    sandbox.pay(sandbox.invoice())
    with pytest.raises(NotAuthentic):
        READER.read(_raw(_sent(service)))


def test_without_a_secret_of_ours_nothing_is_authentic(sandbox: Sandbox, service: Service) -> None:
    sandbox.pay(sandbox.invoice())
    with pytest.raises(NotAuthentic):
        NoticeReader("").read(_raw({**_sent(service), "secret_token": ""}))


_HALF = rb'{"id": "a", "type": "b", "live": false, "data": {"id": "c"}, "secret_token": "\ud800"}'


@pytest.mark.parametrize("raw", [_HALF, b"", b"null", b"[]", b"\xff", b"{}", b'{"secret_token": "the-shared-secret"}'])
def test_what_is_no_notice_is_malformed_and_its_words_are_not_repeated(raw: bytes) -> None:
    with pytest.raises(Malformed) as malformed:
        READER.read(raw)
    assert TOKEN not in str(malformed.value)
