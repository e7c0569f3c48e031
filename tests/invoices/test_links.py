"""The public link of an invoice: it answers its PDF, and says nothing else to anybody."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from sqlalchemy import select

from bot.links import LASTS, Link, WrongLink, link_to, read_link
from bot.services import Services
from bot.settings import Settings
from domain.door import Door
from domain.ids import new_id
from domain.invoices import Invoice
from tests.conftest import Later
from tests.noor import Noor, found_noor
from tests.world import BASE_URL

SECRETS = {"Cache-Control": "no-store, private", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


@pytest.fixture
def invoice_id(door: Door, noor: Noor) -> UUID:
    with door.for_business(noor.business_id) as session:
        return session.scalars(select(Invoice.id).where(Invoice.invoice_no == "INV-1")).one()


def path_to(services: Services, business_id: UUID, invoice_id: UUID, language: str = "ar") -> str:
    return link_to(services.settings, Link(business_id, invoice_id, language)).removeprefix(BASE_URL)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_link_answers_the_pdf(app: Flask, services: Services, noor: Noor, invoice_id: UUID, language: str) -> None:
    answer = app.test_client().get(path_to(services, noor.business_id, invoice_id, language))
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF-")
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="INV-1.pdf"'
    assert SECRETS.items() <= dict(answer.headers).items()


def test_a_link_expires_and_says_so_in_its_language(
    app: Flask, services: Services, noor: Noor, invoice_id: UUID, later: Later
) -> None:
    paths = {lang: path_to(services, noor.business_id, invoice_id, lang) for lang in ("ar", "en")}
    later(days=LASTS.days, minutes=-1)
    assert app.test_client().get(paths["ar"]).status_code == 200
    later(minutes=1)
    for language, says in (("ar", "انتهت صلاحية هذا الرابط"), ("en", "This link has expired")):
        answer = app.test_client().get(paths[language], headers={"Accept-Language": "fr"})
        assert (answer.status_code, answer.headers["Content-Language"]) == (410, language)
        assert f"<h1>{says}</h1>" in answer.text
        assert SECRETS.items() <= dict(answer.headers).items()
        assert "INV-1" not in answer.text
        assert "Noor" not in answer.text


def test_what_leads_nowhere_is_answered_like_what_is_not_ours(
    app: Flask, services: Services, door: Door, noor: Noor, invoice_id: UUID
) -> None:
    other = found_noor(door, "OTHER", "+966112000091", "+966112000092")
    client = app.test_client()
    paths = [
        path_to(services, noor.business_id, new_id()),
        path_to(services, other.business_id, invoice_id),  # an invoice of another business
        path_to(services, new_id(), invoice_id),
        "/i/nonsense",
        "/i/" + "A" * 71,
    ]
    answers = {(answer.status_code, answer.text) for answer in map(client.get, paths)}
    assert len(answers) == 1
    ((status, page),) = answers
    assert status == 404
    assert "هذا الرابط غير صحيح" in page


@tries(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 52), st.integers(1, 255))
def test_no_byte_of_a_link_can_be_changed(settings: Settings, place: int, change: int) -> None:
    link = Link(new_id(), new_id(), "ar")
    signed = link_to(settings, link).rpartition("/")[2]
    assert read_link(settings, signed) == link
    raw = bytearray(_raw(signed))
    raw[place] ^= change
    with pytest.raises(WrongLink):
        read_link(settings, urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode())


@tries(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=90))
def test_anything_may_be_asked_for(settings: Settings, signed: str) -> None:
    with pytest.raises(WrongLink):
        read_link(settings, signed)


def test_a_link_can_be_written_in_one_way_only(settings: Settings) -> None:
    signed = link_to(settings, Link(new_id(), new_id(), "en"), timedelta(hours=1)).rpartition("/")[2]
    for other in (signed + "=", signed + "==", " " + signed, signed[:-1] + chr(ord(signed[-1]) + 1), signed[:-1]):
        with pytest.raises(WrongLink):
            read_link(settings, other)


def test_another_secret_signs_other_links(settings: Settings, environment: dict[str, str]) -> None:
    from bot.settings import read_settings

    other = read_settings({**environment, "SECRET_KEY": "another-secret-of-the-tests"})
    with pytest.raises(WrongLink):
        read_link(settings, link_to(other, Link(new_id(), new_id(), "ar")).rpartition("/")[2])


def _raw(signed: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
