"""A token that a meter does not take: what is said of it."""

from typing import Any

import pytest
from flask import Flask

from domain.door import Door
from domain.vendors.embedded import EmbeddedVendor
from domain.vendors.keys import KeyRing
from domain.vendors.requests import ChargeRequest, MeterAt
from tests.chat import Chat
from tests.noor import SARA
from tests.purchases.conftest import Pay
from tests.purchases.test_money import HOME
from tests.purchases.world import Buying
from tests.vendors.emulator import CONFIG

SHOP = "01412302745"


@pytest.fixture
def sara(app: Flask, buying: Buying) -> Chat:
    chat = Chat(app, SARA)
    chat.says("english")
    return chat


@pytest.fixture
def token(buying: Buying, pay: Pay) -> str:
    """A token of Sara's."""
    buying.top_up("1001", 5_000)
    pay(buying.asks("1001", HOME, 5_000))
    buying.vends()
    return buying.tokens()[0].digits


def at(buying: Buying, number: str) -> MeterAt:
    return MeterAt(buying.noor.business_id, buying.meters[number], number)


def checked(chat: Chat, buying: Buying, digits: str) -> None:
    chat.says("my token does not work")
    chat.says(digits)
    chat.hears("We are looking at this token")
    chat.reads()
    buying.vends()
    chat.reads()


def test_a_wrong_digit_is_found_in_its_group(sara: Chat, token: str) -> None:
    wrong = token[:9] + str((int(token[9]) + 1) % 10) + token[10:]
    sara.says("my token does not work")
    sara.says(wrong)
    sara.hears("This looks like your token", f"group 3 is different: you have {wrong[8:12]}, and it is {token[8:12]}")
    sara.hears(token[:4])


def test_a_digit_that_is_missing_is_found_in_its_group(sara: Chat, token: str) -> None:
    sara.says("my token does not work")
    sara.says(token[:17] + token[18:])
    sara.hears("This looks like your token", "group 5 is different")


def test_a_token_that_was_bought_elsewhere_is_looked_at_by_the_vendor(sara: Chat, buying: Buying) -> None:
    charge = buying.vendor.charge(ChargeRequest("bought-elsewhere", at(buying, HOME), 500))
    checked(sara, buying, charge.tokens[0].digits)
    sara.hears("It is right for meter", "50.0 kWh", "says USED")
    buying.box.type_in(at(buying, HOME), charge.tokens[0].digits)
    checked(sara, buying, charge.tokens[0].digits)
    sara.hears("has taken it already")


def test_another_meters_token_names_no_meter_of_somebody_else(sara: Chat, buying: Buying) -> None:
    charge = buying.vendor.charge(ChargeRequest("for-another-one", at(buying, SHOP), 500))
    checked(sara, buying, charge.tokens[0].digits)
    sara.hears("It is not for", "but for another meter")
    assert SHOP not in sara.answers[-1]


def test_what_opens_nowhere_is_said_to_be_wrong(sara: Chat, buying: Buying) -> None:
    checked(sara, buying, "12345678901234567890")
    sara.hears("does not open under the key of meter")


def test_a_vendor_that_does_not_answer_is_said_so(sara: Chat, buying: Buying) -> None:
    buying.box.fault("error_500", operation="read")
    checked(sara, buying, "12345678901234567890")
    sara.hears("can't be looked up just now", "report it")


def test_the_answer_is_read_and_then_it_is_reported(sara: Chat, buying: Buying) -> None:
    checked(sara, buying, "12345678901234567890")
    sara.says("report it")
    sara.hears("meter")


def test_in_arabic(sara: Chat, buying: Buying) -> None:
    sara.says("عربي")
    sara.says("الرمز ما يشتغل")
    sara.says("12345678901234567890")
    sara.hears("نراجع هذا الرمز")
    sara.reads()
    buying.vends()
    sara.reads()
    sara.hears("لا يطابق هذا الرمز مفتاح العدّاد")


@pytest.fixture
def own_keys(door: Door) -> EmbeddedVendor:
    return EmbeddedVendor(door, KeyRing({("123456", 1): bytes.fromhex(CONFIG["vending_keys"]["123456_1"])}))


@pytest.mark.parametrize(
    ("change", "finding"),
    [({}, "good"), ({"key_revision": 2}, "unreadable"), ({"key_expiry": 10}, "expired")],
)
def test_the_key_itself_tells(own_keys: EmbeddedVendor, buying: Buying, change: dict[str, Any], finding: str) -> None:
    """A token of the vendor's, of which our book knows nothing."""
    from sqlalchemy import update

    from domain.meters import Meter

    digits = buying.vendor.charge(ChargeRequest("bought-elsewhere", at(buying, HOME), 500)).tokens[0].digits
    if change == {"key_revision": 2}:
        own_keys._keys.vending_keys["123456", 2] = b"1" * 20  # type: ignore[index]
    with buying.door.for_every_business() as session:
        if change:
            session.execute(update(Meter).where(Meter.meter_no == HOME).values(change))
    assert own_keys.check_token(at(buying, HOME), digits).finding.value == finding


def test_our_book_knows_what_is_old_and_what_is_anothers(own_keys: EmbeddedVendor, buying: Buying) -> None:
    from sqlalchemy import update

    from domain.meters import Meter

    home = own_keys.charge(ChargeRequest("the-first-one", at(buying, HOME), 500)).tokens[0].digits
    assert own_keys.check_token(at(buying, HOME), home).finding.value == "good"
    elsewhere = own_keys.check_token(at(buying, SHOP), home)
    assert (elsewhere.finding.value, elsewhere.meter_no) == ("other_meter", HOME)
    own_keys._keys.vending_keys["123456", 2] = b"1" * 20  # type: ignore[index]
    with buying.door.for_every_business() as session:
        session.execute(update(Meter).where(Meter.meter_no == HOME).values(key_revision=2))
    own_keys.charge(ChargeRequest("the-second-one", at(buying, HOME), 500))
    assert own_keys.check_token(at(buying, HOME), home).finding.value == "old"
