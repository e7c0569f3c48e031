"""What staff do with meters and purchases, and what comes of it."""

from flask import Flask
from sqlalchemy import update

from domain.customers import Customer
from tests.api.people import Asker, signed_in
from tests.purchases.conftest import Pay
from tests.purchases.test_money import HOME
from tests.purchases.world import Buying


def asker(app: Flask, buying: Buying, role: str = "admin") -> Asker:
    return signed_in(app, buying.noor.business_id, role)


def test_what_waits_is_given_back_when_staff_asks(app: Flask, buying: Buying, pay: Pay) -> None:
    admin = asker(app, buying)
    buying.top_up("1001", 5_000)
    purchase_id = buying.asks("1001", HOME, 5_000)
    pay(purchase_id)
    asked = admin.asks("POST", f"/purchases/{purchase_id}/refund", {"reason": "It takes too long"})
    assert (asked.status_code, asked.json["state"]) == (202, "paid")
    again = admin.asks("POST", f"/purchases/{purchase_id}/refund", {"reason": "It takes too long"})
    assert (again.status_code, again.json["code"]) == (409, "illegal_transition")
    buying.vends()
    assert (buying.purchase().state, buying.wallet("1001")) == ("refunded", 5_000)
    assert buying.box.books()["charges"] == []


def test_what_was_issued_is_not_given_back(app: Flask, buying: Buying, pay: Pay) -> None:
    admin = asker(app, buying)
    buying.top_up("1001", 5_000)
    purchase_id = buying.asks("1001", HOME, 5_000)
    pay(purchase_id)
    buying.vends()
    refused = admin.asks("POST", f"/purchases/{purchase_id}/refund", {"reason": "Please"})
    assert (refused.status_code, buying.wallet("1001")) == (409, 0)
    shown = admin.gets(f"/purchases/{purchase_id}")
    assert (shown["state"], shown["kwh"], shown["total"]["minor"]) == ("issued", "241.5", 5_000)
    (token,) = admin.gets("/tokens", purchase_id=purchase_id)["items"]
    assert token["digits"] == buying.tokens()[0].digits


def test_a_refund_of_what_the_vendor_issued_after_all_becomes_a_token(app: Flask, buying: Buying, pay: Pay) -> None:
    admin = asker(app, buying)
    buying.top_up("1001", 5_000)
    purchase_id = buying.asks("1001", HOME, 5_000)
    pay(purchase_id)
    buying.box.fault("timeout_after", times=1)
    buying.box.fault("error_500", operation="read", times=1)
    buying.vends()
    assert buying.purchase().state == "in_doubt"
    admin.asks("POST", f"/purchases/{purchase_id}/refund", {"reason": "It takes too long"})
    buying.hurry()
    buying.vends()
    assert (buying.purchase().state, buying.wallet("1001")) == ("issued", 0)


def test_nobody_takes_electricity_from_a_protected_customer(app: Flask, buying: Buying) -> None:
    with buying.door.for_every_business() as session:
        session.execute(update(Customer).values(protected=True))
    admin = asker(app, buying)
    for what, body in (("disconnect", {}), ("turn-off", {}), ("reduce-amperage", {"amperes": 10})):
        refused = admin.asks("POST", f"/meters/{HOME}/{what}", {"reason": "Owes us", **body})
        assert (refused.status_code, refused.json["code"]) == (409, "protected_customer")
    assert admin.asks("POST", f"/meters/{HOME}/reconnect", {"reason": "Paid"}).status_code == 202
    agent = signed_in(app, buying.noor.business_id, "agent", "agent@noor.example")
    assert agent.asks("POST", f"/meters/{HOME}/disconnect", {"reason": "Owes us"}).status_code == 403
    no_reason = admin.asks("POST", f"/meters/{HOME}/reconnect", {"reason": " "})
    assert no_reason.status_code == 422
