"""Cash that a customer brings is written down and confirmed; the business's rules, hours and holidays are changed."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain.businesses import Business
from domain.customers import Customer
from domain.hours import Holiday, OpeningHours
from domain.invoices import Invoice
from tests.console.people import Visitor
from tests.noor import SARA, Noor


@pytest.fixture
def owed(services: Services, noor: Noor) -> Invoice:
    """An invoice of Sara's that is open."""
    with services.door.for_business(noor.business_id) as session:
        theirs = select(Invoice).join(Customer, Customer.id == Invoice.customer_id).where(Customer.phone == SARA)
        return session.scalars(theirs.where(Invoice.status == "issued").order_by(Invoice.invoice_no)).first()  # type: ignore[return-value]


def test_cash_for_an_invoice_from_its_page_to_its_end(
    agent: Visitor, admin: Visitor, owed: Invoice, services: Services, noor: Noor
) -> None:
    page = agent.opens(f"/invoices/{owed.id}").text
    (path,) = re.findall(r'href="/console(/customers/[^"]+/payment\?invoice=[^"]+)"', page)
    (ticked,) = re.findall(r'value="([^"]+)" checked', agent.opens(path).text)
    assert ticked == str(owed.id)
    at = path.partition("?")[0]
    done = agent.fills_in(at, path, {"method": "cash", "invoice_ids": [ticked], "reference": "R-7"})
    shown = agent.client.get(done.headers["Location"]).text
    assert "It counts once an admin has confirmed" in shown
    assert "R-7" in shown
    payment = done.headers["Location"].removeprefix("/console").partition("?")[0]
    assert "/confirm" not in shown
    assert f"{payment}/confirm" in admin.opens(payment).text
    assert agent.fills_in(f"{payment}/confirm", "/me", {"reason": "x"}).status_code == 403
    assert admin.fills_in(f"{payment}/confirm", f"{payment}/confirm", {"reason": "Counted"}).status_code == 303
    with services.door.for_business(noor.business_id) as session:
        assert session.get_one(Invoice, owed.id).status == "paid"
    assert "payment?invoice" not in agent.opens(f"/invoices/{owed.id}").text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "one of the two"),
        ({"amount": "5", "invoices": True}, "one of the two"),
        ({"amount": "5.001"}, 'id="e-amount"'),
        ({"amount": "ten"}, 'id="e-amount"'),
        ({"amount": "-5"}, "told bad"),
        ({"amount": "5", "method": "wallet"}, 'id="e-method"'),
    ],
)
def test_what_is_wrong_with_a_payment_is_said_and_kept(
    agent: Visitor, owed: Invoice, fields: dict[str, Any], says: str
) -> None:
    path = f"/customers/{owed.customer_id}/payment"
    filled = {"method": "transfer", "reference": "kept as it was", **fields}
    if filled.pop("invoices", False):
        filled["invoice_ids"] = [str(owed.id)]
    refused = agent.fills_in(path, path, filled)
    assert (refused.status_code, says in refused.text) == (422, True), refused.text
    assert 'value="kept as it was"' in refused.text
    assert ("checked" in refused.text) == ("invoice_ids" in filled)


def test_viewers_write_nothing_down(viewer: Visitor, owed: Invoice) -> None:
    assert "/payment" not in viewer.opens(f"/invoices/{owed.id}").text.partition("<main")[2]
    assert viewer.opens(f"/customers/{owed.customer_id}/payment").status_code == 403


def test_an_amount_goes_into_the_wallet(agent: Visitor, admin: Visitor, owed: Invoice) -> None:
    path = f"/customers/{owed.customer_id}/payment"
    done = agent.fills_in(path, path, {"method": "transfer", "amount": "12.50"})
    payment = done.headers["Location"].removeprefix("/console").partition("?")[0]
    admin.fills_in(f"{payment}/confirm", f"{payment}/confirm", {"reason": "On the statement"})
    assert "12.50" in admin.opens(payment).text


def business(services: Services, noor: Noor, table: Any) -> list[Any]:
    with services.door.for_business(noor.business_id) as session:
        return list(session.scalars(select(table)))


def test_hours_are_given_whole_and_half_a_line_is_refused(
    admin: Visitor, viewer: Visitor, services: Services, noor: Noor
) -> None:
    path = "/business/hours"
    half = admin.fills_in(path, path, {"sunday.opens": ["08:00", ""], "sunday.closes": ["", ""]})
    assert (half.status_code, "told bad" in half.text, 'value="08:00"' in half.text) == (422, True, True)
    assert 'class="error"' in half.text
    assert business(services, noor, OpeningHours) == []
    fields = {"sunday.opens": ["08:00", "20:00"], "sunday.closes": ["16:00", "02:00"]}
    assert admin.fills_in(path, path, fields).status_code == 303
    shown = viewer.opens("/business").text
    assert "08:00–16:00" in shown
    assert "20:00–02:00" in shown
    assert path not in shown
    assert viewer.opens(path).status_code == 403
    assert admin.fills_in(path, path, {}).status_code == 303
    assert business(services, noor, OpeningHours) == []


def test_holidays_come_and_go(admin: Visitor, services: Services, noor: Noor) -> None:
    path = "/business/holidays"
    lines = {"date": ["2027-09-23", ""], "name_ar": ["اليوم الوطني", ""], "name_en": ["National Day", ""]}
    assert admin.fills_in(path, path, lines).status_code == 303
    assert [one.name_en for one in business(services, noor, Holiday)] == ["National Day"]
    without_name = {**lines, "name_en": ["", ""]}
    refused = admin.fills_in(path, path, without_name)
    assert (refused.status_code, 'class="error"' in refused.text, "2027-09-23" in refused.text) == (422, True, True)
    assert admin.fills_in(path, path, {name: ["", ""] for name in lines}).status_code == 303
    assert business(services, noor, Holiday) == []


def test_rules_change_and_what_may_be_empty_can_be(app: Flask, admin: Visitor, services: Services, noor: Noor) -> None:
    path = "/business/rules"
    given = {"emergency_number": "911", "code_countries": "eg، AE", "refund_on_stop": "true", "overdue_pause_days": "9"}
    assert admin.fills_in(path, path, given).status_code == 303
    (row,) = business(services, noor, Business)
    assert (row.emergency_number, row.code_countries, row.refund_on_stop, row.overdue_pause_days) == (
        "911", ["EG", "AE"], True, 9,
    )  # fmt: skip
    assert admin.fills_in(path, path, {"emergency_number": "", "overdue_pause_days": ""}).status_code == 303
    (row,) = business(services, noor, Business)
    assert (row.emergency_number, row.overdue_pause_days, row.refund_on_stop) == (None, None, True)
    for wrong in ({"answer_minutes": "0"}, {"pause_shortest_days": "91"}, {"code_countries": "Egypt"}):
        assert admin.fills_in(path, path, wrong).status_code == 422
