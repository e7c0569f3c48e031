"""The phone page's own interface."""

import json

import requests
from twilio.rest import Client

from tests.sandbox.conftest import SARA, SMS, WHATSAPP, Sandbox, Service, wait_for


def test_the_page_and_its_files_are_there(sandbox: Sandbox) -> None:
    page = requests.get(sandbox.url, timeout=5)
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("main.js", "base.css", "samples/voice.ogg"):
        assert requests.get(f"{sandbox.url}/phone/files/{name}", timeout=5).status_code == 200
    assert requests.get(f"{sandbox.url}/phone/files/../phone.py", timeout=5).status_code == 404


def test_the_state_names_people_senders_and_unread_chats(client: Client, sandbox: Sandbox) -> None:
    sid = client.messages.create(to=SARA, from_=SMS, body="x").sid or ""
    wait_for(lambda: sandbox.status(sid) == "delivered")
    state = requests.get(f"{sandbox.url}/phone/state", timeout=5).json()
    assert [person["address"] for person in state["people"]] == [SARA, "SA.9Z8Y7X"]
    assert [sender["two_way"] for sender in state["senders"]] == [True, True, False]
    assert [(chat["person"], chat["company"], chat["unread"]) for chat in state["chats"]] == [(SARA, SMS, 1)]


def test_events_stream_messages_and_masked_traffic(sandbox: Sandbox, service: Service) -> None:
    with requests.get(f"{sandbox.url}/phone/events?page=p", stream=True, timeout=5) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(line for line in lines if line.startswith(b"event")) == b"event: hello"
        sandbox.inbound("مرحبا")
        seen: dict[str, dict[str, object]] = {}
        name = ""
        while {"message", "traffic"} - seen.keys():
            line = next(lines).decode()
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                seen[name] = json.loads(line.removeprefix("data: "))
    assert (seen["message"]["body"], seen["message"]["company"]) == ("مرحبا", WHATSAPP.removeprefix("whatsapp:"))
    headers = dict(seen["traffic"]["request_headers"])  # type: ignore[call-overload]
    assert headers["X-Twilio-Signature"] == "••••••"


def test_files_that_a_browser_might_run_are_only_downloaded(sandbox: Sandbox) -> None:
    sid = sandbox.inbound(media={"content_type": "text/html", "data_base64": "PGI+"})["sid"]
    media = sandbox.message(sid)["media"][0]["sid"]
    answer = requests.get(f"{sandbox.url}/phone/media/{media}?type=text/html", timeout=5)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
