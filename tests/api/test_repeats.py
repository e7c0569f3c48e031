"""Idempotency-Key: done once, answered the same; whoever asks at the same time, and whatever dies."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from bot.services import Services
from domain.answers import Answer, take_key
from domain.audit import AuditEntry
from domain.bearers import ApiKey
from domain.staff import Staff
from tests.api.people import Asker, machine, signed_in
from tests.conftest import Later
from tests.noor import Noor

NEW = {"email": "new@noor.example", "name": "New", "role": "agent"}


def invites(asker: Asker, key: str, body: dict[str, Any] | None = None) -> Any:
    return asker.asks("POST", "/staff", body or NEW, Idempotency_Key=key)


def count(services: Services, table: type[Any]) -> int:
    with services.door.for_every_business() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_again_is_answered_the_same(admin: Asker, services: Services) -> None:
    first, second = (invites(admin, "one") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert (count(services, Staff), count(services, AuditEntry)) == (2, 1)


def test_the_same_key_for_another_body_is_refused(admin: Asker) -> None:
    assert invites(admin, "one").status_code == 201
    other = invites(admin, "one", {**NEW, "name": "Another"})
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    elsewhere = admin.asks("POST", "/api-keys", NEW, Idempotency_Key="one")
    assert (elsewhere.status_code, elsewhere.json["code"]) == (422, "idempotency_key_reused")


def test_everybody_has_keys_of_their_own(app: Flask, noor: Noor, admin: Asker) -> None:
    assert invites(admin, "one").status_code == 201
    second = signed_in(app, noor.business_id, "admin", "second@noor.example")
    assert invites(second, "one").json["code"] == "already_staff"
    assert invites(machine(app, noor.business_id, "admin"), "one").json["code"] == "already_staff"


def test_what_was_refused_was_not_done_and_may_be_asked_again(admin: Asker) -> None:
    assert invites(admin, "one", {**NEW, "role": "king"}).status_code == 422
    assert invites(admin, "one").status_code == 201


def test_a_key_is_kept_for_a_day(app: Flask, admin: Asker, later: Later, noor: Noor) -> None:
    key = machine(app, noor.business_id, "admin")
    assert invites(key, "one").status_code == 201
    later(hours=23, minutes=59)
    assert invites(key, "one").status_code == 201
    later(minutes=1)
    assert invites(key, "one").json["code"] == "already_staff"
    assert invites(key, "one", {**NEW, "email": "second@noor.example"}).status_code == 201


def test_what_no_key_may_be(admin: Asker) -> None:
    for key in ("", "x" * 201, "a b", "é"):
        response = invites(admin, key)
        assert (response.status_code, response.json["code"]) == (400, "bad_idempotency_key")


def test_while_one_is_being_answered_another_is_told_so(admin: Asker, services: Services, noor: Noor) -> None:
    """Another connection holds the key, as a request does that is under way."""
    with services.door.for_every_business() as session:
        assert admin.id is not None
        assert take_key(session, admin.id, "one")
        refused = invites(admin, "one")
        assert (refused.status_code, refused.json["code"]) == (409, "in_flight")
        assert refused.headers["Retry-After"] == "1"
        assert invites(admin, "another").status_code == 201
    assert invites(admin, "one").json["code"] == "already_staff"


def test_many_at_once_do_it_once(app: Flask, admin: Asker, services: Services) -> None:
    start = Barrier(6)

    def asks(_: int) -> Any:
        start.wait()
        body = {"name": "billing", "scopes": ["customers:read"]}
        return admin.asks("POST", "/api-keys", body, Idempotency_Key="one")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(asks, range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    done = [answer.json for answer in answers if answer.status_code == 201]
    assert done
    assert all(answer == done[0] for answer in done)
    assert count(services, ApiKey) == 1


def test_a_process_that_dies_has_done_nothing_and_holds_nothing(
    environment: dict[str, str], admin: Asker, services: Services, tmp_path: Path
) -> None:
    """The request is killed after its work, before its commit; asked again, it is done once."""
    died = tmp_path / "there"
    script = f"""
import os, pathlib, time
from bot.api import repeats
keep = repeats.Repeat.keep
def stop(self, response):
    keep(self, response)
    self._call.session.flush()
    pathlib.Path({str(died)!r}).touch()
    time.sleep(60)
repeats.Repeat.keep = stop
from bot.app import create_app
from tests.api.people import Asker
Asker(create_app(), {admin.bearer!r}).asks("POST", "/staff", {NEW!r}, Idempotency_Key="one")
"""
    process = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, **environment}, cwd=Path.cwd())
    try:
        until = monotonic() + 20
        while not died.exists():
            assert monotonic() < until
            sleep(0.05)
        assert invites(admin, "one").status_code == 409
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    until = monotonic() + 10
    while (answer := invites(admin, "one")).status_code == 409 and monotonic() < until:
        sleep(0.05)
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)
    assert (count(services, Staff), count(services, AuditEntry)) == (2, 1)


def test_answers_are_kept_encrypted(admin: Asker, services: Services) -> None:
    made = admin.asks("POST", "/api-keys", {"name": "x", "scopes": ["viewer"]}, Idempotency_Key="one").json
    with services.door.for_every_business() as session:
        kept = session.scalars(select(Answer)).one()
    assert made["key"].encode() not in bytes(kept.body)
    assert made["prefix"].encode() not in bytes(kept.body)
