"""Messages made from prepared content: what is filled in, what is refused, what WhatsApp does not take."""

import json
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.sandbox.conftest import SARA, SMS, WHATSAPP, RoutedClient, Sandbox, Service, wait_for
from tests.sandbox.contents import BUTTONS, LINK, ROWS, TEXT, picker, quick_replies, register


def send(client: Client, sid: str, variables: dict[str, Any] | str | None = None, **more: str) -> str:
    wanted = {"to": f"whatsapp:{SARA}", "from_": WHATSAPP, "content_sid": sid} | more
    if variables is not None:
        wanted["content_variables"] = variables if isinstance(variables, str) else json.dumps(variables)
    return client.messages.create(**wanted).sid or ""


def interactive(sandbox: Sandbox, sid: str) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.message(sid)["extra"]["interactive"]
    return found


def test_variables_are_filled_in_everywhere(client: Client, sandbox: Sandbox) -> None:
    sandbox.inbound()
    sid = send(client, register(client, BUTTONS), {"1": "سارة {{2}}", "2": "ادفع", "3": "1.pay"})
    message = sandbox.message(sid)
    assert message["body"] == "Hello سارة {{2}}, what shall it be?"
    assert client.messages(sid).fetch().body == message["body"]
    assert message["kind"] == "buttons"
    entries = interactive(sandbox, sid)["entries"]
    assert [(entry["title"], entry["id"]) for entry in entries] == [("Balance", "balance"), ("ادفع", "1.pay")]
    wait_for(lambda: sandbox.status(sid) == "delivered")
    rows = interactive(sandbox, send(client, register(client, ROWS), {"1": "Riyadh"}))
    assert (rows["button"], rows["entries"][0]["description"]) == ("Choose", "Olaya, Riyadh")


def test_what_is_left_out_is_filled_from_the_samples(client: Client, sandbox: Sandbox) -> None:
    sid = send(client, register(client, BUTTONS), {"1": "Sara"})
    assert [entry["title"] for entry in interactive(sandbox, sid)["entries"]] == ["Balance", "Pay"]
    assert sandbox.message(send(client, register(client, TEXT)))["body"] == "Your balance is 50 riyals today."


def test_the_body_of_the_resource_can_be_empty(client: Client, sandbox: Sandbox) -> None:
    sandbox.post("settings", content_body_empty=True)
    sid = send(client, register(client, TEXT))
    assert client.messages(sid).fetch().body == ""
    assert sandbox.message(sid)["shown"] == "Your balance is 50 riyals today."


@pytest.mark.parametrize(
    ("code", "variables"),
    [(21656, "{"), (21656, "[]"), (21656, {"1": ""}), (21656, {"1": None}), (21656, {"1": 5}), (21656, {"2": "x"})],
)
def test_bad_variables_are_refused(client: Client, code: int, variables: Any) -> None:
    content = register(client, TEXT, {"9": "no sample of 1"})
    with pytest.raises(TwilioRestException) as caught:
        send(client, content, variables)
    assert (caught.value.status, caught.value.code) == (400, code)


def test_unknown_and_foreign_content_is_refused(client: Client, sandbox: Sandbox) -> None:
    http_client = RoutedClient(sandbox.url)
    foreign = register(Client("AC" + "2" * 32, "other", http_client=http_client), TEXT)
    http_client.close()
    deleted = register(client, TEXT)
    client.content.v1.contents(deleted).delete()
    for content in (foreign, deleted):
        with pytest.raises(TwilioRestException) as caught:
            send(client, content)
        assert caught.value.code == 21655


def test_a_body_grown_too_long_is_refused(client: Client) -> None:
    content = register(client, TEXT)
    with pytest.raises(TwilioRestException) as caught:
        send(client, content, {"1": "x" * 1600})
    assert caught.value.code == 21617


