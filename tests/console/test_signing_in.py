"""Signing in and out at the console, and what its cookies and headers let nobody do."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from bot.app import create_app
from bot.services import Services
from bot.settings import Settings
from domain.signing_in import TOKEN_LIFE, invite
from domain.staff import Staff
from tests.api.people import PASSWORD, employed, machine, signed_in
from tests.conftest import Later
from tests.console.people import Visitor, at_work, visitor
from tests.noor import Noor, found_noor

HUDA = {"email": "admin@noor.example", "password": PASSWORD}


@pytest.fixture
def huda(services: Services, noor: Noor) -> Staff:
    return employed(services.door, noor.business_id, "admin", password=True)


def test_who_signs_in_goes_on_to_where_they_wanted_and_out_again(nobody: Visitor, huda: Staff) -> None:
    wanted = nobody.opens("/tickets?status=open").headers["Location"].removeprefix("/console")
    answer = nobody.fills_in(wanted, wanted, HUDA)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/tickets?status=open")
    assert nobody.opens("").status_code == 200
    assert nobody.fills_in("/sign-out", "/me").headers["Location"] == "/console/sign-in?done=signed_out"
    assert nobody.opens("").status_code == 303


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/console//evil", "/console\\evil", "/consolex", "/api/v1/me"]
)
def test_nobody_is_led_elsewhere(nobody: Visitor, huda: Staff, wanted: str) -> None:
    answer = nobody.client.get("/console/sign-in", query_string={"next": wanted})
    path = f"/sign-in?next={wanted}"
    assert nobody.fills_in(path, path, HUDA).headers["Location"] == "/console"
    assert answer.status_code == 200
    assert nobody.client.get("/console/language/en", query_string={"back": wanted}).headers["Location"] == "/console"


def test_what_is_wrong_is_said_and_what_was_written_stays(nobody: Visitor, huda: Staff) -> None:
    nobody.speaks("en")
    answer = nobody.fills_in("/sign-in", "/sign-in", {**HUDA, "password": "not right"})
    assert answer.status_code == 401
    assert "The e-mail address or the password is not right." in answer.text
    assert 'value="admin@noor.example"' in answer.text
    assert "not right&#34;" not in answer.text
    assert 'value="not right"' not in answer.text
    bad = nobody.fills_in("/sign-in", "/sign-in", {"email": "x", "password": "y"})
    assert bad.status_code == 422
    assert 'id="e-email"' in bad.text


def test_guessing_ends(nobody: Visitor, huda: Staff) -> None:
    answers = [nobody.fills_in("/sign-in", "/sign-in", {**HUDA, "password": f"{n}" * 9}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_who_is_staff_of_several_says_which(nobody: Visitor, huda: Staff, services: Services) -> None:
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    employed(services.door, other.business_id, "admin", password=True)
    answer = nobody.fills_in("/sign-in", "/sign-in", HUDA)
    assert (answer.status_code, 'name="business"' in answer.text) == (409, True)
    assert nobody.fills_in("/sign-in", "/sign-in", {**HUDA, "business": "NOOR"}).status_code == 303


def test_sessions_end_everywhere_with_time_and_with_who_has_them(
    app: Flask, noor: Noor, huda: Staff, services: Services, later: Later
) -> None:
    here, there = visitor(app), visitor(app)
    for browser in (here, there):
        browser.fills_in("/sign-in", "/sign-in", HUDA)
        assert browser.opens("").status_code == 200
    assert here.fills_in("/sign-out-everywhere", "/me").status_code == 303
    assert [browser.opens("").status_code for browser in (here, there)] == [303, 303]
    here.fills_in("/sign-in", "/sign-in", HUDA)
    later(minutes=(TOKEN_LIFE + timedelta(minutes=1)).total_seconds() / 60)
    assert here.opens("").status_code == 303
    other = at_work(app, noor.business_id, "agent")
    admin = at_work(app, noor.business_id, "admin", "boss@noor.example")
    admin.fills_in(f"/staff/{other.id}", f"/staff/{other.id}", {"name": "x", "role": "agent", "disabled": "on"})
    assert other.opens("").status_code == 303


def test_a_machine_reads_no_pages(app: Flask, noor: Noor) -> None:
    browser = visitor(app)
    browser.client.set_cookie("raseed", machine(app, noor.business_id, "admin").bearer or "")
    assert browser.opens("").status_code == 303


def test_a_session_of_the_console_is_a_token_of_the_api(app: Flask, noor: Noor) -> None:
    browser = visitor(app)
    browser.client.set_cookie("raseed", signed_in(app, noor.business_id, "viewer").bearer or "")
    assert browser.opens("").status_code == 200


@pytest.mark.parametrize("base", ["https://bot.example.com", "https://bot.example.com/raseed"])
def test_cookies_are_as_strict_as_they_can_be(settings: Settings, huda: Staff, base: str) -> None:
    app = create_app(settings.model_copy(update={"public_base_url": base}))
    client = app.test_client()
    prefix = base.removeprefix("https://bot.example.com")
    page = client.get("/console/sign-in", base_url=base)
    seal = re.search(r'name="seal" value="([^"]+)"', page.text)
    assert seal
    assert f'action="{prefix}/console/sign-in"' in page.text
    answer = client.post("/console/sign-in", data={**HUDA, "seal": seal[1]}, base_url=base)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{prefix}/console")
    cookies = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-raseed", "__Host-raseed-visit"}
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; ")), cookie
        assert "SameSite=Lax" in cookie or "SameSite=Strict" in cookie
        assert "Domain" not in cookie
    app.extensions["raseed"].close()


def test_an_invitation_sets_a_password_once(app: Flask, noor: Noor, nobody: Visitor, services: Services) -> None:
    somebody = employed(services.door, noor.business_id, "agent", "new@noor.example")
    with services.door.for_business(noor.business_id) as session:
        token, _, _ = invite(session, somebody)
    path = f"/welcome?token={token}"
    assert f'value="{token}"' in nobody.opens(path).text
    fields = {"token": token, "password": " a new  password "}
    assert nobody.fills_in("/welcome", path, {**fields, "password": "short"}).status_code == 422
    assert nobody.fills_in("/welcome", path, fields).status_code == 303
    assert nobody.fills_in("/welcome", path, fields).status_code == 401
    signed = nobody.fills_in("/sign-in", "/sign-in", {"email": "new@noor.example", "password": fields["password"]})
    assert signed.status_code == 303


def test_a_password_is_changed_by_who_knows_it(app: Flask, admin: Visitor, nobody: Visitor) -> None:
    fields = {"email": "admin@noor.example", "business": "NOOR", "new_password": "another password"}
    wrong = admin.fills_in("/me/password", "/me", {**fields, "password": "not mine"})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (401, True)
    assert admin.fills_in("/me/password", "/me", {**fields, "password": PASSWORD}).status_code == 303
    assert admin.opens("").status_code == 303
    assert nobody.fills_in("/sign-in", "/sign-in", {**HUDA, "password": "another password"}).status_code == 303


def test_the_language_is_the_browsers_or_ones_own_or_the_one_that_was_chosen(app: Flask, noor: Noor) -> None:
    def language(browser: Visitor, path: str, **headers: Any) -> str:
        return browser.opens(path, **headers).headers["Content-Language"]

    browser = visitor(app)
    assert language(browser, "/sign-in", **{"Accept-Language": "en"}) == "en"
    assert language(browser, "/sign-in", **{"Accept-Language": "fr"}) == "ar"
    assert language(browser.speaks("en"), "/sign-in", **{"Accept-Language": "ar"}) == "en"
    assert language(browser.speaks("xx"), "/sign-in") == "en"
    browser.client.set_cookie("raseed", signed_in(app, noor.business_id, "viewer").bearer or "")
    assert language(browser.speaks("ar"), "") == "ar"
    browser.client.delete_cookie("raseed-language")
    assert language(browser, "") == "en"


def test_nothing_foreign_is_loaded_framed_or_kept(admin: Visitor) -> None:
    for path in ("", "/sign-in", "/nothing"):
        headers = admin.opens(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    style = re.search(r'href="/console(/static/\w+/console.css)"', admin.opens("").text)
    assert style
    kept = admin.opens(style[1])
    assert kept.mimetype == "text/css"
    assert "max-age=31536000" in kept.headers["Cache-Control"]
    kept.close()


def test_the_database_being_away_is_a_page(settings: Settings, nobody: Visitor) -> None:
    away = create_app(
        settings.model_copy(update={"database_url": settings.database_url.__class__("postgresql://127.0.0.1:9/x")})
    )
    client = away.test_client()
    client.set_cookie("raseed", "rt_x")
    answer = client.get("/console")
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, "text/html", "5")
    away.extensions["raseed"].close()
