"""Every page and every form of the console: in both languages, by nobody, by each role, and by another business."""

import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from bot.api.routes import PUBLIC
from bot.console.sections import MENU
from bot.services import Services
from domain.staff import RANK, ROLES
from tests.api.test_walk import written
from tests.console.people import FORMS, PAGES, Visitor, at_work, path_of, things
from tests.noor import Noor, found_noor

OURS = {name: page for name, page in PAGES.items() if page.role != PUBLIC}
# What each form is filled in with so that it does what it is for; and where it is, when that is not its own path.
FIELDS: dict[str, Any] = {
    "read_notification_on_notification_list": {},
    "move_a_ticket_on_ticket_page": {"status": "in_progress", "words": "We are on our way."},
    "take_conversation_on_conversation_page": {},
    "release_conversation_on_conversation_page": {},
    "reply_in_conversation_on_conversation_page": {"text": "We are on our way."},
    "add_note_on_conversation_page": {"text": "Calls back on Sunday."},
    "change_availability_on_conversation_list": {"available": "true"},
    "make_campaign_on_new_campaign_page": {
        "name": "Offer",
        "channel": "auto",
        "en": "Hello {name}",
        "from": "09:00",
        "until": "19:00",
        "tags": "villa, solar",
        "due_over": "12.50",
    },
    "change_campaign_on_edit_campaign_page": {
        "name": "Offer",
        "channel": "sms",
        "ar": "مرحبًا {name}",
        "from": "09:00",
        "until": "19:00",
    },
    "test_campaign_on_campaign_page": {"to": "0500000001", "language": "en"},
    "start_campaign_on_campaign_page": {},
    "pause_campaign_on_campaign_page": {},
    "resume_campaign_on_campaign_page": {},
    "cancel_campaign_on_cancel_campaign_page": {},
    "record_payment_on_take_payment_page": {"method": "cash", "amount": "12.50", "reference": "R-1"},
    "change_business_on_rules_page": {"campaigns_a_week": "2", "emergency_number": "", "buy_for_others": "true"},
    "change_business_on_hours_page": {"sunday.opens": ["08:00", ""], "sunday.closes": ["16:00", ""]},
    "change_business_on_holidays_page": {"date": "2027-09-23", "name_ar": "اليوم الوطني", "name_en": "National Day"},
    "confirm_payment_on_confirm_payment_page": {"reason": "Counted at the desk"},
    "refund_payment_on_refund_payment_page": {"to": "wallet", "reason": "Paid by mistake"},
    "refund_purchase_on_refund_purchase_page": {"reason": "It takes too long"},
    "turn_meter_on_on_turn_on_meter_page": {"reason": "Paid"},
    "reconnect_meter_on_reconnect_meter_page": {"reason": "Paid"},
    "increase_amperage_on_increase_amperage_meter_page": {"reason": "Asked for by letter", "amperes": "60"},
    "reduce_amperage_on_reduce_amperage_meter_page": {"reason": "Asked for by letter", "amperes": "20"},
    "turn_meter_off_on_turn_off_meter_page": {"reason": "Moved out"},
    "disconnect_meter_on_disconnect_meter_page": {"reason": "Moved out", "because": "asked"},
    "change_sender_on_sender_page": {"enabled": "false", "messages_per_second": "2.5"},
    "pause_subscription_on_pause_page": {"reason": "Travelling"},
    "cancel_planned_pause_on_cancel_pause_page": {},
    "resume_subscription_on_resume_page": {"notes": "By telephone"},
    "reactivate_subscription_on_reactivate_page": {"notes": "By telephone"},
    "stop_subscription_on_stop_page": {"reason": "Moved out", "refund": ""},
    "cancel_subscription_on_cancel_page": {"reason": "By mistake"},
    "invite_staff_on_staff_list": {"name": "New", "email": "new@noor.example", "role": "agent", "language": "en"},
    "change_staff_on_somebody_page": {"name": "Another", "role": "viewer", "language": "ar"},
    "invite_again_on_somebody_page": {},
    "make_api_key_on_api_key_list": {"name": "billing", "scopes": ["customers:read"], "expires_at": "2040-01-01"},
    "revoke_api_key_on_api_key_list": {},
    "ask_billing_run_on_new_run_page": {"period": "2026-01", "how": "dry"},
    "confirm_reading_on_reading_page": {"reason": "The customer was away"},
    "reject_reading_on_reading_page": {"reason": "A digit is missing"},
    "change_dunning_rules_on_dunning_page": {
        "remind_at": "10:00",
        "reminder_days": "-3, 0, 7",
        "channels": ["whatsapp", "email"],
        "late_fee": "25.00",
        "late_fee_days": "15",
        "notice_days": "20",
        "cut_days": "30",
        "reconnects": "true",
        "instalments_from": "",
        "instalments_most": "3",
        "grace_days": "3",
    },
    "cancel_instalment_plan_on_plan_list": {},
    "sign_out_on_me_page": {},
    "sign_out_everywhere_on_me_page": {},
}


def test_every_form_of_who_is_signed_in_is_tried_below() -> None:
    assert {name for name, form in FORMS.items() if form.operation.role != PUBLIC} == set(FIELDS)
    assert all(page.menu in {None, *MENU} for page in PAGES.values())
    assert len(FORMS) == len({(form.path, form.name) for form in FORMS.values()})


