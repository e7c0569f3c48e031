"""Money taken means token given or money returned, whatever the vendor does and whoever dies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from bot.providers.sts_http import HttpVendor
from bot.providers.sts_transport import Transport
from domain.door import Visit
from domain.invoices import Invoice
from domain.ledger.verifying import verify
from domain.purchases import Token
from domain.purchases.vending import claim
from tests.purchases.conftest import Pay
from tests.purchases.world import Buying
from tests.vendors.emulator import CREDENTIALS
from tests.vendors.emulator import HOME as AT

HOME = "01412301374"


def proven(buying: Buying) -> bool:
    """Tell whether the ledger holds."""
    with buying.door.for_a_look() as session:
        return not [step.bad for step in verify(session) if step.bad]


def test_paid_from_the_wallet_and_issued(buying: Buying, pay: Pay) -> None:
    buying.top_up("1001", 10_000)
    purchase_id = buying.asks("1001", HOME, 5_000)
    assert pay(purchase_id) == pay(purchase_id) == "paid"  # twice is once
    assert buying.wallet("1001") == 5_000
    assert buying.vends() == 1
    found = buying.purchase()
    assert (found.state, found.units, found.total_minor) == ("issued", 2_415, 5_000)
    (token,) = buying.tokens()
    assert (token.units, token.reference) == (2_415, str(purchase_id))
    assert buying.box.type_in(at_meter(HOME), token.digits)["result"] == "accepted"
    assert buying.box.type_in(at_meter(HOME), token.digits)["result"] == "used"
    with buying.door.for_every_business() as session:
        invoice = session.scalars(select(Invoice).where(Invoice.id == found.invoice_id)).one()
        assert (invoice.status, invoice.net_minor, invoice.vat_minor) == ("paid", 4_348, 652)
    assert proven(buying)


@pytest.mark.parametrize(
    "kind", ["timeout_after", "error_500_after", "timeout_before", "error_500", "duplicate", "slow"]
)
def test_an_unknown_outcome_is_settled_by_asking(buying: Buying, pay: Pay, kind: str) -> None:
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    buying.box.fault(kind, times=1, seconds=0.1)
    buying.vends()
    assert buying.purchase().state == "issued"
    assert len(buying.tokens()) == len(buying.box.books()["charges"]) == 1


@pytest.mark.parametrize("kind", ["out_of_credit", "unknown_meter"])
def test_a_refusal_gives_the_money_back(buying: Buying, pay: Pay, kind: str) -> None:
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    buying.box.fault(kind)
    buying.vends()
    assert buying.purchase().state == "refunded"
    assert buying.wallet("1001") == 5_000
    assert buying.tokens() == [] == buying.box.books()["charges"]
    assert proven(buying)


def test_who_is_refused_after_a_doubt_waits_until_it_is_certain(
    buying: Buying, pay: Pay, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    buying.box.fault("timeout_before", times=1)
    buying.box.fault("out_of_credit")
    buying.vends()
    assert (buying.purchase().state, buying.purchase().refused) == ("in_doubt", "out_of_credit")
    assert buying.wallet("1001") == 0
    later(seconds=60)
    buying.vends()
    assert (buying.purchase().state, buying.wallet("1001")) == ("refunded", 5_000)


def test_a_worker_that_dies_while_it_sends_leaves_it_to_be_asked_about(buying: Buying, pay: Pay, later: Any) -> None:
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    with buying.door.for_every_business() as session:
        (one,) = claim(Visit.within(session), 5, *[timedelta(seconds=6)] * 2)
    buying.vendor.charge(one.request)  # and dies before it is written down
    assert buying.vends() == 0
    later(seconds=60)
    buying.vends()
    assert buying.purchase().state == "issued"
    assert len(buying.box.books()["charges"]) == 1


def test_while_the_vendor_is_away_it_waits_and_is_served_when_it_is_back(buying: Buying, pay: Pay, later: Any) -> None:
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    real, buying.vendor = buying.vendor, _nobody()
    buying.vends()
    assert (buying.purchase().state, buying.wallet("1001")) == ("paid", 0)
    buying.vendor = real
    later(seconds=5)
    buying.vends()
    assert buying.purchase().state == "issued"


def test_what_can_not_be_served_in_a_day_goes_back(buying: Buying, pay: Pay, later: Any) -> None:
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    buying.vendor = _nobody()
    buying.vends()
    later(hours=25)
    buying.vends()
    assert (buying.purchase().state, buying.wallet("1001")) == ("refunded", 5_000)


def test_money_that_comes_too_late_stays_in_the_wallet(buying: Buying, pay: Pay, later: Any) -> None:
    purchase_id = buying.asks("1001", HOME, 5_000)
    buying.top_up("1001", 5_000)
    later(hours=2)
    assert pay(purchase_id, "money_came") == "expired"
    found = buying.purchase()
    assert (found.state, found.tell, buying.wallet("1001")) == ("failed", "kept_expired", 5_000)
    buying.vends()
    assert buying.purchase().tell is None


def test_nothing_is_taken_while_the_vendor_is_down_or_too_little_is_there(buying: Buying, pay: Pay) -> None:
    purchase_id = buying.asks("1001", HOME, 5_000)
    assert pay(purchase_id) == "wallet_too_little"
    buying.top_up("1001", 5_000)
    buying.is_up(up=False)
    assert pay(purchase_id) == "vendor_down"
    assert (buying.purchase().state, buying.wallet("1001")) == ("asked", 5_000)


def test_a_quote_that_does_not_hold_any_more_is_not_paid(buying: Buying, pay: Pay) -> None:
    buying.top_up("1001", 300_000)
    first, second = buying.asks("1001", HOME, 140_000), buying.asks("1001", HOME, 5_000)
    assert pay(first) == "paid"
    assert pay(second) == "changed"  # the first took what was left of the cheap block
    buying.vends()
    with buying.door.for_every_business() as session:
        units = session.scalars(select(Token.units)).all()
    assert sum(units) == buying.purchase(first).units > 60_000
    assert max(units) <= 16_383


def test_arrears_come_first_and_come_back_with_the_rest(buying: Buying, pay: Pay) -> None:
    buying.rule(arrears_percent=20)
    buying.top_up("1001", 10_000)
    first = buying.asks("1001", HOME, 5_000)
    assert buying.purchase(first).arrears_minor == 1_000
    assert pay(first) == "paid"
    assert (buying.wallet("1001"), _paid(buying)) == (5_000, 1_000)
    buying.box.fault("out_of_credit", times=1)
    buying.vends()
    assert (buying.wallet("1001"), _paid(buying)) == (10_000, 0)
    assert proven(buying)


def test_a_key_change_comes_first(buying: Buying, pay: Pay) -> None:
    buying.top_up("1001", 5_000)
    _change_key(buying)
    pay(buying.asks("1001", HOME, 5_000))
    buying.vends()
    tokens = buying.tokens()
    assert [token.kind for token in tokens] == [*["key_change"] * (len(tokens) - 1), "credit"]
    assert len(tokens) > 2
    results = [buying.box.type_in(at_meter(HOME), token.digits)["result"] for token in tokens]
    assert results[-2:] == ["key_changed", "accepted"]


def test_two_in_the_same_minute_get_two_identifiers(buying: Buying, pay: Pay, later: Any) -> None:
    buying.top_up("1001", 10_000)
    for _ in range(2):
        pay(buying.asks("1001", HOME, 5_000))
        buying.vends()
    results = [buying.box.type_in(at_meter(HOME), token.digits)["result"] for token in buying.tokens()]
    assert results == ["accepted", "accepted"]


def at_meter(number: str) -> Any:
    return replace(AT, meter_no=number)


def _nobody() -> Any:
    return HttpVendor(Transport("http://127.0.0.1:9", CREDENTIALS, 0.3), 0)


def _change_key(buying: Buying) -> None:
    body = {"meter_no": HOME, "revision": 2}
    requests.post(f"{buying.box.url}/control/key-change", json=body, timeout=5).raise_for_status()


def _paid(buying: Buying) -> int:
    with buying.door.for_every_business() as session:
        return session.scalars(select(Invoice.paid_minor).where(Invoice.invoice_no == "INV-1")).one()
