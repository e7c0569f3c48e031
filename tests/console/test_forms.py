"""Forms: what is wrong is said beside its field and what was written stays; and what comes of each."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain.bearers import ApiKey
from domain.messages import Message
from domain.notifications import notify
from domain.senders import Sender
from tests.api.people import Asker
from tests.console.people import PAGES, Visitor, at_work, path_of, things, visitor
from tests.noor import OMAR, SARA, Noor


def test_a_ticket_moves_on_and_its_customer_is_told(app: Flask, noor: Noor, agent: Visitor, services: Services) -> None:
    path = path_of(PAGES["ticket_page"], things(app, noor.business_id))
    done = agent.fills_in(path, path, {"status": "in_progress", "words": "نحن <b>في</b> الطريق"})
    shown = agent.client.get(done.headers["Location"]).text
    assert "The state is changed" in shown
    assert "نحن &lt;b&gt;في&lt;/b&gt; الطريق" in shown
    with services.door.for_business(noor.business_id) as session:
        said = session.scalars(select(Message.text).where(Message.kind == "notice")).all()
    assert any("الطريق" in text for text in said)
    wrong = agent.fills_in(path, path, {"status": "open", "words": "kept as it was"})
    assert wrong.status_code == 409
    assert "not possible from the present state" in wrong.text
    assert ">kept as it was</textarea>" in wrong.text
    bad = agent.fills_in(path, path, {"status": "nothing", "words": "x" * 1001})
    assert bad.status_code == 422
    assert {'id="e-status"', 'id="e-words"'} <= set(re.findall(r'id="e-\w+"', bad.text))


@pytest.mark.parametrize(
    ("stands", "offered"),
    [
        ("pause_subscription", {"pause", "stop", "cancel"}),
        ("cancel_planned_pause", {"cancel-pause", "stop", "cancel"}),
        ("resume_subscription", {"resume", "stop"}),
        ("reactivate_subscription", {"reactivate"}),
    ],
)
def test_a_subscription_offers_what_its_state_allows(
    app: Flask, noor: Noor, agent: Visitor, viewer: Visitor, stands: str, offered: set[str]
) -> None:
    subscription = things(app, noor.business_id)[f"{stands}.subscription_id"]
    path = f"/subscriptions/{subscription}"
    found = re.findall(rf'href="/console{path}/([a-z-]+)"', agent.opens(path).text)
    assert set(found) == offered
    assert f"{path}/" not in viewer.opens(path).text
    for action in {"pause", "cancel-pause", "resume", "reactivate", "stop", "cancel"} - offered:
        assert agent.opens(f"{path}/{action}").status_code == 409, action


def test_a_pause_is_refused_by_the_rules_and_done_with_a_reason(app: Flask, noor: Noor, agent: Visitor) -> None:
    path = f"/subscriptions/{things(app, noor.business_id)['subscription_id']}"
    until = (noor.today + timedelta(days=300)).isoformat()
    too_long = agent.fills_in(f"{path}/pause", f"{path}/pause", {"reason": "Travelling", "until": until})
    assert too_long.status_code == 409
    assert "longer than the business allows" in too_long.text
    assert f'value="{until}"' in too_long.text
    bad = agent.fills_in(f"{path}/pause", f"{path}/pause", {"from": "tomorrow"})
    assert (bad.status_code, 'id="e-from"' in bad.text) == (422, True)
    fields = {"reason": "Travelling", "until": until, "override": "Agreed with the manager"}
    done = agent.fills_in(f"{path}/pause", f"{path}/pause", fields)
    shown = agent.client.get(done.headers["Location"]).text
    assert "Agreed with the manager" in shown
    assert "The customer is told" in shown


def test_a_key_is_shown_once_and_revoked(app: Flask, noor: Noor, admin: Visitor, services: Services) -> None:
    without = admin.fills_in("/api-keys", "/api-keys", {"name": "billing"})
    assert (without.status_code, 'id="e-scopes"' in without.text) == (422, True)
    late = {"name": "billing", "scopes": ["customers:read", "viewer"], "expires_at": "2020-01-01"}
    past = admin.fills_in("/api-keys", "/api-keys", late)
    assert (past.status_code, 'id="e-expires_at"' in past.text) == (422, True)
    assert len(re.findall(r'name="scopes"[^>]* checked', past.text)) == 2
    made = admin.fills_in("/api-keys", "/api-keys", {**late, "expires_at": ""}).text
    key = re.search(r">(rk_[\w-]+)</bdi>", made)
    assert key
    assert Asker(app, key[1]).gets("/customers")["items"]
    assert key[1] not in admin.opens("/api-keys").text
    with services.door.for_business(noor.business_id) as session:
        key_id = session.scalars(select(ApiKey.id)).one()
    assert admin.fills_in(f"/api-keys/{key_id}/revoke", "/api-keys").status_code == 303
    assert Asker(app, key[1]).asks("GET", "/customers").status_code == 401


def test_who_is_invited_comes_in_by_the_address_that_is_shown(app: Flask, admin: Visitor) -> None:
    fields = {"name": "Omar", "email": "omar@noor.example", "role": "viewer", "language": "ar"}
    shown = admin.fills_in("/staff", "/staff", fields).text
    address = re.search(r"http://127\.0\.0\.1:8000/console(/welcome\?token=[\w-]+)", shown)
    assert address
    token = address[1].partition("=")[2]
    omar = visitor(app)
    done = omar.fills_in("/welcome", address[1], {"token": token, "password": "his good password"})
    assert done.headers["Location"] == "/console/sign-in?done=password_set"
    omar.fills_in("/sign-in", "/sign-in", {"email": "omar@noor.example", "password": "his good password"})
    assert omar.opens("").headers["Content-Language"] == "ar"
    again = admin.fills_in("/staff", "/staff", fields)
    assert (again.status_code, "already" in again.text or "There is somebody" in again.text) == (409, True)


def test_the_last_admin_stays(admin: Visitor) -> None:
    path = f"/staff/{admin.id}"
    answer = admin.fills_in(path, path, {"name": "x", "role": "viewer", "language": "en"})
    assert answer.status_code == 409
    assert "last one who may do everything" in answer.text


def test_a_sender_is_slowed(app: Flask, noor: Noor, admin: Visitor, agent: Visitor, services: Services) -> None:
    path = path_of(PAGES["sender_page"], things(app, noor.business_id))
    assert "<form" not in agent.opens(path).text.partition("<main")[2]
    assert admin.fills_in(path, path, {"messages_per_second": "0"}).status_code == 422
    assert admin.fills_in(path, path, {"enabled": "false", "messages_per_second": "2.5"}).status_code == 303
    with services.door.for_business(noor.business_id) as session:
        sender = session.scalars(select(Sender).where(Sender.enabled.is_(False))).one()
    assert str(sender.messages_per_second) == "2.500"
    assert 'value="2.5"' in admin.opens(path).text


def test_home_counts_what_needs_somebody(app: Flask, noor: Noor, viewer: Visitor, services: Services) -> None:
    things(app, noor.business_id)
    with services.door.for_business(noor.business_id) as session:
        for number in range(101):
            notify(session, noor.business_id, "balance_low", "critical", {"code": str(number)})
    shown = viewer.opens("").text
    assert re.search(r"<strong>1</strong><span>Tickets to settle", shown)
    assert "99+" in shown
    assert shown.count("Little is left on the Twilio account.") == 5


def test_customers_are_found_by_whatever_is_known_of_them(app: Flask, noor: Noor, viewer: Visitor) -> None:
    for asked, names in {
        "1001": ["Sara Al-Ghamdi"],
        SARA: ["Sara Al-Ghamdi"],
        "0500000002": ["Omar Hassan", "Omar&#39;s Shop"],
        OMAR: ["Omar Hassan", "Omar&#39;s Shop"],
        "omar": ["Omar Hassan", "Omar&#39;s Shop"],
        "سار": ["Sara Al-Ghamdi"],
        "nobody": [],
    }.items():
        shown = viewer.client.get("/console/customers", query_string={"search": asked})
        assert shown.status_code == 200, asked
        assert re.findall(r'/customers/[0-9a-f-]{36}"><bdi>([^<]+)<', shown.text) == names, asked
    assert viewer.opens("/customers?search=x").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/messages?since=tomorrow",
        "/messages?status=x",
        "/tickets?number=x",
        "/conversations?phone=x",
        "/audit?cursor=x",
    ],
)
def test_a_bad_filter_is_said_and_finds_nothing(app: Flask, noor: Noor, admin: Visitor, path: str) -> None:
    assert admin.opens(path).status_code == 422


@pytest.mark.parametrize("given", ["%00", "%FF", "%ED%A0%80", "x" * 3000, "%3Cscript%3E", "9" * 30, "-1", "[]"])
def test_nothing_that_is_written_into_an_address_breaks_a_page(viewer: Visitor, noor: Noor, given: str) -> None:
    for page, names in {
        "/conversations": ("phone", "show", "cursor"),
        "/customers": ("search", "account_no"),
        "/invoices": ("invoice_no", "show"),
        "/messages": ("status", "since", "until", "customer_id"),
        "/tickets": ("number", "kind"),
        "/subscriptions": ("reference",),
        "/notifications": ("unread", "done"),
    }.items():
        for name in names:
            answer = viewer.opens(f"{page}?{name}={given}")
            assert answer.status_code in {200, 422}, (page, name)
            assert "<script>" not in answer.text


def test_times_are_those_of_the_business(app: Flask, noor: Noor, services: Services, viewer: Visitor) -> None:
    ids = things(app, noor.business_id)
    with services.door.for_business(noor.business_id) as session:
        at = session.scalars(select(Message.created_at).where(Message.id == ids["message_id"])).one()
    shown = viewer.opens(f"/messages/{ids['message_id']}").text
    assert re.search(r'<time datetime="[^"]+\+03:00">', shown)
    day = (at + timedelta(hours=3)).date().isoformat()
    assert f"/messages/{ids['message_id']}" in viewer.opens(f"/messages?since={day}&until={day}").text
    after = (at + timedelta(hours=3, days=1)).date().isoformat()
    assert f"/messages/{ids['message_id']}" not in viewer.opens(f"/messages?since={after}").text


def test_lists_go_on_page_by_page(app: Flask, noor: Noor, services: Services) -> None:
    reader = at_work(app, noor.business_id, "viewer")
    things(app, noor.business_id)
    with services.door.for_business(noor.business_id) as session:
        for number in range(30):
            notify(session, noor.business_id, "balance_low", "critical", {"code": str(number)})
    path, seen = "/notifications?unread=true", 0
    while path:
        shown = reader.opens(path).text
        seen += shown.count('class="card notice')
        further = re.search(r'rel="next" href="([^"]+)"', shown)
        path = f"/notifications{further[1].replace('&amp;', '&')}" if further else ""
    assert seen == 31
