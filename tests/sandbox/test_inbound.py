"""What people send, and how it reaches the webhook."""

from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.sandbox.conftest import ACCOUNT, MONA, NAME, SARA, SECRET, SMS, WHATSAPP, Sandbox, Service, wait_for


def test_a_text_arrives_signed_with_twilios_fields(sandbox: Sandbox, service: Service) -> None:
    result = sandbox.inbound("مرحبا")
    hit = service.hits[0]
    assert result["status"] == 200
    assert hit.path == "/webhooks/twilio/messages"
    assert service.signed_rightly(hit)
    assert not service.signed_rightly(hit, "another")
    assert hit.form["MessageSid"] == hit.form["SmsMessageSid"] == result["sid"]
    expected = {"Body": "مرحبا", "From": f"whatsapp:{SARA}", "To": WHATSAPP, "WaId": SARA[1:], "ProfileName": "Sara"}
    expected |= {"NumMedia": "0", "AccountSid": ACCOUNT, "SmsStatus": "received", "ExternalUserId": "whatsapp:SA.1A2B"}
    assert expected.items() <= hit.form.items()
    assert "MessageStatus" not in hit.form


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"button": {"text": "Balance", "payload": "bal"}, "body": ""}, {"Body": "Balance", "ButtonPayload": "bal"}),
        ({"list": {"id": "m1", "title": "Home"}, "body": ""}, {"Body": "Home", "ListId": "m1", "ListTitle": "Home"}),
        ({"location": {"latitude": 24.7, "longitude": 46.6, "label": "Olaya"}}, {"Latitude": "24.7", "Label": "Olaya"}),
        ({"body": ""}, {"Body": "", "NumMedia": "0"}),
        ({"params": {"NeverHeardOf": "x"}}, {"NeverHeardOf": "x"}),
        ({"media": "voice"}, {"NumMedia": "1", "MediaContentType0": "audio/ogg"}),
        ({"media": "sticker"}, {"MediaContentType0": "image/webp"}),
        ({"media": ["meter", "document"]}, {"NumMedia": "2", "MediaContentType1": "application/pdf"}),
        ({"from": SARA, "to": SMS, "channel": "sms", "body": "x"}, {"From": SARA, "To": SMS}),
    ],
)
def test_every_kind_has_its_fields(
    sandbox: Sandbox, service: Service, wanted: dict[str, Any], expected: dict[str, str]
) -> None:
    sandbox.inbound(**wanted)
    assert expected.items() <= service.hits[0].form.items()
    assert service.signed_rightly(service.hits[0])


def test_media_is_served_to_who_may_have_it(sandbox: Sandbox, service: Service) -> None:
    sandbox.inbound(media={"content_type": "image/png", "data_base64": "iVBORw=="})
    url = service.hits[0].form["MediaUrl0"]
    assert url.startswith("https://api.twilio.com/2010-04-01/Accounts/")
    here = sandbox.url + url.removeprefix("https://api.twilio.com")
    assert requests.get(here, timeout=5).status_code == 401
    answer = requests.get(here, auth=(ACCOUNT, SECRET), timeout=5)
    assert (answer.content, answer.headers["Content-Type"]) == (b"\x89PNG", "image/png")


def test_somebody_without_a_phone_is_named_by_the_user_id(sandbox: Sandbox, service: Service) -> None:
    sandbox.inbound(**{"from": MONA})
    form = service.hits[0].form
    assert form["From"] == form["ExternalUserId"] == f"whatsapp:{MONA}"
    assert "WaId" not in form


@pytest.mark.parametrize("at_once", [False, True])
def test_a_duplicate_is_the_same_webhook_again(sandbox: Sandbox, service: Service, at_once: bool) -> None:
    service.delay = 0.2
    result = sandbox.inbound(duplicate=True, at_once=at_once)
    first, second = service.hits
    assert result["statuses"] == [200, 200]
    assert first.form == second.form
    assert first.headers["I-Twilio-Idempotency-Token"] == second.headers["I-Twilio-Idempotency-Token"]
    assert (second.at - first.at < 0.15) == at_once


def test_a_failed_webhook_is_not_retried_and_stays_in_the_list(
    client: Client, sandbox: Sandbox, service: Service
) -> None:
    service.status = 503
    result = sandbox.inbound("lost?")
    assert (result["status"], len(service.hits)) == (503, 1)
    listed = client.messages.list(to=WHATSAPP)
    assert [(m.sid, m.direction, m.status) for m in listed] == [(result["sid"], "inbound", "received")]


def test_a_slow_webhook_is_given_up(sandbox: Sandbox, service: Service) -> None:
    sandbox.post("settings", webhook_timeout_s=0.2)
    service.delay = 0.6
    result = sandbox.inbound()
    assert result["status"] is None
    assert "11200" in result["error"]


def test_faults_on_the_way_to_the_webhook(sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("webhook", "drop", count=1)
    assert sandbox.inbound("a")["status"] is None
    sandbox.fault("webhook", "delay", count=1, params={"seconds": 0.2})
    sandbox.inbound("b")
    sandbox.inbound("c")
    wait_for(lambda: [hit.form["Body"] for hit in service.hits] == ["c", "b"])


def test_stop_and_start_on_sms(client: Client, sandbox: Sandbox, service: Service) -> None:
    texting = {"to": SMS, "channel": "sms"}
    sandbox.inbound("Stop", **texting)
    assert service.hits[0].form["Body"] == "Stop"
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=SARA, from_=SMS, body="x")
    assert caught.value.code == 21610
    assert client.messages.create(to=SARA, from_=NAME, body="another sender").sid
    answer = next(m for m in sandbox.get("messages")["items"] if m["origin"] == "carrier")
    assert "unsubscribed" in answer["body"]
    sandbox.inbound("START", **texting)
    assert client.messages.create(to=SARA, from_=SMS, body="x").sid
    sandbox.inbound("stop please", **texting)
    assert client.messages.create(to=SARA, from_=SMS, body="x").sid


def test_stop_on_whatsapp_is_the_services_business(client: Client, sandbox: Sandbox) -> None:
    sandbox.inbound("STOP")
    assert client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, body="x").sid


@pytest.mark.parametrize(
    "wanted",
    [
        {"to": NAME, "channel": "sms"},
        {"from": "nobody"},
        {"channel": "post"},
        {"media": "no such"},
        {"to": "?"},
        {"from": MONA, "to": SMS, "channel": "sms"},
    ],
)
def test_what_cannot_be_sent_is_a_clear_400(sandbox: Sandbox, wanted: dict[str, Any]) -> None:
    body = {"from": SARA, "to": WHATSAPP, "channel": "whatsapp", "body": "x"} | wanted
    answer = requests.post(f"{sandbox.url}/control/inbound", json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_typing_marks_the_persons_message_read(client: Client, sandbox: Sandbox) -> None:
    sid = sandbox.inbound()["sid"]
    client.messaging.v2.typing_indicator.create(channel="whatsapp", message_id=sid)
    assert sandbox.message(sid)["extra"]["read_by_company"] is True
