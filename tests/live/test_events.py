"""What changes is told, at the commit and within a second, to those who may hear it."""

import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import text

from bot.services import Services
from domain.campaigns import Campaign
from domain.listening import TOPICS
from domain.notifications import notify
from tests.api.people import Asker, machine, signed_in
from tests.chat import Chat
from tests.live.listening import Ear, telling, until
from tests.noor import SARA, Noor, found_noor

PATH = "/api/v1/events"


@pytest.fixture
def base(app: Flask, environment: dict[str, str]) -> Iterator[str]:
    with telling(environment) as base:
        yield base


def ear(base: str, asker: Asker, topics: str = ",".join(TOPICS), last_id: str | None = None) -> Ear:
    headers = {"Authorization": f"Bearer {asker.bearer}"} | ({"Last-Event-ID": last_id} if last_id else {})
    return Ear(f"{base}{PATH}?topics={topics}", headers).start()


def one_of_each(app: Flask, noor: Noor, services: Services) -> None:
    Chat(app, SARA).says("hi")
    with services.door.for_business(noor.business_id) as session:
        session.add(Campaign(business_id=noor.business_id, name="Offer", texts={"en": "Hello"}))
        notify(session, noor.business_id, "balance_low", "warning", {})


def test_every_topic_is_told_within_a_second(app: Flask, noor: Noor, services: Services, base: str) -> None:
    viewer = ear(base, signed_in(app, noor.business_id, "viewer"))
    one_of_each(app, noor, services)
    until(lambda: set(viewer.topics()) == set(TOPICS), 1)
    with services.door.for_every_business() as session:
        moved = text("UPDATE message SET status = 'accepted' WHERE direction = 'outbound' RETURNING id")
        message_id = session.scalars(moved).one()
    until(lambda: viewer.heard[-1][1].get("status") == "accepted", 1)
    assert viewer.heard[-1][1]["message"] == str(message_id)


def test_what_is_undone_is_told_to_nobody(app: Flask, noor: Noor, services: Services, base: str) -> None:
    viewer = ear(base, signed_in(app, noor.business_id, "viewer"))
    with services.door.for_business(noor.business_id) as session:
        notify(session, noor.business_id, "balance_low", "warning", {})
        session.rollback()
    with services.door.for_business(noor.business_id) as session:
        session.add(Campaign(business_id=noor.business_id, name="Offer", texts={"en": "Hello"}))
    until(lambda: viewer.topics() == ["campaigns"])


def test_another_business_hears_nothing(app: Flask, noor: Noor, services: Services, base: str) -> None:
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    ours, strangers = signed_in(app, noor.business_id, "viewer"), signed_in(app, other.business_id, "admin")
    foreign = [ear(base, strangers, topic) for topic in TOPICS]
    own = ear(base, ours)
    one_of_each(app, noor, services)
    until(lambda: set(own.topics()) == set(TOPICS))
    time.sleep(0.5)
    assert [one.topics() for one in foreign] == [[]] * len(TOPICS)
    replayed = ear(base, strangers, last_id=own.last_id.split("-")[0] + "-0")
    time.sleep(0.3)
    assert replayed.topics() == []


def test_who_listens_to_one_topic_hears_that_one(app: Flask, noor: Noor, services: Services, base: str) -> None:
    key = machine(app, noor.business_id, "events:read")
    listener = ear(base, key, "notifications")
    one_of_each(app, noor, services)
    until(lambda: listener.topics() == ["notifications"])


def test_who_comes_back_hears_what_they_missed_or_is_told_to_reload(
    app: Flask, noor: Noor, services: Services, base: str
) -> None:
    asker = signed_in(app, noor.business_id, "viewer")
    first = ear(base, asker)
    one_of_each(app, noor, services)
    until(lambda: set(first.topics()) == set(TOPICS))
    beginning = first.last_id.split("-")[0] + "-0"
    again = ear(base, asker, last_id=beginning)
    until(lambda: again.topics() == first.topics())
    nothing = ear(base, asker, last_id=first.last_id)
    assert nothing.heard[0][0] == "hello"
    for lost in ("made-up", "00000000-1", first.last_id + "000"):
        assert ear(base, asker, last_id=lost).topics() == ["reload"]