def test_whatever_is_under_the_console_is_declared(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]
    undeclared = {rule.rule for rule in rules if "declared" not in app.view_functions[rule.endpoint].__dict__}
    assert undeclared == {
        "/console/",
        "/console/<path:nowhere>",
        "/console/language/<language>",
        "/console/static/<digest>/<name>",
    }
    public = {page.name for page in PAGES.values() if page.role == PUBLIC}
    assert public == {"sign_in_page", "welcome_page", "forgotten_page"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_each_role_sees_what_it_may(app: Flask, noor: Noor, role: str, language: str) -> None:
    ids = things(app, noor.business_id)
    reader = at_work(app, noor.business_id, role, language=language)
    for name, page in OURS.items():
        answer = reader.opens(path_of(page, ids))
        if RANK[role] < RANK[page.role]:
            assert answer.status_code == 403, name
        else:
            assert answer.status_code == 200, (name, answer.text[:300])
        if answer.mimetype == "text/html":
            whole(answer.text, language, name)


def whole(text: str, language: str, name: str) -> None:
    """A page says its language, names nothing by its key, and has nothing that runs or is styled within it."""
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in text, name
    assert not re.search(r"\b(console|option|state|problem|sorry|do|sure|need|chart)\.(?!css\b)[a-z_]{3,}", text), name
    assert not re.search(r'<script(?![^>]+src=)|<style|\sstyle="|\son[a-z]+="|javascript:', text), name
    assert "{{" not in re.sub(r"\{\{\d+\}\}", "", text), name
    assert text.count("<h1") == 1, name


def test_nobody_is_led_to_where_one_signs_in(app: Flask, noor: Noor, nobody: Visitor) -> None:
    ids = things(app, noor.business_id)
    for name, page in OURS.items():
        answer = nobody.opens(path_of(page, ids))
        assert answer.status_code == 303, name
        assert answer.headers["Location"].startswith("/console/sign-in?next=%2Fconsole"), name
    for name, form in FORMS.items():
        if form.operation.role != PUBLIC:
            answer = nobody.fills_in(path_of(form, ids), "/sign-in", FIELDS[name])
            assert (answer.status_code, answer.headers["Location"]) == (303, "/console/sign-in"), name


def test_another_business_sees_nothing(app: Flask, noor: Noor, services: Services) -> None:
    ids = things(app, noor.business_id)
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    stranger = at_work(app, other.business_id, "admin")
    before = written(services)
    for name, page in OURS.items():
        answer = stranger.opens(path_of(page, ids))
        if "<" in page.path:
            assert answer.status_code == 404, name
        else:
            assert not [known for known in ids.values() if str(known) in answer.text], name
    for name, form in FORMS.items():
        if "<" in form.path:
            answer = stranger.fills_in(path_of(form, ids), "/me", FIELDS[name])
            assert answer.status_code == 404, name
    for path in ("messages", "conversations", "customers", "tickets", "subscriptions"):
        told = stranger.opens(f"/{path}?customer_id={ids['customer_id']}").text
        assert not [known for known in ids.values() if f"/{known}" in told], path
    assert written(services) == before


def test_every_form_writes_once_into_the_audit_log(app: Flask, noor: Noor, services: Services) -> None:
    ids = things(app, noor.business_id)
    reader = at_work(app, noor.business_id, "admin", "reader@noor.example")
    for name, fields in FIELDS.items():
        form, admin = FORMS[name], at_work(app, noor.business_id, "admin", f"{name}@noor.example")
        before = written(services)
        answer = admin.fills_in(path_of(form, ids), path_of(form.on, ids), fields)
        assert answer.status_code == (200 if isinstance(form.finish, str) else 303), (name, answer.text)
        assert written(services) == before + 1, name
        if answer.status_code == 303:
            shown = reader.client.get(answer.headers["Location"])
            assert (shown.status_code, 'role="status"' in shown.text) == (200, True), name


def test_no_form_does_anything_without_its_seal(app: Flask, noor: Noor, services: Services, admin: Visitor) -> None:
    ids = things(app, noor.business_id)
    seals = ("", "x" * 44, "é", _seal(at_work(app, noor.business_id, "admin", "other@noor.example")))
    before = written(services)
    for name, form in FORMS.items():
        for seal in seals:
            fields = {**FIELDS.get(name, {}), "seal": seal}
            assert admin.client.post(f"/console{path_of(form, ids)}", data=fields).status_code == 400, name
    assert written(services) == before


def _seal(somebody: Visitor) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', somebody.opens("/me").text)
    assert found
    return found[1]


def test_a_role_does_no_more_by_forms_than_it_may(app: Flask, noor: Noor, services: Services) -> None:
    ids = things(app, noor.business_id)
    for role in ("viewer", "agent"):
        somebody = at_work(app, noor.business_id, role)
        before = written(services)
        for name, form in FORMS.items():
            if form.operation.role != PUBLIC and RANK[form.operation.role] > RANK[role]:
                answer = somebody.fills_in(path_of(form, ids), "/me", FIELDS[name])
                assert answer.status_code == 403, name
        assert written(services) == before


def test_the_menu_has_what_a_role_may_see(viewer: Visitor, admin: Visitor) -> None:
    seen, everything = viewer.opens("").text, admin.opens("").text
    for path in ("/staff", "/api-keys", "/audit", "/jobs"):
        assert f'href="/console{path}"' not in seen
        assert f'href="/console{path}"' in everything
    assert 'href="/console/customers"' in seen


@pytest.mark.parametrize("path", ["/nothing", "/tickets/7", f"/tickets/{UUID(int=7)}"])
def test_where_there_is_nothing_is_a_page_too(admin: Visitor, path: str) -> None:
    answer = admin.opens(path)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
