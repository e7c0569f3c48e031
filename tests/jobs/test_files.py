"""Pictures and documents, both ways: what staff sends reaches the phone, and what a customer sent is shown to staff."""

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from bot.files import file_of_message
from bot.jobs.worker_services import WorkerServices
from bot.links import Link, file_link, link_to
from bot.services import Services
from domain.ids import new_id
from domain.message_files import JPEG, LARGEST, PDF, PNG, kind_of_file
from sandbox.twilio.media import SAMPLES, read_media
from tests.api.people import Asker, signed_in
from tests.console.people import Visitor, at_work
from tests.jobs.conftest import Phone, wait_for
from tests.noor import Noor, found_noor

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
DOCUMENT = b"%PDF-1.7\n" + b"x" * 2000


@pytest.fixture
def agent(served: Flask, noor: Noor) -> Asker:
    return signed_in(served, noor.business_id, "agent", "first@noor.example")


@pytest.fixture
def console(served: Flask, noor: Noor) -> Visitor:
    return at_work(served, noor.business_id, "agent", "second@noor.example")


def replies(agent: Asker, content: bytes, name: str = "map.png", **more: str) -> tuple[int, str]:
    """Answer in the one conversation there is; return the status and what was wrong with the file."""
    (one,) = agent.gets("/conversations")["items"]
    body = {"file": {"name": name, "content": b64encode(content).decode()}, **more}
    answer = agent.asks("POST", f"/conversations/{one['id']}/reply", body)
    return answer.status_code, answer.json["errors"][0]["code"] if answer.status_code == 422 else ""


def arrives(phone: Phone, kind: str) -> None:
    """Wait until the newest message brought a file of this kind: Twilio has fetched it."""

    def brought() -> list[str]:
        return [one["content_type"] for one in phone.received()[-1]["media"] if one["size"]]

    wait_for(lambda: brought() == [kind])


def test_what_staff_sends_reaches_the_phone(
    phone: Phone, agent: Asker, send: Callable[[], None], console: Visitor, workers: WorkerServices
) -> None:
    phone.writes("hi")
    assert replies(agent, PICTURE, "خريطة.png", text="Here we are.") == (202, "")
    send()
    arrives(phone, PNG)
    assert phone.received()[-1]["body"] == "Here we are."
    shown = console.opens(f"/conversations/{agent.gets('/conversations')['items'][0]['id']}").text
    (address,) = re.findall(r'<img src="/console(/messages/[^"]+/files/0)"', shown)
    assert "خريطة.png" in shown
    given = console.opens(address)
    assert (given.status_code, given.data, given.content_type) == (200, PICTURE, PNG)
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Content-Disposition"].startswith("inline")


def test_a_document_too_large_for_other_bodies_is_taken(
    phone: Phone, agent: Asker, send: Callable[[], None], workers: WorkerServices
) -> None:
    phone.writes("hi")
    assert replies(agent, DOCUMENT + b"\0" * (LARGEST[PDF] - len(DOCUMENT)), "bill.pdf") == (202, "")
    send()
    arrives(phone, PDF)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_kind"),
        (b"MZ" + DOCUMENT, "file_kind"),
        (b"", "file_kind"),
        (b"GIF89a" + b"x" * 50, "file_kind"),
        (PICTURE + b"\0" * LARGEST[PNG], "file_too_large"),
    ],
)
def test_anything_else_is_refused_with_a_word(phone: Phone, agent: Asker, content: bytes, code: str) -> None:
    phone.writes("hi")
    before = len(phone.received())
    assert replies(agent, content, "harmless.png") == (422, code)
    (one,) = agent.gets("/conversations")["items"]
    assert (one["taken_by"], len(phone.received())) == (None, before)


def test_not_over_sms(phone: Phone, agent: Asker) -> None:
    phone.writes("english", channel="sms")
    assert replies(agent, PICTURE) == (422, "not_on_this_channel")


def test_nobody_who_may_not_is_read_at_length(served: Flask, phone: Phone, agent: Asker, noor: Noor) -> None:
    phone.writes("hi")
    viewer = signed_in(served, noor.business_id, "viewer", "third@noor.example")
    path = f"/conversations/{agent.gets('/conversations')['items'][0]['id']}/reply"
    body = {"file": {"name": "x", "content": "A" * 1_000_000}}
    assert viewer.asks("POST", path, body).status_code == 403
    assert Asker(served).asks("POST", path, body).status_code == 401
    assert agent.asks("POST", path.replace("reply", "notes"), body).status_code == 413
    body["file"]["content"] = "A" * (LARGEST[PDF] * 2)
    assert agent.asks("POST", path, body).status_code == 413


