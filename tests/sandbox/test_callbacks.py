"""What is told to the status callback, in good times and bad."""

import pytest
import requests
from twilio.rest import Client

from tests.sandbox.conftest import SARA, SMS, WHATSAPP, Sandbox, Service, wait_for


def send(client: Client, service: Service, **more: str) -> str:
    wanted = {"to": f"whatsapp:{SARA}", "from_": WHATSAPP, "body": "hi"} | more
    return client.messages.create(**wanted, status_callback=f"{service.url}/status?message=7").sid or ""


def test_callbacks_are_signed_and_say_what_twilio_says(client: Client, sandbox: Sandbox, service: Service) -> None:
    sandbox.inbound()
    sandbox.post("settings", auto_read=True)
    sid = send(client, service)
    wait_for(lambda: service.callbacks(sid) == ["sent", "delivered", "read"])
    hits = [hit for hit in service.hits if "MessageStatus" in hit.form]
    assert all(service.signed_rightly(hit) and hit.path == "/status?message=7" for hit in hits)
    assert len({hit.headers["I-Twilio-Idempotency-Token"] for hit in hits}) == 3
    read = hits[-1].form
    assert (read["EventType"], read["ChannelPrefix"], read["ExternalUserId"]) == (
        "READ",
        "whatsapp",
        "whatsapp:SA.1A2B",
    )
    assert read["SmsStatus"] == read["MessageStatus"]


def test_sms_ends_delivered_with_a_receipt_date(client: Client, sandbox: Sandbox, service: Service) -> None:
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: service.callbacks(sid) == ["sent", "delivered"])
    assert len(service.hits[-1].form["RawDlrDoneDate"]) == 10


def test_nothing_is_read_until_the_chat_is_open(client: Client, sandbox: Sandbox, service: Service) -> None:
    sandbox.inbound()
    sid = send(client, service)
    wait_for(lambda: service.callbacks(sid) == ["sent", "delivered"])
    chat = {"page": "p", "open": True, "person": SARA, "company": "+966112000000", "channel": "whatsapp"}
    requests.post(f"{sandbox.url}/phone/viewing", json=chat, timeout=5)
    wait_for(lambda: service.callbacks(sid)[-1] == "read")
    later = send(client, service)
    wait_for(lambda: service.callbacks(later) == ["sent", "delivered", "read"])


def test_free_text_outside_the_window_fails_with_63016(client: Client, sandbox: Sandbox, service: Service) -> None:
    sid = send(client, service)
    wait_for(lambda: service.callbacks(sid) == ["failed"])
    assert service.hits[-1].form["ErrorCode"] == "63016"
    assert "window" in service.hits[-1].form["ChannelStatusMessage"]
    sandbox.inbound()
    opened = send(client, service)
    wait_for(lambda: sandbox.status(opened) == "delivered")
    sandbox.post("window", company="+966112000000", person=SARA, open=False)
    closed = send(client, service)
    wait_for(lambda: sandbox.message(closed)["error_code"] == 63016)


def test_a_number_can_carry_its_fate(client: Client, sandbox: Sandbox, service: Service) -> None:
    gone = send(client, service, to="+15005530003", from_=SMS)
    wait_for(lambda: service.callbacks(gone) == ["sent", "undelivered"])
    absent = send(client, service, to="whatsapp:+15005563003")
    wait_for(lambda: service.callbacks(absent) == ["failed"])


def test_a_handset_that_is_off_stays_at_one_tick(client: Client, sandbox: Sandbox, service: Service) -> None:
    sandbox.post("settings", offline=[SARA])
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: service.callbacks(sid) == ["sent"] and sandbox.get("stats")["waiting"] == 0)
    assert sandbox.status(sid) == "sent"
    sandbox.post("settings", offline=[])
    wait_for(lambda: service.callbacks(sid) == ["sent", "delivered"])


def test_duplicates_carry_the_same_token(client: Client, sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("callback", "duplicate", count=1)
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: sorted(service.callbacks(sid)) == ["delivered", "sent", "sent"])
    tokens = [h.headers["I-Twilio-Idempotency-Token"] for h in service.hits if h.form["MessageStatus"] == "sent"]
    assert tokens[0] == tokens[1]


def test_reorder_holds_one_back_until_the_next_has_passed(client: Client, sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("callback", "reorder", count=1)
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: service.callbacks(sid) == ["delivered", "sent"])


def test_a_dropped_callback_never_comes(client: Client, sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("callback", "drop", count=1)
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: len(sandbox.message(sid)["callbacks"]) == 2)
    assert service.callbacks(sid) == ["delivered"]
    assert [row["error"] for row in sandbox.message(sid)["callbacks"]] == ["dropped by a fault", None]
    assert sandbox.get("stats")["callbacks"] == {"sent": 1, "failed": 0, "dropped": 1, "duplicated": 0}


def test_a_callback_can_come_before_the_answer(client: Client, sandbox: Sandbox, service: Service) -> None:
    sandbox.fault("create", "before_response")
    sid = send(client, service, to=SARA, from_=SMS)
    assert service.callbacks(sid)[0] == "sent"


def test_a_failing_receiver_is_not_asked_again(client: Client, sandbox: Sandbox, service: Service) -> None:
    service.status = 500
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: len(sandbox.message(sid)["callbacks"]) == 2)
    assert [row["http"] for row in sandbox.message(sid)["callbacks"]] == [500, 500]


@pytest.mark.parametrize(("code", "final"), [(63018, "failed"), (30008, "undelivered")])
def test_an_accepted_message_can_be_made_to_fail(
    client: Client, sandbox: Sandbox, service: Service, code: int, final: str
) -> None:
    sandbox.fault("callback", "error_code", params={"code": code}, match={"to": SARA})
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: service.callbacks(sid)[-1:] == [final])
    assert client.messages(sid).fetch().error_code == code


def test_any_status_can_be_told_by_hand(client: Client, sandbox: Sandbox, service: Service) -> None:
    sid = send(client, service, to=SARA, from_=SMS)
    wait_for(lambda: service.callbacks(sid) == ["sent", "delivered"])
    assert sandbox.post("callbacks", sid=sid, status="sent")["status"] == 200
    assert service.callbacks(sid) == ["sent", "delivered", "sent"]
    assert sandbox.status(sid) == "delivered"


def test_a_file_on_this_machine_is_fetched_for_the_phone(client: Client, sandbox: Sandbox) -> None:
    sandbox.inbound()
    address = f"{sandbox.url}/phone/files/samples/bill.pdf"
    made = client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, media_url=[address])
    assert (made.sid or "")[:2] == "MM"
    wait_for(lambda: sandbox.status(made.sid or "") == "delivered")
    assert sandbox.message(made.sid or "")["kind"] == "document"
    media = client.messages(made.sid or "").media.list()
    assert media[0].content_type == "application/pdf"
    gone = client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, media_url=[address + "x"])
    wait_for(lambda: sandbox.message(gone.sid or "")["error_code"] == 63019)
