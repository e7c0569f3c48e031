"""Taps on buttons and list rows, and how each arrives."""

from typing import Any

import pytest
import requests
from twilio.rest import Client

from tests.sandbox.conftest import SARA, SMS, WHATSAPP, Sandbox, Service, wait_for
from tests.sandbox.contents import BUTTONS, LINK, ROWS, TEXT, register
from tests.sandbox.test_content_messages import send


def delivered(client: Client, sandbox: Sandbox, types: dict[str, Any]) -> str:
    sandbox.inbound()
    sid = send(client, register(client, types))
    wait_for(lambda: sandbox.status(sid) == "delivered")
    return sid


def test_a_quick_reply_arrives_as_twilio_says(client: Client, sandbox: Sandbox, service: Service) -> None:
    sid = delivered(client, sandbox, BUTTONS)
    result = sandbox.post("tap", sid=sid, id="pay")
    hit = service.hits[-1]
    assert (result["status"], service.signed_rightly(hit)) == (200, True)
    expected = {"Body": "Pay", "ButtonText": "Pay", "ButtonPayload": "pay", "ButtonType": "REPLY"}
    expected |= {"MessageType": "button", "OriginalRepliedMessageSid": sid, "OriginalRepliedMessageSender": WHATSAPP}
    assert expected.items() <= hit.form.items()
    assert hit.form["MessageSid"] == result["sid"]
    assert sandbox.post("tap", sid=sid, id="pay", duplicate=True)["statuses"] == [200, 200]


@pytest.mark.parametrize(
    ("selection", "expected", "absent"),
    [
        ("list", {"ListId": "m1", "ListTitle": "Home", "ListDescription": "Olaya, 50"}, "ButtonPayload"),
        ("button", {"ButtonPayload": "m1", "ButtonText": "Home"}, "ListId"),
        ("body", {}, "ButtonPayload"),
    ],
)
def test_a_list_row_arrives_in_any_of_three_ways(
    client: Client, sandbox: Sandbox, service: Service, selection: str, expected: dict[str, str], absent: str
) -> None:
    sandbox.post("settings", list_selection=selection)
    sid = delivered(client, sandbox, ROWS)
    sandbox.post("tap", sid=sid, id="m1")
    form = service.hits[-1].form
    assert (expected | {"Body": "Home", "OriginalRepliedMessageSid": sid}).items() <= form.items()
    assert absent not in form


def test_old_messages_stay_tappable(client: Client, sandbox: Sandbox, service: Service) -> None:
    old, new = delivered(client, sandbox, BUTTONS), delivered(client, sandbox, ROWS)
    for sid, entry in ((old, "balance"), (new, "m2"), (old, "balance")):
        sandbox.post("tap", sid=sid, id=entry)
        assert service.hits[-1].form["OriginalRepliedMessageSid"] == sid
    assert "ListDescription" not in service.hits[-2].form


def test_what_cannot_be_tapped_is_a_clear_400(client: Client, sandbox: Sandbox) -> None:
    buttons, link, text = (delivered(client, sandbox, types) for types in (BUTTONS, LINK, TEXT))
    sandbox.post("settings", offline=[SARA])
    waiting = send(client, register(client, BUTTONS))
    for sid, entry in ((buttons, "none"), (link, "Open"), (text, "x"), ("SM0", "x"), (waiting, "balance")):
        answer = requests.post(f"{sandbox.url}/control/tap", json={"sid": sid, "id": entry}, timeout=5)
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_what_people_sent_is_listed_although_no_webhook_came(
    client: Client, sandbox: Sandbox, service: Service
) -> None:
    """What the net for lost webhooks needs: everything is in Twilio's list, by number and by time."""
    sandbox.fault("webhook", "drop")
    sids = [sandbox.inbound(text)["sid"] for text in ("a", "b")]
    texted = sandbox.inbound("c", to=SMS, channel="sms")["sid"]
    assert service.hits == []
    assert [m.sid for m in client.messages.list(to=WHATSAPP)] == sids[::-1]
    listed = client.messages.list(to=SMS, from_=SARA)[0]
    assert (listed.sid, listed.direction, listed.body, listed.status) == (texted, "inbound", "c", "received")
    at = listed.date_sent
    assert len(client.messages.list(date_sent_after=at)) >= 1
    assert len(client.messages.list(date_sent_before=at)) == 3
    assert client.messages.list(date_sent=at.replace(year=at.year - 1)) == []
