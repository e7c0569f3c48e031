"""A subscription is renewed by paying: from the wallet, by link, over SMS with the code; once for each payment."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from domain.door import Visit
from domain.money import Money
from domain.subscriptions import Plan, Subscription, SubscriptionChange
from domain.subscriptions.changing import cancel
from domain.subscriptions.history import By, Why
from domain.subscriptions.renewing import Offer
from domain.subscriptions.tables import STAFF
from domain.vat import shares_of
from tests.chat import Chat
from tests.conftest import Later
from tests.invoices.test_pdf import bare, by_pypdf
from tests.moyasar.conftest import Sandbox
from tests.noor import SARA, Noor
from tests.payments.conftest import Till
from tests.payments.test_paying import page_in


class Holder:
    """What became of Sara's subscription. Its last day is eleven days ahead."""

    def __init__(self, till: Till, noor: Noor) -> None:
        self._till = till
        self.ends = noor.today + timedelta(days=11)
        self.renewed = self.ends + timedelta(days=30)
        self.price = 9_900

    def costs(self, minor: int) -> None:
        """Let its plan cost so many halalas, with the tax."""
        self.price = minor
        with self._till.services.door.for_every_business() as session:
            session.execute(update(Plan).values(price_minor=minor))

    def last_day(self) -> date:
        with self._till.services.door.for_every_business() as session:
            ends = session.scalars(select(Subscription.ends).where(Subscription.reference == "S-1")).one()
        return (ends - timedelta(days=1)).date()

    def invoices(self) -> list[str]:
        """Return the numbers of the invoices of its renewals, each of which must be paid and be of the plan's price."""
        with self._till.services.door.for_every_business() as session:
            changes = session.scalars(select(SubscriptionChange).where(SubscriptionChange.action == "renew")).all()
            assert None not in {one.invoice_id for one in changes}
        found = [self._till.invoice(number) for number in self._till.numbers([one.invoice_id for one in changes])]
        assert {(one.status, one.total_minor, one.paid_minor) for one in found} <= {("paid", self.price, self.price)}
        return [one.invoice_no for one in found]

    def is_cancelled(self) -> None:
        """Let staff cancel it: it was a mistake."""
        with self._till.services.door.for_every_business() as session:
            row = session.scalars(select(Subscription).where(Subscription.reference == "S-1")).one()
            cancel(Visit.within(session), row.business_id, row.id, By(STAFF, "a@b.example"), Why("a mistake"))


@pytest.fixture
def holder(till: Till, noor: Noor) -> Holder:
    return Holder(till, noor)


def asks(sara: Chat, till: Till, way: str = "payment link") -> None:
    """Ask in English to renew by a way to pay, and let the workers find it."""
    for said in ("english", "renew", way):
        sara.says(said)
    till.works()
    sara.reads()


def test_from_the_wallet(sara: Chat, till: Till, holder: Holder) -> None:
    till.fills_wallet(SARA, 10_000)
    sara.says("english")
    sara.says("renew")
    sara.hears(
        "Monthly plan: 30 days for SAR 99.00.", "In your wallet: SAR 100.00. Pay from it now?", "1. Pay and renew"
    )
    assert holder.last_day() == holder.ends
    sara.says("1")
    answer = sara.hears("Monthly plan is renewed. Last day of service:", "Your invoice:", "/i/")
    assert (holder.last_day(), till.wallet(SARA), len(holder.invoices())) == (holder.renewed, 100, 1)
    assert f"{holder.renewed.day}" in answer
    till.book_is_whole()


@given(st.integers(0, 10**9), st.sampled_from(["0", "0.05", "0.14", "0.15"]))
def test_an_invoice_comes_to_the_price(price: int, rate: str) -> None:
    lines = Offer(30, Money(price, "SAR"), Decimal(rate), "Plan", "باقة").lines(("Rounding", "تقريب"))
    shares = shares_of(line.taxed for line in lines)
    assert sum(share.net_minor + share.vat_minor for share in shares) == price
    assert [line.net_minor for line in lines[1:]] in ([], [1])


