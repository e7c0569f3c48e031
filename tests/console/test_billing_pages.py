"""Billing at the console: a run that is asked for, a reading that is decided on, rules that are changed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from bot.services import Services
from tests.console.people import Visitor, at_work, things
from tests.noor import Noor

RULES: dict[str, Any] = {
    "remind_at": "10:30",
    "reminder_days": "-3، 0، 10",
    "channels": ["email", "whatsapp"],
    "late_fee": "25.50",
    "late_fee_days": "15",
    "notice_days": "20",
    "cut_days": "",
    "reconnects": "true",
    "instalments_from": "",
    "instalments_most": "4",
    "grace_days": "0",
}


def rows(services: Services, statement: str) -> list[tuple[Any, ...]]:
    with services.door.for_every_business() as session:
        return [tuple(row) for row in session.execute(text(statement))]


def test_a_trial_is_the_first_choice_and_bills_nothing(app: Flask, noor: Noor, services: Services) -> None:
    admin = at_work(app, noor.business_id, "admin")
    page = admin.opens("/billing-runs/new").text
    assert page.index('value="dry" selected') < page.index('value="real"')
    for how, dry in (("dry", True), ("", True), ("real", False)):
        answer = admin.fills_in("/billing-runs/new", "/billing-runs/new", {"period": "2026-01", "how": how})
        assert answer.status_code == 303
        assert rows(services, "SELECT dry_run FROM billing_run ORDER BY id DESC LIMIT 1") == [(dry,)]
        shown = admin.client.get(answer.headers["Location"])
        assert ("Trial" in shown.text) == dry


def test_a_month_that_is_not_over_is_said_beside(admin: Visitor, noor: Noor) -> None:
    answer = admin.fills_in("/billing-runs/new", "/billing-runs/new", {"period": f"{noor.today:%Y-%m}"})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_who_decides_on_a_reading_says_why(app: Flask, noor: Noor, services: Services) -> None:
    ids, agent = things(app, noor.business_id), at_work(app, noor.business_id, "agent")
    path = f"/readings/{ids['reading_id']}"
    assert str(ids["reading_id"]) in agent.opens("/readings").text  # what waits is shown first
    assert agent.fills_in(f"{path}/reject", path, {"reason": " "}).status_code == 422
    assert agent.fills_in(f"{path}/reject", path, {"reason": "A digit is missing"}).status_code == 303
    (state,) = rows(services, f"SELECT state FROM reading WHERE id = '{ids['reading_id']}'")
    (after,) = rows(services, "SELECT after FROM audit_entry WHERE action = 'reading.rejected'")
    assert (state, after) == (("rejected",), ({"state": "rejected", "reason": "A digit is missing"},))
    again = agent.fills_in(f"{path}/reject", path, {"reason": "Twice"})
    assert (again.status_code, 'role="alert"' in again.text) == (409, True)
    assert str(ids["reading_id"]) not in agent.opens("/readings").text


def test_the_rules_are_changed_as_they_are_filled_in(app: Flask, noor: Noor, services: Services) -> None:
    admin = at_work(app, noor.business_id, "admin")
    assert admin.fills_in("/dunning", "/dunning", RULES).status_code == 303
    assert rows(
        services,
        "SELECT remind_at::text, reminder_days, channels, late_fee_minor, notice_days, cut_days, reconnects,"
        " instalments_from_minor, grace_days FROM dunning_rules",
    ) == [("10:30:00", [-3, 0, 10], ["whatsapp", "email"], 2_550, 20, None, True, None, 0)]
    shown = admin.opens("/dunning").text
    assert 'value="25.50"' in shown
    assert 'value="-3, 0, 10"' in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [("late_fee", "much"), ("late_fee_days", ""), ("cut_days", "10"), ("channels", []), ("reminder_days", "soon")],
)
def test_what_is_wrong_with_the_rules_is_said_beside(
    admin: Visitor, services: Services, field: str, value: Any
) -> None:
    answer = admin.fills_in("/dunning", "/dunning", {**RULES, field: value})
    assert (answer.status_code, f'id="e-{field}"' in answer.text) == (422, True)
    assert rows(services, "SELECT count(*) FROM dunning_rules") == [(0,)]


def test_a_viewer_reads_the_rules(app: Flask, noor: Noor) -> None:
    shown = at_work(app, noor.business_id, "viewer").opens("/dunning").text
    assert '<form method="post" action="/console/dunning"' not in shown
    assert "Disconnected by itself" in shown
