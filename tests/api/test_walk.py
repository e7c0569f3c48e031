"""Every route of the API: asked by nobody, by each role, by machines, and by another business."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from bot.api.book import RESOURCES
from bot.api.routes import PUBLIC, Operation
from bot.app import create_app
from bot.services import Services
from bot.settings import Settings
from domain.audit import AuditEntry
from domain.staff import ANYBODY, RANK, ROLES
from tests.api.people import Asker, machine, signed_in
from tests.api.things import everything
from tests.noor import Noor, found_noor

OPERATIONS = {one.name: one for resource in RESOURCES for one in resource.operations}
GUARDED = [one for one in OPERATIONS.values() if one.role != PUBLIC]
OPEN = {"sign_in", "accept_invitation", "change_password", "mail_reset", "show_openapi", "show_docs"}

# What each route that writes is sent so that it does.
BODIES: dict[str, Any] = {
    "sign_out": None,
    "sign_out_everywhere": None,
    "invite_staff": {"email": "new@noor.example", "name": "New", "role": "agent"},
    "change_staff": {"name": "Another"},
    "invite_again": None,
    "make_api_key": {"name": "billing", "scopes": ["customers:read"]},
    "revoke_api_key": None,
    "move_a_ticket": {"status": "in_progress", "words": "We are on our way."},
    "send_message": {"to": "0500000001", "text": "Works on Friday."},
    "send_invoice": {},
    "remind_of_invoice": {"channel": "sms"},
    "pause_subscription": {"reason": "Travelling"},
    "cancel_planned_pause": None,
    "resume_subscription": {"notes": "Asked for by telephone"},
    "stop_subscription": {"reason": "Moved out"},
    "reactivate_subscription": {"notes": "Asked for by telephone"},
    "cancel_subscription": {"reason": "By mistake"},
    "record_payment": {"method": "cash", "amount_minor": 5000, "reference": "R-17"},
    "confirm_payment": {"reason": "Counted at the desk"},
    "refund_payment": {"to": "wallet", "reason": "Paid by mistake"},
    "change_sender": {"enabled": False},
    "change_business": {"campaigns_a_week": 2},
    "read_notification": None,
    "make_campaign": {"name": "Offer", "texts": {"en": "Hello {name}"}},
    "change_campaign": {"name": "Another"},
    "take_conversation": {},
    "release_conversation": None,
    "reply_in_conversation": {"text": "We are on our way."},
    "add_note": {"text": "Calls back on Sunday."},
    "change_availability": {"available": True},
    "add_campaign_phones": {"phones": ["0500000001"]},
    "test_campaign": {"to": "0500000001", "language": "en"},
    "start_campaign": None,
    "pause_campaign": None,
    "resume_campaign": None,
    "cancel_campaign": None,
    "disconnect_meter": {"reason": "Moved out", "because": "asked"},
    "reconnect_meter": {"reason": "Paid"},
    "reduce_amperage": {"reason": "Asked for by letter", "amperes": 20},
    "increase_amperage": {"reason": "Asked for by letter", "amperes": 60},
    "set_meter_tariff": {"reason": "A new contract", "tariff": "HOME"},
    "set_meter_quota": {"reason": "The programme", "month": "2026-11", "watt_hours": 250_000},
    "set_meter_credit_limit": {"reason": "A deposit", "credit_limit": 50_000},
    "set_meter_mode": {"reason": "Asked for", "mode": "postpaid"},
    "set_meter_communication": {"reason": "Too seldom", "report_minutes": 5},
    "change_dunning_rules": {"reminder_days": [0, 7]},
    "dispute_invoice": {"reason": "It is not mine"},
    "settle_dispute": {"outcome": "It was right"},
    "agree_on_instalments": {"parts": 2},
    "cancel_instalment_plan": None,
    "turn_meter_on": {"reason": "Paid"},
    "turn_meter_off": {"reason": "Moved out"},
    "make_maintenance_code": {"reason": "The cover was opened by us", "purpose": "clear_tamper"},
    "make_tariff": {
        "code": "SHOP",
        "valid_from": "2026-01-01",
        "name_en": "Shop",
        "name_ar": "محل",
        "blocks": [{"from_kwh": 0, "price": "0.2"}],
        "fixed_fee_minor": 500,
    },
    "add_reading": {"meter_no": "04012345678", "kwh": "1200.5"},
    "confirm_reading": None,
    "reject_reading": None,
    "exchange_meter": {"new_meter_no": "04012345678-2", "last_kwh": "1300", "first_kwh": "0"},
    "ask_billing_run": {"period": "2026-01"},
    "rebill_invoice": {"reason": "It was read wrong"},
    "refund_purchase": {"reason": "It takes too long"},
}

# What only a person can do.
NO_MACHINE = {"sign_out", "sign_out_everywhere", "change_availability"}
# What has to be done first, where it can't be done to a thing as it is at first.
FIRST = {"pause_campaign": ("start_campaign",), "resume_campaign": ("start_campaign", "pause_campaign")}


def path_of(one: Operation, ids: dict[str, Any]) -> str:
    """Return the path of a route: with what suits it, where not everything does."""
    return re.sub(r"<(?:uuid:)?(\w+)>", lambda found: str(ids.get(f"{one.name}.{found[1]}", ids[found[1]])), one.path)


def test_every_route_under_the_api_declares_its_role(app: Flask) -> None:
    declared = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api"):
            one = getattr(app.view_functions[rule.endpoint], "operation", None)
            assert isinstance(one, Operation), rule.rule
            assert one.role in {PUBLIC, *RANK}, rule.rule
            declared.add(one.name)
    assert declared == set(OPERATIONS)
    assert {one.name for one in OPERATIONS.values() if one.role == PUBLIC} == OPEN
    assert len(declared) == len(list(app.url_map.iter_rules())) - sum(
        not rule.rule.startswith("/api") for rule in app.url_map.iter_rules()
    )


def test_every_route_that_writes_is_tried_below() -> None:
    assert {one.name for one in GUARDED if one.writes} == set(BODIES)


def test_nobody_gets_nothing(app: Flask, noor: Noor, nobody: Asker) -> None:
    ids = everything(app, noor.business_id)
    strangers = (nobody, Asker(app, "rt_made-up"), Asker(app, "x" * 5000))
    for one in GUARDED:
        for asker in strangers:
            response = asker.asks(one.method, path_of(one, ids), {} if one.body else None)
            assert response.status_code == 401, one.name
            assert response.json["code"] in {"not_signed_in", "invalid_token"}
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_it_may(app: Flask, noor: Noor, role: str) -> None:
    ids = everything(app, noor.business_id)
    signed_in(app, noor.business_id, "admin", "other-admin@noor.example")
    for one in sorted(GUARDED, key=lambda one: one.name.startswith("sign_out")):
        asker = signed_in(app, noor.business_id, role, f"{one.name}@noor.example")
        response = asker.asks(one.method, path_of(one, ids), BODIES.get(one.name))
        if RANK[role] >= RANK[one.role]:
            assert response.status_code == one.status, (one.name, response.text)
        else:
            assert (response.status_code, response.json["code"]) == (403, "not_allowed"), one.name


def test_a_machine_may_what_its_scopes_say(app: Flask, noor: Noor) -> None:
    ids = everything(app, noor.business_id)
    for one in GUARDED:
        single = machine(app, noor.business_id, one.scope).asks(one.method, path_of(one, ids), BODIES.get(one.name))
        assert single.status_code == (403 if one.name in NO_MACHINE else one.status), (one.name, single.text)
        other = machine(app, noor.business_id, "nothing:read").asks(one.method, path_of(one, ids))
        assert one.role == ANYBODY or other.status_code == 403, one.name


def test_the_things_of_another_business_are_not_there(app: Flask, noor: Noor, services: Services) -> None:
    ids = everything(app, noor.business_id)
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    stranger = signed_in(app, other.business_id, "admin")
    before = written(services)
    for one in GUARDED:
        if "<" in one.path:
            response = stranger.asks(one.method, path_of(one, ids), BODIES.get(one.name))
            assert (response.status_code, response.json["code"]) == (404, "not_found"), one.name
        elif one.method == "GET":
            told = stranger.asks("GET", one.path).text
            assert not [known for known in ids.values() if str(known) in told], one.name
    assert written(services) == before
    for filtered in ("messages", "conversations", "contacts", "tickets"):
        assert stranger.gets(f"/{filtered}", customer_id=ids["customer_id"])["items"] == []


@pytest.mark.parametrize("name", BODIES)
def test_every_write_is_in_the_audit_log(app: Flask, noor: Noor, services: Services, admin: Asker, name: str) -> None:
    ids, one = everything(app, noor.business_id), OPERATIONS[name]
    for first in FIRST.get(name, ()):
        assert admin.asks("POST", path_of(OPERATIONS[first], ids), BODIES[first]).status_code == 200
    before = written(services)
    response = admin.asks(
        one.method, path_of(one, ids), BODIES[name], User_Agent="tests/1", X_Request_ID="request-0001"
    )
    assert response.status_code == one.status, response.text
    assert written(services) == before + 1
    reader = signed_in(app, noor.business_id, "admin", "reader@noor.example")
    entry = reader.gets("/audit", limit=1)["items"][0]
    assert (entry["actor_kind"], entry["actor_id"]) == ("staff", str(admin.id))
    assert (entry["ip"], entry["user_agent"], entry["request_id"]) == ("127.0.0.1", "tests/1", "request-0001")
    assert response.headers["X-Request-ID"] == "request-0001"
    if "<" in one.path:
        assert entry["subject_id"] in one.path or entry["subject_id"] in map(str, ids.values())


def test_a_write_that_is_refused_leaves_nothing(app: Flask, noor: Noor, services: Services, admin: Asker) -> None:
    ids = everything(app, noor.business_id)
    before = written(services)
    assert admin.asks("PATCH", f"/staff/{admin.id}", {"disabled": True}).status_code == 409
    assert admin.asks("PATCH", f"/tickets/{ids['ticket_id']}", {"status": "open"}).status_code == 409
    assert admin.asks("POST", "/api-keys", {"name": "x", "scopes": ["all"]}).status_code == 422
    assert written(services) == before
    assert admin.gets(f"/staff/{admin.id}")["disabled_at"] is None


def written(services: Services) -> int:
    with services.door.for_every_business() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_where_there_is_no_route_is_a_problem_document(nobody: Asker) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("PUT", "/me", 405), ("GET", "/staff/7", 404)):
        response = nobody.asks(method, path)
        assert response.status_code == status
        assert response.content_type == "application/problem+json"
        assert set(response.json) == {"type", "title", "status", "detail", "code"}


def test_every_answer_names_its_request_and_is_kept_by_nobody(admin: Asker, nobody: Asker) -> None:
    large = {"email": "x" * 300_000, "name": "x", "role": "agent"}
    answers = (
        (nobody.asks("GET", "/me", X_Request_ID="request-0001"), 401),
        (admin.asks("GET", "/staff?x=1", X_Request_ID="request-0001"), 422),
        (admin.asks("POST", "/staff", large, X_Request_ID="request-0001"), 413),
        (admin.asks("GET", "/me", X_Request_ID="request-0001"), 200),
    )
    for answer, status in answers:
        assert (answer.status_code, answer.headers["X-Request-ID"]) == (status, "request-0001")
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(admin.asks("GET", "/me", X_Request_ID="a b\tc").headers["X-Request-ID"]) == 36


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.3"), (2, "192.0.2.2"), (5, "127.0.0.1")])
def test_where_a_request_comes_from_is_what_our_own_proxies_say(
    settings: Settings, admin: Asker, proxies: int, seen: str
) -> None:
    app = create_app(settings.model_copy(update={"proxies": proxies}))
    asker = Asker(app, admin.bearer)
    forwarded = "192.0.2.1, 192.0.2.2, 192.0.2.3"
    new = {"email": "new@noor.example", "name": "New", "role": "agent"}
    assert asker.asks("POST", "/staff", new, X_Forwarded_For=forwarded).status_code == 201
    assert asker.gets("/audit")["items"][0]["ip"] == seen
    app.extensions["raseed"].close()