@pytest.mark.parametrize(
    ("types", "variables", "says"),
    [
        (BUTTONS, {"2": "x" * 21}, "actions[1].title has 21 characters, at most 20"),
        (BUTTONS, {"2": " "}, "actions[1].title is required"),
        (BUTTONS, {"3": "x" * 201}, "actions[1].id has 201 characters"),
        (BUTTONS, {"2": "Balance"}, "title differs"),
        (BUTTONS, {"3": "balance"}, "id differs"),
        (BUTTONS, {"1": "x" * 1020}, "at most 1024"),
        (ROWS, {"1": "x" * 70}, "items[0].description has 77 characters, at most 72"),
        (quick_replies(4), {}, "4 quick replies, at most 3 without approval"),
        (picker(1, item="{{1}}"), {"1": "x" * 25}, "item has 25 characters"),
    ],
)
def test_whatsapp_does_not_take_what_grew_too_long(
    client: Client, sandbox: Sandbox, service: Service, types: dict[str, Any], variables: dict[str, str], says: str
) -> None:
    sandbox.inbound()
    sid = send(client, register(client, types), variables, status_callback=service.url)
    wait_for(lambda: service.callbacks(sid) == ["failed"])
    form = service.hits[-1].form
    assert form["ErrorCode"] == "63021"
    assert says in form["ChannelStatusMessage"]


@pytest.mark.parametrize("types", [TEXT, BUTTONS, ROWS, LINK], ids=lambda types: next(iter(types)))
def test_what_nobody_approved_needs_an_open_window(client: Client, sandbox: Sandbox, types: dict[str, Any]) -> None:
    content = register(client, types)
    closed = send(client, content)
    wait_for(lambda: sandbox.message(closed)["error_code"] == 63016)
    sandbox.inbound()
    opened = send(client, content)
    wait_for(lambda: sandbox.status(opened) == "delivered")


def test_an_approved_template_needs_none_and_may_have_more_buttons(client: Client, sandbox: Sandbox) -> None:
    for types in (TEXT, quick_replies(10), LINK):
        content = register(client, types)
        sandbox.post("approvals", sid=content, status="approved")
        sid = send(client, content)
        wait_for(lambda sid=sid: sandbox.status(sid) == "delivered")  # type: ignore[misc]


@pytest.mark.parametrize(
    ("status", "code"), [("rejected", 63040), ("paused", 63041), ("disabled", 63042), ("pending", 63016)]
)
def test_a_template_that_fell_out_of_favour_says_so(client: Client, sandbox: Sandbox, status: str, code: int) -> None:
    content = register(client, TEXT)
    sandbox.post("approvals", sid=content, status=status)
    sid = send(client, content)
    wait_for(lambda: sandbox.message(sid)["error_code"] == code)


def test_a_list_stays_inside_the_window_whatever_was_approved(client: Client, sandbox: Sandbox) -> None:
    content = register(client, ROWS)
    sandbox.post("approvals", sid=content, status="approved")
    sid = send(client, content)
    wait_for(lambda: sandbox.message(sid)["error_code"] == 63016)


def test_a_templates_variable_is_one_line(client: Client, sandbox: Sandbox) -> None:
    content = register(client, TEXT)
    sandbox.post("approvals", sid=content, status="approved")
    sid = send(client, content, {"1": "5\n6"})
    wait_for(lambda: sandbox.message(sid)["error_code"] == 63013)


def test_sms_takes_the_text_or_nothing(client: Client, sandbox: Sandbox) -> None:
    sms = {"to": SARA, "from_": SMS}
    sid = send(client, register(client, BUTTONS | TEXT), {"1": "ستين"}, **sms)
    message = sandbox.message(sid)
    assert (message["body"], message["kind"]) == ("Your balance is ستين riyals today.", "text")
    assert "interactive" not in message["extra"]
    only_buttons = register(client, BUTTONS)
    with pytest.raises(TwilioRestException) as caught:
        send(client, only_buttons, **sms)
    assert caught.value.code == 216602


def test_a_file_is_one_and_has_an_address(client: Client, sandbox: Sandbox) -> None:
    sandbox.inbound()
    bill = f"{sandbox.url}/phone/files/samples/"
    content = register(client, {"twilio/media": {"body": "Your bill", "media": [bill + "{{1}}"]}})
    sid = send(client, content, {"1": "bill.pdf"})
    wait_for(lambda: sandbox.status(sid) == "delivered")
    message = sandbox.message(sid)
    assert (message["kind"], message["body"], message["media"][0]["size"] > 0) == ("document", "Your bill", True)
    broken = register(client, {"twilio/media": {"media": ["{{1}}"]}})
    with pytest.raises(TwilioRestException) as caught:
        send(client, broken, {"1": "bill.pdf"})
    assert caught.value.code == 21620