def test_when_the_database_was_away_everybody_reloads(
    app: Flask, noor: Noor, superuser: Any, base: str, services: Services
) -> None:
    listener = ear(base, signed_in(app, noor.business_id, "viewer"))
    ended = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'raseed-events' AND datname = :own
    """
    superuser.execute(text(ended), {"own": services.door.engine.url.database})
    until(lambda: listener.topics() == ["reload"])


def test_who_may_not_hears_why(app: Flask, noor: Noor, base: str) -> None:
    asked = {
        "": 401,
        "rt_made-up": 401,
        machine(app, noor.business_id, "customers:read").bearer or "": 403,
    }
    for bearer, status in asked.items():
        answer = requests.get(f"{base}{PATH}", headers={"Authorization": f"Bearer {bearer}"}, timeout=5)
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("application/problem+json")
    viewer = signed_in(app, noor.business_id, "viewer")
    headers = {"Authorization": f"Bearer {viewer.bearer}"}
    assert requests.get(f"{base}{PATH}?topics=secrets", headers=headers, timeout=5).status_code == 400
    refused = requests.get(f"{base}{PATH}?pass=made.up.pass", headers=headers, timeout=5)
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, "*")


def test_the_web_service_sends_listeners_there(app: Flask, noor: Noor, base: str, services: Services) -> None:
    viewer = signed_in(app, noor.business_id, "viewer")
    sent = viewer.asks("GET", "/events?topics=campaigns")
    assert sent.status_code == 307
    parts = urlsplit(sent.headers["Location"])
    listener = Ear(f"{base}{parts.path}?{parts.query}", {}).start()
    one_of_each(app, noor, services)
    until(lambda: listener.topics() == ["campaigns"])
    console = app.test_client()
    console.set_cookie("raseed", viewer.bearer or "")
    assert Ear(f"{base}{PATH}", {"Cookie": f"raseed={viewer.bearer}"}).start().heard[0][0] == "hello"


def test_who_signed_out_hears_no_more(app: Flask, noor: Noor, base: str) -> None:
    viewer = signed_in(app, noor.business_id, "viewer")
    listener = ear(base, viewer)
    assert viewer.asks("POST", "/auth/sign-out").status_code == 204
    assert listener.ended.wait(10)


def test_who_reads_too_slowly_is_let_go(app: Flask, noor: Noor, services: Services, base: str) -> None:
    viewer = signed_in(app, noor.business_id, "viewer")
    parts = urlsplit(base)
    slow = socket.create_connection((parts.hostname or "", parts.port or 0))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {viewer.bearer}\r\n\r\n".encode())
    until(lambda: _listeners(base) == 1)
    for _ in range(12):
        with services.door.for_business(noor.business_id) as session:
            for _ in range(20):
                session.execute(text("SELECT pg_notify('raseed_events', :said)"), {"said": _said(noor)})
        time.sleep(0.5)
    until(lambda: _listeners(base) == 0, 20)
    slow.close()
    until(lambda: _figures(services)[2] == 1)


def _listeners(base: str) -> int:
    return int(requests.get(f"{base}/healthz", timeout=5).json()["listeners"])


def _said(noor: Noor) -> str:
    return f'{{"topic":"messages","business":"{noor.business_id}","padding":"{time.monotonic()}{"x" * 7000}"}}'


def _figures(services: Services) -> tuple[int, int, int]:
    with services.door.for_every_business() as session:
        row = session.execute(text("SELECT listeners, told, dropped FROM listening")).first()
    return (row[0], row[1], row[2]) if row else (0, 0, 0)


def test_what_was_counted_is_written_down(app: Flask, noor: Noor, services: Services, base: str) -> None:
    ear(base, signed_in(app, noor.business_id, "viewer"))
    one_of_each(app, noor, services)
    until(lambda: _figures(services)[0] == 1 and _figures(services)[1] >= len(TOPICS))
