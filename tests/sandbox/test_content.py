"""The Content API, by Twilio's own client."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

from sandbox.twilio.config import parse
from sandbox.twilio.content.model import Content
from sandbox.twilio.world import World
from tests.sandbox.conftest import ACCOUNT, SECRET, RoutedClient, Sandbox, config_for, wait_for
from tests.sandbox.contents import BUTTONS, LINK, ROWS, SAMPLES, TEXT, picker, quick_replies, register


def submit(client: Client, sid: str, name: str = "greeting", category: str = "UTILITY") -> str:
    request = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": category})
    return str(client.content.v1.contents(sid).approval_create.create(request).status)


def approval(client: Client, sid: str) -> dict[str, Any]:
    return client.content.v1.contents(sid).approval_fetch().fetch().whatsapp or {}


def test_content_is_made_fetched_and_deleted(client: Client) -> None:
    sid = register(client, BUTTONS, friendly_name="menu", language="ar")
    content = client.content.v1.contents(sid).fetch()
    assert (content.sid[:2], len(content.sid), content.account_sid) == ("HX", 34, ACCOUNT)
    assert (content.friendly_name, content.language, content.variables) == ("menu", "ar", SAMPLES)
    assert content.types == BUTTONS
    assert isinstance(content.date_created, dt.datetime)
    assert content.url == f"https://content.twilio.com/v1/Content/{sid}"
    assert set(content.links) == {"approval_create", "approval_fetch"}
    assert client.content.v1.contents(sid).delete()
    with pytest.raises(TwilioRestException) as caught:
        client.content.v1.contents(sid).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_lists_page_by_absolute_addresses(client: Client, sandbox: Sandbox) -> None:
    sids = [register(client, TEXT, friendly_name=f"n{n}") for n in range(5)]
    assert [one.sid for one in client.content.v1.contents.list(page_size=2)] == sids[::-1]
    assert [one.sid for one in client.content.v1.contents.list(limit=3)] == sids[:1:-1]
    shown = client.content.v1.content_and_approvals.list(page_size=3)
    assert [one.sid for one in shown] == sids[::-1]
    assert shown[0].approval_requests["status"] == "unsubmitted"
    url = f"{sandbox.url}/v1/Content?PageSize=2"
    meta = requests.get(url, auth=(ACCOUNT, SECRET), timeout=5).json()["meta"]
    assert (meta["key"], meta["previous_page_url"]) == ("contents", None)
    assert meta["next_page_url"].startswith(f"{sandbox.url}/v1/Content?")


def test_one_account_does_not_see_anothers_content(client: Client, sandbox: Sandbox) -> None:
    sid = register(client, TEXT)
    http_client = RoutedClient(sandbox.url)
    other = Client("AC" + "2" * 32, "other", http_client=http_client)
    assert other.content.v1.contents.list() == []
    with pytest.raises(TwilioRestException) as caught:
        other.content.v1.contents(sid).fetch()
    assert caught.value.code == 20404
    http_client.close()


@pytest.mark.parametrize("auth", [None, (ACCOUNT, "wrong")])
def test_wrong_credentials_are_401(sandbox: Sandbox, auth: Any) -> None:
    answer = requests.get(f"{sandbox.url}/v1/Content", auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


@pytest.mark.parametrize(
    ("code", "wanted", "says"),
    [
        (92001, {"types": {}}, "Required"),
        (92003, {"language": ""}, "required"),
        (92004, {"language": "Arabic"}, "language"),
        (92002, {"types": {"twilio/card": {"title": "x"}}}, "twilio/card"),
        (92007, {"types": {"twilio/text": {"body": "x {{1}"}}}, "Variables"),
        (92007, {"variables": {"1": 5}}, "Variables"),
        (20001, {"types": {"twilio/text": {"body": " "}}}, "body is required"),
        (20001, {"types": {"twilio/text": {"body": "x" * 1601}}}, "1601 characters"),
        (20001, {"types": quick_replies(11)}, "holds 11, at most 10"),
        (20001, {"types": quick_replies(1, title="x" * 21)}, "actions[0].title has 21 characters, at most 20"),
        (20001, {"types": quick_replies(1, title="")}, "actions[0].title is required"),
        (20001, {"types": quick_replies(1, id="x" * 201)}, "actions[0].id has 201 characters"),
        (20001, {"types": quick_replies(2, title="same")}, "title differs"),
        (20001, {"types": quick_replies(1, type="URL")}, "type is one of QUICK_REPLY"),
        (20001, {"types": picker(11)}, "items holds 11"),
        (20001, {"types": picker(1, item="x" * 25)}, "item has 25 characters, at most 24"),
        (20001, {"types": picker(1, description="x" * 73)}, "description has 73 characters, at most 72"),
        (20001, {"types": picker(2, id="same")}, "id differs"),
        (20001, {"types": picker(1, button="x" * 21)}, "button has 21 characters"),
        (20001, {"types": {"twilio/media": {"body": "x"}}}, "media is required"),
        (20001, {"types": {"twilio/call-to-action": {"body": "x" * 641, "actions": []}}}, "at most 640"),
    ],
)
def test_what_twilio_refuses_is_refused(client: Client, code: int, wanted: dict[str, Any], says: str) -> None:
    with pytest.raises(TwilioRestException) as caught:
        register(client, **({"types": TEXT} | wanted))
    assert (caught.value.status, caught.value.code) == (400, code)
    assert says in caught.value.msg


def test_only_what_is_fixed_is_measured_at_first(client: Client) -> None:
    assert register(client, quick_replies(1, title="{{a_rather_long_name_of_a_variable}}"))


def test_a_template_is_received_then_pending_then_approved(client: Client, sandbox: Sandbox) -> None:
    sandbox.post("settings", approval_delay_ms=100)
    sid = register(client, BUTTONS)
    assert approval(client, sid)["status"] == "unsubmitted"
    assert submit(client, sid) == "received"
    wait_for(lambda: approval(client, sid)["status"] == "pending")
    wait_for(lambda: approval(client, sid)["status"] == "approved")
    expected = {"type": "whatsapp", "name": "greeting", "category": "UTILITY", "content_type": "twilio/quick-reply"}
    assert expected.items() <= approval(client, sid).items()
    listed = client.content.v1.content_and_approvals.list()[0]
    assert listed.approval_requests["status"] == "approved"
    with pytest.raises(TwilioRestException):
        submit(client, sid)


def test_approval_can_be_held_and_decided_by_hand(client: Client, sandbox: Sandbox) -> None:
    sandbox.post("settings", approval_delay_ms=5, approvals="hold")
    held, other = register(client, BUTTONS), register(client, TEXT)
    submit(client, held)
    submit(client, other, "other")
    wait_for(lambda: {approval(client, one)["status"] for one in (held, other)} == {"pending"})
    assert sandbox.post("approvals", sid=held, status="rejected", reason="TAG")["decided"] == [held]
    assert approval(client, held)["rejection_reason"] == "TAG"
    assert submit(client, held, "again") == "received"
    assert sandbox.post("approvals")["decided"] == [other, held]
    assert approval(client, held)["status"] == "approved"
    assert sandbox.get("contents")["items"][0]["approval_requests"]["status"] == "approved"


def test_what_was_held_goes_on_when_it_no_longer_is(client: Client, sandbox: Sandbox) -> None:
    sandbox.post("settings", approval_delay_ms=5, approvals="hold")
    sid = register(client, BUTTONS)
    submit(client, sid)
    wait_for(lambda: approval(client, sid)["status"] == "pending")
    sandbox.post("settings", approvals="reject")
    wait_for(lambda: approval(client, sid)["status"] == "rejected")


@pytest.mark.parametrize(
    ("body", "samples", "reason"),
    [
        ("{{1}} is your balance.", {"1": "5"}, "starts or ends"),
        ("Your balance is {{1}}", {"1": "5"}, "starts or ends"),
        ("You owe {{1}} {{2}} today.", {"1": "5", "2": "SAR"}, "side by side"),
        ("You owe {{1}} today.", {"2": "5"}, "no sample for variable 1"),
        ("You owe {{2}} today.", {"2": "5"}, "numbered"),
    ],
)
def test_whatsapp_rejects_bad_templates(
    client: Client, sandbox: Sandbox, body: str, samples: dict[str, str], reason: str
) -> None:
    sandbox.post("settings", approval_delay_ms=5)
    sid = register(client, {"twilio/text": {"body": body}}, samples)
    submit(client, sid)
    wait_for(lambda: approval(client, sid)["status"] == "rejected")
    assert reason in approval(client, sid)["rejection_reason"]


@pytest.mark.parametrize(
    ("types", "name", "category"),
    [(ROWS, "menu", "UTILITY"), (TEXT, "Not Allowed", "UTILITY"), (TEXT, "fine", "NEWS")],
)
def test_what_cannot_be_submitted(client: Client, types: dict[str, Any], name: str, category: str) -> None:
    sid = register(client, types)
    with pytest.raises(TwilioRestException) as caught:
        submit(client, sid, name, category)
    assert caught.value.status == 400
    assert approval(client, sid)["status"] == "unsubmitted"


def test_a_reset_can_spare_what_was_registered(client: Client, sandbox: Sandbox) -> None:
    sid = register(client, LINK)
    sandbox.post("reset", keep_contents=True)
    assert [one.sid for one in client.content.v1.contents.list()] == [sid]
    sandbox.post("reset")
    assert client.content.v1.contents.list() == []


def test_contents_and_approvals_outlive_a_restart(tmp_path: Path) -> None:
    config = parse(config_for("http://x") | {"settings": {"approval_delay_ms": 5}})
    first = World(config, tmp_path)
    content = Content("HX1", ACCOUNT, "a", "en", SAMPLES, TEXT, 1.0, 1.0)
    first.shelf.put(content)
    first.settings.change({"approvals": "hold"})
    first.approvals.submit(content, "a", "UTILITY")
    first.stop()
    second = World(config, tmp_path)
    wait_for(lambda: second.shelf.all()[0].approved)
    second.shelf.remove(second.shelf.all()[0])
    second.stop()
    third = World(config, tmp_path)
    assert third.shelf.all() == []
    third.stop()


@pytest.mark.parametrize("wrong", [{"status": "perhaps"}, {"sid": "HX0", "status": "approved"}])
def test_a_wrong_decision_is_a_clear_400(sandbox: Sandbox, wrong: dict[str, str]) -> None:
    answer = requests.post(f"{sandbox.url}/control/approvals", json=wrong, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]