def test_a_price_that_no_tax_comes_to_is_paid_to_the_halala(sara: Chat, till: Till, holder: Holder, app: Flask) -> None:
    holder.costs(14_900)  # 129.56 and 15 % are 148.99, 129.57 and 15 % are 149.01
    till.fills_wallet(SARA, 15_000)
    for said in ("english", "renew"):
        sara.says(said)
    sara.hears("Monthly plan: 30 days for SAR 149.00.")
    sara.says("1")
    (link,) = re.findall(r"/i/\S+", sara.hears("Monthly plan is renewed."))
    assert (holder.last_day(), till.wallet(SARA), len(holder.invoices())) == (holder.renewed, 100, 1)
    said = bare(by_pypdf(app.test_client().get(link).data))
    for part in ("Rounding", "0.01", "129.56", "129.57", "19.43", "149.00"):
        assert part in said
    till.book_is_whole()


def test_over_sms_only_with_the_code(sara_sms: Chat, till: Till, holder: Holder) -> None:
    till.fills_wallet(SARA, 10_000)
    sara_sms.says("english")
    sara_sms.says("renew")
    sara_sms.says("1")
    assert "send back" in sara_sms.answers[-1]
    assert (holder.last_day(), till.wallet(SARA)) == (holder.ends, 10_000)
    sara_sms.types_the_code(SARA)
    sara_sms.hears("Monthly plan is renewed")
    assert (holder.last_day(), till.wallet(SARA)) == (holder.renewed, 100)


def test_what_the_wallet_lacks_is_paid_by_link(
    sara: Chat, till: Till, holder: Holder, moyasar: Sandbox, twice: Callable[..., None]
) -> None:
    till.fills_wallet(SARA, 1_000)
    sara.says("تجديد")
    sara.hears("رصيد المحفظة: 10.00 ر.س. ينقصها 89.00 ر.س.", "1. رابط الدفع")
    sara.says("رابط الدفع")
    till.works()
    sara.reads()
    moyasar.pay(page_in(sara, moyasar))
    sara.says("دفعت")
    twice(till.works)
    assert "تم تجديد اشتراككم \u2068الباقة الشهرية\u2069" in sara.reads()[-1]
    assert sara.rows()[-1].media[0]["url"].startswith("http://127.0.0.1:8000/i/")
    assert (holder.last_day(), till.wallet(SARA), len(holder.invoices())) == (holder.renewed, 0, 1)
    till.book_is_whole()


def test_who_pays_twice_has_the_second_in_the_wallet(
    sara: Chat, till: Till, holder: Holder, moyasar: Sandbox, later: Later
) -> None:
    asks(sara, till)
    first = page_in(sara, moyasar)
    till.fills_wallet(SARA, 100)
    asks(sara, till)  # less is missing now, so it is another page
    second = page_in(sara, moyasar)
    assert first != second
    moyasar.pay(first)
    moyasar.pay(second)
    later(minutes=11)
    till.works()
    assert till.states() == ["settled", "settled"]
    assert (holder.last_day(), till.wallet(SARA), len(holder.invoices())) == (holder.renewed, 9_900, 1)
    told = "\n".join(sara.reads())
    assert (told.count("has been renewed"), told.count("went into your wallet")) == (1, 1)
    till.book_is_whole()


def test_what_was_cancelled_meanwhile_leaves_the_money_in_the_wallet(
    sara: Chat, till: Till, holder: Holder, moyasar: Sandbox, later: Later
) -> None:
    asks(sara, till)
    holder.is_cancelled()
    moyasar.pay(page_in(sara, moyasar))
    later(minutes=11)
    till.works()
    assert (till.states(), till.wallet(SARA), holder.invoices()) == (["settled"], 9_900, [])
    assert "SAR\u00a099.00 went into your wallet" in sara.reads()[-1]
    till.book_is_whole()


def test_what_came_after_its_time_is_not_taken(
    sara: Chat, till: Till, holder: Holder, moyasar: Sandbox, later: Later
) -> None:
    asks(sara, till)
    later(hours=25)
    till.works()
    moyasar.control("/pay", {"invoice_id": till.payments()[-1].page_id})
    later(minutes=31)
    till.works()
    assert (holder.last_day(), till.wallet(SARA), holder.invoices()) == (holder.ends, 9_900, [])
    assert till.notifications() == [("payment_astray", "late")]
