"""What the resources show, find and change."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain.clock import now
from domain.conversations import Conversation
from domain.customers import Customer
from domain.messages import Message
from domain.notifications import notify
from domain.senders import Sender
from domain.templates import add_version
from domain.tickets import TicketEvent
from tests.api.people import Asker
from tests.api.things import everything
from tests.chat import Chat
from tests.noor import OMAR, SARA, Noor


@pytest.fixture
def ids(app: Flask, noor: Noor) -> dict[str, Any]:
    return everything(app, noor.business_id)


def test_customers_are_found(viewer: Asker) -> None:
    def found(**query: Any) -> list[str]:
        return [one["account_no"] for one in viewer.gets("/customers", **query)["items"]]

    assert found() == ["1001", "1002", "1003", "1004", "1005"]
    assert found(account_no="1003") == ["1003"]
    assert found(phone="0500000002") == found(phone=OMAR) == ["1002", "1003"]
    assert found(name="omar") == ["1002", "1003"]
    assert found(name="سارة") == ["1001"]
    assert found(name="%m") == found(name="_mar") == []
    assert found(name="omar", account_no="1002") == ["1002"]
    assert viewer.asks("GET", "/customers?phone=abc").json["errors"][0]["field"] == "phone"


def test_a_customer_in_full(viewer: Asker) -> None:
    listed = viewer.gets("/customers", phone=SARA)["items"][0]
    shown = viewer.gets(f"/customers/{listed['id']}")
    assert {name: shown[name] for name in listed} == listed
    assert shown["opening_balance"] == {"minor": 0, "currency": "SAR"}
    assert [(one["channel"], one["address"]) for one in shown["contacts"]] == [("sms", SARA), ("whatsapp", SARA)]


def test_pages_follow_each_other_and_end(viewer: Asker) -> None:
    seen, cursor, pages = [], None, 0
    while True:
        page = viewer.gets("/customers", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["account_no"] for one in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
        if cursor is None:
            break
    assert (seen, pages) == (["1001", "1002", "1003", "1004", "1005"], 3)


def test_a_cursor_can_t_be_made_up(app: Flask, viewer: Asker) -> None:
    cursor = viewer.gets("/customers", limit=2)["next_cursor"]
    for bad in ("x", "", cursor[:-4] + "AAAA", cursor[4:], "é", cursor + "AAAA"):
        response = viewer.asks("GET", f"/customers?cursor={bad}")
        assert (response.status_code, response.json["code"]) == (422, "bad_cursor"), bad
    assert viewer.asks("GET", f"/contacts?cursor={cursor}").status_code == 422


def test_what_is_wrong_is_said_of_each_field(admin: Asker) -> None:
    response = admin.asks("POST", "/staff", {"email": "no", "name": "", "role": "king", "nickname": "x"})
    assert response.status_code == 422
    assert {error["field"] for error in response.json["errors"]} == {"email", "name", "role", "nickname"}
    assert admin.asks("GET", "/customers?limit=0").json["errors"][0]["field"] == "limit"
    assert admin.asks("GET", "/customers?limit=2&limit=3").json["errors"][0]["code"] == "given_twice"
    assert admin.asks("GET", "/me?limit=2").status_code == 422
    assert admin.asks("POST", "/staff", {"email": "a@b.example", "name": "a\0b", "role": "agent"}).status_code == 422
    client = admin.app.test_client()
    bearer = {"Authorization": f"Bearer {admin.bearer}"}
    for body, kind, status in (("{", "application/json", 400), ("[]", "application/json", 422), ("a", "text/csv", 415)):
        done = client.post("/api/v1/staff", data=body, content_type=kind, headers=bearer)
        assert (done.status_code, done.content_type) == (status, "application/problem+json")


def test_messages_are_found(app: Flask, viewer: Asker, ids: dict[str, Any], noor: Noor, services: Services) -> None:
    every = viewer.gets("/messages", limit=200)["items"]
    assert [one["created_at"] for one in every] == sorted((one["created_at"] for one in every), reverse=True)
    inbound = viewer.gets("/messages", status="received", limit=200)["items"]
    assert {one["direction"] for one in inbound} == {"inbound"}
    assert len(inbound) == 9
    queued = viewer.gets("/messages", status="queued", limit=200)["items"]
    assert len(queued) + len(inbound) == len(every)
    assert (queued[0]["to"], inbound[0]["to"]) == (SARA, "+966112000001")
    assert viewer.gets("/messages", channel="sms")["items"] == []
    assert len(viewer.gets("/messages", channel="whatsapp", limit=200)["items"]) == len(every)
    assert viewer.gets("/messages", until="2020-01-01T00:00:00+03:00")["items"] == []
    assert len(viewer.gets("/messages", since="2020-01-01T00:00:00+03:00", limit=200)["items"]) == len(every)
    assert viewer.asks("GET", "/messages?since=2020-01-01T00:00:00").status_code == 422
    hers = viewer.gets("/messages", customer_id=ids["customer_id"], limit=200)["items"]
    assert hers == [one for one in every if one["contact"] == SARA] != []
    others = viewer.gets("/customers", phone=OMAR)["items"][0]["id"]
    assert viewer.gets("/messages", customer_id=others)["items"] == []
    assert viewer.gets(f"/messages/{every[0]['id']}") == every[0]


def test_messages_come_in_pages_of_any_size(viewer: Asker, ids: dict[str, Any]) -> None:
    every = [one["id"] for one in viewer.gets("/messages", limit=200)["items"]]
    for query in ({}, {"channel": "whatsapp"}):
        seen, cursor = [], None
        while True:
            page = viewer.gets("/messages", limit=3, **query, **({"cursor": cursor} if cursor else {}))
            seen += [one["id"] for one in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == every


def test_a_one_time_code_is_never_shown(viewer: Asker, ids: dict[str, Any], noor: Noor, services: Services) -> None:
    with services.door.for_business(noor.business_id) as session:
        talk = session.scalars(select(Conversation)).first()
        assert talk
        session.add(
            Message(
                business_id=noor.business_id,
                direction="outbound",
                channel="whatsapp",
                kind="code",
                sender_id=talk.sender_id,
                contact_id=talk.contact_id,
                conversation_id=talk.id,
                customer_id=ids["customer_id"],
                status="queued",
                text="Your code is 864209.",
            )
        )
    newest = viewer.gets("/messages", limit=1)["items"][0]
    assert newest["kind"] == "code"
    timeline = viewer.gets(f"/customers/{ids['customer_id']}/timeline", limit=200)
    for told in (str(newest), str(viewer.gets(f"/messages/{newest['id']}")), str(timeline)):
        assert newest["id"] in told
        assert "864209" not in told


def test_a_timeline_has_everything_in_order(agent: Asker, ids: dict[str, Any]) -> None:
    agent.asks("PATCH", f"/tickets/{ids['ticket_id']}", {"status": "in_progress"})
    path = f"/customers/{ids['customer_id']}/timeline"
    every = agent.gets(path, limit=200)["items"]
    assert {one["kind"] for one in every} >= {"message", "ticket"}
    keys = [(one["created_at"], one["id"]) for one in every]
    assert keys == sorted(keys, reverse=True)
    for one in every:
        assert one[one["kind"]]["id"] == one["id"]
        assert [kind for kind in ("message", "ticket", "consent") if one[kind]] == [one["kind"]]
    seen, cursor = [], None
    while True:
        page = agent.gets(path, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == every


def test_a_ticket_is_moved_and_its_customer_told(
    app: Flask, agent: Asker, ids: dict[str, Any], services: Services
) -> None:
    sara = Chat(app, SARA)
    sara.reads()
    path = f"/tickets/{ids['ticket_id']}"
    before = agent.gets(path)
    assert (before["status"], "in_progress" in before["may_become"]) == ("open", True)
    moved = agent.asks("PATCH", path, {"status": "in_progress", "words": "We are on our way."})
    assert (moved.status_code, moved.json["status"]) == (200, "in_progress")
    event = moved.json["events"][-1]
    assert (event["actor"], event["actor_name"], event["to_status"]) == ("staff", "agent@noor.example", "in_progress")
    sara.reads()
    assert any("We are on our way." in said for said in sara.answers)
    again = agent.asks("PATCH", path, {"status": "open"})
    assert (again.status_code, again.json["code"]) == (409, "illegal_transition")
    with services.door.for_every_business() as session:
        assert len(session.scalars(select(TicketEvent).where(TicketEvent.action == "moved")).all()) == 1
    assert [one["id"] for one in agent.gets("/tickets", status="in_progress")["items"]] == [str(ids["ticket_id"])]
    assert agent.gets("/tickets", status="closed")["items"] == []
    assert len(agent.gets("/tickets", number=moved.json["number"], kind=moved.json["kind"])["items"]) == 1


def test_a_sender_is_slowed_and_stopped(admin: Asker, services: Services, noor: Noor) -> None:
    one = admin.gets("/senders")["items"][0]
    assert set(one) >= {"id", "address", "channel", "messages_per_second", "enabled", "paused_until"}
    path = f"/senders/{one['id']}"
    changed = admin.asks("PATCH", path, {"messages_per_second": 2.5, "enabled": False}).json
    assert (changed["messages_per_second"], changed["enabled"]) == (2.5, False)
    assert admin.gets(path) == changed
    entry = admin.gets("/audit", action="sender.changed")["items"][0]
    assert (entry["before"]["enabled"], entry["after"]) == (True, {"enabled": False, "messages_per_second": "2.500"})
    for pace in (0, -1, 99999.99999999997, 1e9, "fast"):
        assert admin.asks("PATCH", path, {"messages_per_second": pace}).status_code == 422
    with services.door.for_business(noor.business_id) as session:
        assert session.scalars(select(Sender.enabled).where(Sender.id == one["id"])).one() is False


def test_the_rules_the_hours_and_the_holidays_are_changed(admin: Asker, agent: Asker) -> None:
    known = admin.gets("/business")
    assert (known["code"], known["vat_rate"], known["campaigns_a_week"], known["hours"]) == ("NOOR", "0.15", 3, [])
    hours = [{"weekday": 0, "opens": "08:00", "closes": "17:00"}]
    holidays = [{"date": "2027-09-23", "name_en": "National Day", "name_ar": "اليوم الوطني"}]
    wanted = {"campaigns_a_week": 1, "overdue_pause_days": 20, "hours": hours, "holidays": holidays}
    assert agent.asks("PATCH", "/business", wanted).status_code == 403
    changed = admin.asks("PATCH", "/business", wanted).json
    assert changed == {**known, **wanted} == admin.gets("/business")
    entry = admin.gets("/audit", action="business.changed")["items"][0]
    assert entry["before"] == {"campaigns_a_week": 3, "overdue_pause_days": None, "hours": [], "holidays": []}
    assert entry["after"] == wanted
    assert admin.asks("PATCH", "/business", {"overdue_pause_days": None, "holidays": []}).json["holidays"] == []
    for wrong in (
        {"campaigns_a_week": None},
        {"pause_shortest_days": 91},
        {"campaigns_a_week": -1},
        {"hours": hours * 2},
        {"hours": [*hours, {"weekday": 1, "opens": "08:00Z", "closes": "09:00"}]},
        {"holidays": holidays * 2},
        {"currency": "USD"},
    ):
        assert admin.asks("PATCH", "/business", wrong).status_code == 422, wrong
    assert admin.gets("/business")["pause_shortest_days"] == 1


def test_conversations_and_contacts(viewer: Asker, ids: dict[str, Any], services: Services, noor: Noor) -> None:
    talk = viewer.gets("/conversations", customer_id=ids["customer_id"])["items"][0]
    assert (talk["contact"], talk["sender"], talk["channel"]) == (SARA, "+966112000001", "whatsapp")
    assert "data" not in talk
    assert viewer.gets("/conversations", person_wanted="true")["items"] == []
    assert len(viewer.gets("/conversations", person_wanted="false")["items"]) == 3
    with services.door.for_business(noor.business_id) as session:
        session.get_one(Conversation, talk["id"]).person_wanted_at = now()
    assert viewer.gets("/conversations", person_wanted="true", contact_id=talk["contact_id"])["items"]
    contact = viewer.gets(f"/contacts/{talk['contact_id']}")
    with services.door.for_business(noor.business_id) as session:
        sara = session.scalars(select(Customer.id).where(Customer.phone == SARA)).one()
    assert (contact["address"], contact["customer_ids"]) == (SARA, [str(sara)])
    assert len(viewer.gets("/contacts", address=SARA)["items"]) == 2
    assert len(viewer.gets("/contacts", address=SARA, channel="sms")["items"]) == 1


def test_notifications_are_read_once_for_all(agent: Asker, viewer: Asker, noor: Noor, services: Services) -> None:
    with services.door.for_business(noor.business_id) as session:
        for number in range(3):
            notify(session, noor.business_id, "sender_fails", "critical", {"code": str(number), "failed": number})
    unread = viewer.gets("/notifications", unread="true")["items"]
    assert [one["facts"]["failed"] for one in unread] == [2, 1, 0]
    path = f"/notifications/{unread[0]['id']}/read"
    first = agent.asks("POST", path).json["read_at"]
    assert agent.asks("POST", path).json["read_at"] == first
    assert len(viewer.gets("/notifications", unread="true")["items"]) == 2
    assert [one["id"] for one in viewer.gets("/notifications", unread="false")["items"]] == [unread[0]["id"]]


def test_templates_are_what_was_asked_to_be_approved(viewer: Asker, noor: Noor, services: Services) -> None:
    row = {
        "account_sid": "AC1",
        "name": "ticket_news",
        "language": "ar",
        "version": 2,
        "category": "utility",
        "body": "{{1}}!",
        "variables": ["ticket"],
        "content_sid": "HX1",
        "status": "rejected",
    }
    with services.door.for_business(noor.business_id) as session:
        add_version(session, [noor.business_id], row)
    (shown,) = viewer.gets("/templates")["items"]
    assert {name: shown[name] for name in row} == row
