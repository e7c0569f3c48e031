"""Buying by chat: who may, what is said, and the token that comes."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from bot.jobs.vendor_watch import look_at, look_at_purchases
from domain.clock import now
from domain.codes import OneTimeCode
from domain.contacts import Contact
from domain.notifications import Notification
from domain.purchases import Purchase
from tests.chat import Chat, code_on
from tests.noor import OMAR, SARA
from tests.purchases.conftest import Pay
from tests.purchases.world import Buying
from tests.texts.reading import INVISIBLE

HOME, SHOP = "01412301374", "01412302745"


@pytest.fixture
def sara(app: Flask, buying: Buying) -> Chat:
    return Chat(app, SARA)


@pytest.fixture
def sara_sms(app: Flask, buying: Buying) -> Chat:
    return Chat(app, SARA, "sms")


def test_from_the_first_word_to_the_digits(sara: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    sara.says("اشحن ٥٠")
    sara.hears("241.5 كيلوواط ساعة", "ضريبة القيمة المضافة: 6.52", "الإجمالي: 50.00", "60.00")
    sara.says("نعم")
    sara.hears("تم الدفع")
    buying.vends()
    said = sara.reads()[0]
    (token,) = buying.tokens()
    lines = said.splitlines()
    assert lines[1].strip("\u200f\u2066\u2069").replace("\u00a0", "") == token.digits
    assert lines[1].count("\u00a0") == 4
    sara.says("رموزي")
    sara.says("1")
    assert token.digits[:4] in sara.answers[0]
    assert len(buying.tokens()) == 1


def test_over_sms_only_who_holds_the_phone_buys(sara_sms: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    sara_sms.says("english")
    sara_sms.says("buy 50")
    sara_sms.hears("Total: SAR 50.00")
    for guess in ("yes", "000000", "yes"):
        sara_sms.says(guess)
    assert (buying.purchase().state, buying.wallet("1001")) == ("asked", 6_000)
    sara_sms.says(code_on(sara_sms.app, SARA))
    assert (buying.purchase().state, buying.wallet("1001")) == ("paid", 1_000)
    buying.vends()
    (token,) = buying.tokens()
    assert "-".join(token.digits[at : at + 4] for at in range(0, 20, 4)) in sara_sms.reads()[0]


def test_the_token_goes_where_the_customer_wrote_last(sara: Chat, sara_sms: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    for said in ("english", "buy 50", "yes"):
        sara.says(said)
    sara_sms.says("balance")
    sara.reads()
    buying.vends()
    assert sara.reads() == []
    assert buying.tokens()[0].digits[:4] in sara_sms.reads()[0]


def test_nobody_buys_through_anothers_meter_unless_the_business_lets_them(sara: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    sara.says("english")
    for unknown in (SHOP, "01412399999"):
        sara.says(f"buy 50 for {unknown}")
        assert "That is none of your meters." in sara.answers[0]
        assert "Omar" not in sara.answers[0]
    sara.says("menu")
    buying.rule(buy_for_others=True)
    sara.says(f"buy 50 for {SHOP}")
    sara.hears("This meter belongs to O... H....", "Total: SAR 50.00")
    sara.says("yes")
    assert (buying.purchase().state, buying.wallet("1001")) == ("paid", 1_000)


def test_the_digits_go_to_nobody_who_does_not_speak_for_the_customer_any_more(sara: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    for said in ("english", "buy 50", "yes"):
        sara.says(said)
    with buying.door.for_every_business() as session:
        session.execute(update(Contact).where(Contact.address == SARA).values(changed_hands_at=now()))
    sara.reads()
    buying.vends()
    assert (buying.purchase().state, sara.reads()) == ("issued", [])


def test_too_little_in_the_wallet_is_said_with_what_is_missing(sara: Chat, buying: Buying) -> None:
    buying.top_up("1001", 1_000)
    sara.says("english")
    sara.says("buy 50")
    sara.hears("In your wallet: SAR 10.00. SAR 40.00 is missing.", "1. Another amount")


def test_a_vendor_that_fails_is_told_at_the_quote_and_its_return_to_who_asked(sara: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    buying.box.fault("error_500", operation="read")
    look_at(buying.services, buying.vendor)
    sara.says("english")
    sara.says("buy 50")
    sara.hears("tokens can't be issued just now. Nothing was taken", "1. Tell me then")
    sara.says("tell me")
    buying.box.world.faults.remove()
    look_at(buying.services, buying.vendor)
    assert "Tokens can be issued again" in sara.reads()[-1]
    sara.says("buy 50")
    sara.hears("Total: SAR 50.00")


def test_a_purchase_that_takes_longer_is_told_once_and_then_settled(sara: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    for said in ("english", "buy 50", "yes"):
        sara.says(said)
    real, buying.vendor = buying.vendor, buying.box.client(timeout=0.2, retries=0)
    buying.box.fault("error_500", operation="any")
    buying.vends()
    assert ["takes longer than usual" in said for said in sara.reads()] == [True]
    buying.hurry()
    buying.vends()
    assert sara.reads() == []
    with buying.door.for_every_business() as session:
        session.execute(update(Purchase).values(doubt_since=now() - timedelta(minutes=11)))
    look_at_purchases(buying.services)
    look_at_purchases(buying.services)
    with buying.door.for_every_business() as session:
        (told,) = session.scalars(select(Notification).where(Notification.kind == "purchase_in_doubt"))
    assert (told.severity, told.times) == ("critical", 1)
    buying.box.world.faults.remove()
    buying.vendor = real
    buying.hurry()
    buying.vends()
    assert "Your token" in sara.reads()[0]


def test_a_refusal_is_told_with_the_money_that_is_back(sara: Chat, buying: Buying) -> None:
    buying.top_up("1001", 6_000)
    for said in ("english", "buy 50", "yes"):
        sara.says(said)
    buying.box.fault("out_of_credit")
    buying.vends()
    assert "SAR 50.00 is back in your wallet" in sara.reads()[0].replace("\u00a0", " ")
    with buying.door.for_every_business() as session:
        assert session.scalars(select(Notification.kind)).all() == ["vendor_out_of_credit"]


def test_the_alarm_on_our_own_credit(buying: Buying) -> None:
    buying.box.world.credit_minor = 100
    look_at(buying.services, buying.vendor)
    with buying.door.for_every_business() as session:
        assert "vendor_credit_low" in session.scalars(select(Notification.kind)).all()


def test_a_token_that_does_not_work(sara: Chat, buying: Buying, pay: Pay) -> None:
    buying.top_up("1001", 6_000)
    for said in ("english", "buy 50", "yes"):
        sara.says(said)
    buying.vends()
    (token,) = buying.tokens()
    sara.reads()
    sara.says("my token does not work")
    sara.says("1234")
    assert "A token has 20 digits" in sara.answers[0]
    sara.says(" ".join(token.digits[at : at + 4] for at in range(0, 20, 4)))
    assert "This token is for meter" in sara.answers[0]
    omar = Chat(sara.app, OMAR)
    omar.says("balance")
    omar.says("1")
    omar.says("token not working")
    omar.says(token.digits)
    assert "We are looking at this token for meter Home" in omar.answers[0]
    omar.reads()
    buying.vends()
    assert "It is not for Home but for another meter" in omar.reads()[0].translate(INVISIBLE)


def test_a_meter_is_asked_and_answers_by_itself(sara: Chat, buying: Buying) -> None:
    sara.says("english")
    sara.says("my meters")
    sara.says("1")
    sara.says("balance and use")
    sara.hears("We are asking meter")
    buying.vends()
    assert "Credit left: 0.0 kWh" in sara.reads()[0]


def test_codes_and_digits_are_for_one_purchase(sara_sms: Chat, buying: Buying) -> None:
    buying.top_up("1001", 20_000)
    sara_sms.says("english")
    for said in ("buy 50", "yes"):
        sara_sms.says(said)
    first = code_on(sara_sms.app, SARA)
    for said in ("menu", "buy 100", "yes", first):
        sara_sms.says(said)
    assert {one.state for one in buying.purchases()} == {"asked"}
    with buying.door.for_every_business() as session:
        assert session.scalars(select(OneTimeCode.purpose)).first() == "confirm"


def test_what_was_said_is_not_forgotten_over_the_question_which_account(app: Flask, buying: Buying) -> None:
    omar = Chat(app, OMAR)
    omar.says("english")
    omar.says("buy 50")
    omar.hears("Which account is it about?")
    omar.says("1")
    omar.hears("Total: SAR 50.00")
