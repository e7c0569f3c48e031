"""A forgotten password: a code comes by e-mail, and whoever asks learns nothing else."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain.attempts import MOST_PER_ACCOUNT
from domain.messages import Message
from domain.staff import Staff
from tests.api.people import PASSWORD, Asker, employed
from tests.console.people import visitor
from tests.noor import Noor, found_noor

EMAIL = "huda@noor.example"
PATH = "/auth/forgotten-password"
NEW = "a better password"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "SMTP_HOST": "127.0.0.1", "SMTP_FROM": "no-reply@noor.example"}


@pytest.fixture
def huda(services: Services, noor: Noor) -> Staff:
    return employed(services.door, noor.business_id, "agent", EMAIL, password=True)


def mails(services: Services) -> list[Message]:
    with services.door.for_every_business() as session:
        return list(session.scalars(select(Message).where(Message.channel == "email").order_by(Message.seq)))


def token_in(mail: Message) -> str:
    found = re.search(r"\bri_[\w-]+", mail.text)
    assert found, mail.text
    return found[0]


def test_the_code_sets_a_new_password_once(nobody: Asker, services: Services, huda: Staff) -> None:
    assert nobody.asks("POST", PATH, {"email": " Huda@NOOR.example "}).status_code == 204
    (mail,) = mails(services)
    assert mail.kind == "code"
    body = {"token": token_in(mail), "password": NEW}
    assert nobody.asks("POST", "/auth/password", body).status_code == 204
    assert nobody.asks("POST", "/auth/password", body).status_code == 401
    for password, status in ((PASSWORD, 401), (NEW, 200)):
        assert nobody.asks("POST", "/auth/token", {"email": EMAIL, "password": password}).status_code == status


def test_a_stranger_learns_nothing(nobody: Asker, services: Services, huda: Staff) -> None:
    known, unknown = (nobody.asks("POST", PATH, {"email": one}) for one in (EMAIL, "who@noor.example"))
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (204, b"")
    assert len(mails(services)) == 1


def test_nobody_is_flooded(nobody: Asker, services: Services, huda: Staff) -> None:
    asked = [nobody.asks("POST", PATH, {"email": EMAIL}).status_code for _ in range(MOST_PER_ACCOUNT + 1)]
    assert asked == [204] * MOST_PER_ACCOUNT + [429]
    assert len(mails(services)) == MOST_PER_ACCOUNT
    first, *_, last = mails(services)
    for mail, status in ((first, 401), (last, 204)):
        body = {"token": token_in(mail), "password": NEW}
        assert nobody.asks("POST", "/auth/password", body).status_code == status


def test_who_is_staff_of_two_gets_a_code_for_each(nobody: Asker, services: Services, huda: Staff) -> None:
    other = found_noor(services.door, "HILAL", "+966112000011", "+966112000012")
    employed(services.door, other.business_id, "agent", EMAIL, password=True)
    nobody.asks("POST", PATH, {"email": EMAIL})
    assert {one.business_id for one in mails(services)} == {huda.business_id, other.business_id}


def test_on_the_console(app: Flask, services: Services, huda: Staff) -> None:
    guest = visitor(app)
    assert "/console/forgotten" in guest.opens("/sign-in").text
    done = guest.fills_in("/forgotten", "/forgotten", {"email": EMAIL})
    assert done.headers["Location"] == "/console/welcome?done=reset_asked"
    guest.fills_in("/welcome", "/welcome", {"token": token_in(mails(services)[0]), "password": NEW})
    guest.fills_in("/sign-in", "/sign-in", {"email": EMAIL, "password": NEW})
    assert guest.opens("").status_code == 200
