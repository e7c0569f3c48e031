"""Paying in instalments: agreed in the chat, within limits, and by nobody who only forges a number."""

from flask import Flask
from sqlalchemy import text

from bot.services import Services
from tests.chat import Chat, code_on
from tests.noor import SARA, Noor


def plans(services: Services) -> list[tuple[object, ...]]:
    with services.door.for_every_business() as session:
        rows = session.execute(text("SELECT state, parts, total_minor, agreed_by FROM instalment_plan"))
        return [tuple(row) for row in rows]


def test_a_plan_is_agreed_and_shown_again(sara: Chat, services: Services) -> None:
    sara.says("english")
    sara.says("instalments")
    sara.hears("Which invoice", "1. INV-1", "2. INV-2")
    sara.says("1")
    sara.hears("114.35", "1. 2 instalments", "2. 3 instalments")
    sara.says("2")
    sara.hears("38.12", "38.11", "If one is missed", "1. Yes, I agree")
    assert plans(services) == []
    sara.says("yes")
    sara.hears("Agreed. Invoice INV-1 is paid like this:")
    assert plans(services) == [("active", 3, 11435, "customer")]
    with services.door.for_every_business() as session:
        parts = session.scalars(text("SELECT amount_minor FROM instalment ORDER BY n")).all()
    assert parts == [3812, 3812, 3811]
    sara.says("invoices")
    sara.says("1")
    assert all("in instalments" not in said for said in sara.answers)


def test_in_arabic(sara: Chat, services: Services) -> None:
    sara.says("عربي")
    sara.says("تقسيط")
    sara.says("1")
    sara.hears("على كم قسطًا", "1. قسطان")
    sara.says("1")
    sara.says("أوافق")
    sara.hears("تم الاتفاق")
    assert plans(services)[0][1] == 2


def test_a_forged_sms_agrees_on_nothing(app: Flask, noor: Noor, services: Services) -> None:
    sms = Chat(app, SARA, "sms")
    for said in ("english", "instalments", "1", "1", "yes"):
        sms.says(said)
    for guess in ("000000", "yes", "1"):
        sms.says(guess)
        assert plans(services) == []
    sms.says(code_on(sms.app, SARA))
    assert len(plans(services)) == 1


def test_what_is_too_small_is_not_split(sara: Chat, services: Services) -> None:
    with services.door.for_every_business() as session:
        session.execute(text("UPDATE dunning_rules SET instalments_from_minor = 1000000"))
    sara.says("english")
    sara.says("instalments")
    sara.hears("can't be paid in instalments")
    assert plans(services) == []


def test_what_was_paid_meanwhile_is_not_agreed_on(sara: Chat, services: Services) -> None:
    for said in ("english", "instalments", "1", "1"):
        sara.says(said)
    with services.door.for_every_business() as session:
        session.execute(text("UPDATE invoice SET status = 'paid', paid_minor = total_minor WHERE invoice_no = 'INV-1'"))
    sara.says("yes")
    assert plans(services) == []