def test_the_console_takes_a_file_and_says_what_is_wrong_with_one(
    phone: Phone, agent: Asker, console: Visitor, send: Callable[[], None]
) -> None:
    phone.writes("hi")
    path = f"/conversations/{agent.gets('/conversations')['items'][0]['id']}"
    console.fills_in(f"{path}/take", path)
    large = PICTURE + b"\0" * 1_000_000
    sent = console.fills_in(f"{path}/reply", path, {"text": "", "file": (BytesIO(large), "map.png", "image/png")})
    assert sent.status_code == 303, sent.text
    send()
    arrives(phone, PNG)
    for content, says in ((b"text", "Only JPEG and PNG"), (PICTURE + b"\0" * LARGEST[PNG], "This file is too large")):
        refused = console.fills_in(f"{path}/reply", path, {"text": "Kept.", "file": (BytesIO(content), "map.png")})
        assert refused.status_code == 422
        assert says in refused.text
        assert ">Kept.</textarea>" in refused.text
    none = console.fills_in(f"{path}/reply", path, {"text": "Only words.", "file": (BytesIO(b""), "")})
    assert none.status_code == 303, none.text


def test_the_link_of_a_file_is_only_its_own_and_expires(
    served: Flask, phone: Phone, agent: Asker, noor: Noor, workers: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.writes("hi")
    replies(agent, PICTURE)
    with workers.door.for_every_business() as session:
        file_id: UUID = session.scalars(text("SELECT id FROM message_file")).one()
    services: Services = served.extensions["raseed"]
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")

    def status(link: str) -> int:
        return served.test_client().get(link.removeprefix(services.settings.public_base_url)).status_code

    good = file_link(services.settings, noor.business_id, file_id)
    assert status(good) == 200
    assert status(good[:-1] + ("A" if good[-1] != "A" else "B")) == 404
    assert status(file_link(services.settings, other.business_id, file_id)) == 404
    assert status(file_link(services.settings, noor.business_id, new_id())) == 404
    assert status(file_link(services.settings, noor.business_id, file_id, timedelta(seconds=-1))) == 404
    invoice = link_to(services.settings, Link(noor.business_id, file_id, "en"))
    assert status(invoice.replace("/i/", "/f/")) == 404


def test_what_a_customer_sent_is_fetched_once_and_shown(
    served: Flask, phone: Phone, agent: Asker, console: Visitor, noor: Noor
) -> None:
    body = {"from": "+966500000001", "to": "+966112000001", "channel": "whatsapp", "media": ["meter"], "body": ""}
    assert phone._post("inbound", body)["status"] == 200
    one = next(one for one in agent.gets("/messages")["items"] if one["direction"] == "inbound")
    shown = console.opens(f"/conversations/{one['conversation_id']}").text
    path = f"/messages/{one['id']}/files/0"
    assert f'<img src="/console{path}"' in shown
    given = console.opens(path)
    assert (given.status_code, given.content_type) == (200, JPEG)
    assert given.data == read_media(next(iter(SAMPLES))).content
    services: Services = served.extensions["raseed"]
    away = Services(
        services.settings.model_copy(update={"twilio_api_base_url": "http://127.0.0.1:9"}),
        services.door, services.redis, services.bell, services.accounts,
    )  # fmt: skip
    kept = file_of_message(away, noor.business_id, UUID(one["id"]), 0)
    assert kept is not None
    assert kept.content == given.data
    for wrong in ("1", "x", "-1", "9999999"):
        assert console.opens(f"/messages/{one['id']}/files/{wrong}").status_code == 404


def test_only_twilio_is_asked_for_what_a_message_names(
    served: Flask, phone: Phone, agent: Asker, console: Visitor, workers: WorkerServices
) -> None:
    phone.writes("hi")
    one = next(one for one in agent.gets("/messages")["items"] if one["direction"] == "inbound")
    elsewhere = phone.url.replace("127.0.0.1", "localhost")
    for url in ("http://127.0.0.1:1/x", "https://twilio.com.evil.example/x", "file:///etc/passwd", "", elsewhere):
        with workers.door.for_every_business() as session:
            session.execute(
                text("UPDATE message SET media = jsonb_build_array(jsonb_build_object('url', CAST(:url AS text)))"),
                {"url": url},
            )
        assert console.opens(f"/messages/{one['id']}/files/0").status_code == 404


def test_a_file_is_known_by_how_it_begins() -> None:
    known = {name: kind_of_file(read_media(name).content) for name in SAMPLES}
    assert {name: kind for name, kind in known.items() if kind} == {
        name: kind for name, (_, kind) in SAMPLES.items() if not kind.startswith("audio/")
    }
