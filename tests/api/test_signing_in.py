"""Signing in and out, passwords, and how often one may try."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from bot.jobs.seal import forget_answers
from bot.services import Services
from domain.answers import Answer
from domain.attempts import MOST_PER_ACCOUNT, MOST_PER_ADDRESS, SignInLimit, attempt_of, count_attempt
from domain.bearers import AccessToken, ApiKey
from domain.clock import now
from domain.door import Door
from domain.staff import Staff, StaffToken
from tests.api.people import PASSWORD, Asker, employed, machine, signed_in
from tests.conftest import Later
from tests.noor import Noor, found_noor

EMAIL = "huda@noor.example"


@pytest.fixture
def huda(services: Services, noor: Noor) -> Staff:
    return employed(services.door, noor.business_id, "agent", EMAIL, password=True)


def signs_in(nobody: Asker, email: str = EMAIL, password: str = PASSWORD, **more: str) -> Any:
    return nobody.asks("POST", "/auth/token", {"email": email, "password": password, **more})


def test_who_signs_in_may_ask(app: Flask, nobody: Asker, huda: Staff) -> None:
    answer = signs_in(nobody, " Huda@NOOR.example ").json
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 12 * 3600)
    assert (answer["role"], answer["business"]) == ("agent", "NOOR")
    me = Asker(app, answer["access_token"]).gets("/me")
    assert (me["kind"], me["email"], me["role"], me["business"]["code"]) == ("staff", EMAIL, "agent", "NOOR")


def test_who_signed_out_may_not(app: Flask, nobody: Asker, huda: Staff) -> None:
    first, second = (Asker(app, signs_in(nobody).json["access_token"]) for _ in range(2))
    assert first.asks("POST", "/auth/sign-out").status_code == 204
    assert first.asks("GET", "/me").status_code == 401
    assert second.asks("GET", "/me").status_code == 200


def test_a_token_ends_by_itself(app: Flask, nobody: Asker, huda: Staff, later: Later) -> None:
    asker = Asker(app, signs_in(nobody).json["access_token"])
    later(hours=11, minutes=59)
    assert asker.asks("GET", "/me").status_code == 200
    later(minutes=1)
    assert asker.asks("GET", "/me").status_code == 401


def test_who_is_disabled_is_out_at_once(app: Flask, nobody: Asker, admin: Asker, huda: Staff) -> None:
    asker = Asker(app, signs_in(nobody).json["access_token"])
    assert admin.asks("PATCH", f"/staff/{huda.id}", {"disabled": True}).json["disabled_at"]
    assert asker.asks("GET", "/me").status_code == 401
    assert signs_in(nobody).status_code == 401
    assert admin.asks("PATCH", f"/staff/{huda.id}", {"disabled": False}).json["disabled_at"] is None
    assert asker.asks("GET", "/me").status_code == 401
    assert signs_in(nobody).status_code == 200


def test_a_role_counts_from_when_it_is_given(app: Flask, nobody: Asker, admin: Asker, huda: Staff) -> None:
    asker = Asker(app, signs_in(nobody).json["access_token"])
    assert asker.asks("GET", "/staff").status_code == 403
    assert admin.asks("PATCH", f"/staff/{huda.id}", {"role": "admin"}).status_code == 200
    assert asker.asks("GET", "/staff").status_code == 200


def test_there_is_no_telling_whether_somebody_is_there(nobody: Asker, huda: Staff, services: Services) -> None:
    answers = [signs_in(nobody, email, "not that one") for email in (EMAIL, "who@noor.example")]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].json == answers[1].json
    took: dict[str, list[float]] = {EMAIL: [], "who@noor.example": []}
    for _ in range(7):
        for email, times in took.items():
            with services.door.for_every_business() as session:
                session.execute(text("DELETE FROM sign_in_limit"))
            began = perf_counter()
            signs_in(nobody, email, "not that one")
            times.append(perf_counter() - began)
    known, unknown = (min(times) for times in took.values())
    assert 0.6 < known / unknown < 1.6, took


def test_who_is_staff_of_several_says_where(app: Flask, nobody: Asker, huda: Staff, services: Services) -> None:
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    employed(services.door, other.business_id, "viewer", EMAIL, password=True)
    unsaid = signs_in(nobody)
    assert (unsaid.status_code, unsaid.json["code"]) == (409, "business_needed")
    assert "NOOR, OTHER" in unsaid.json["detail"]
    assert (
        signs_in(nobody, password="not that one").json
        == signs_in(nobody, "who@noor.example", password="not that one").json
    )
    for code, role in (("NOOR", "agent"), ("OTHER", "viewer")):
        answer = signs_in(nobody, business=code).json
        assert (answer["business"], answer["role"]) == (code, role)
        assert Asker(app, answer["access_token"]).gets("/me")["business"]["code"] == code
    assert signs_in(nobody, business="NOBODY").status_code == 401


def test_an_invitation_sets_a_password_once(app: Flask, nobody: Asker, admin: Asker, services: Services) -> None:
    made = admin.asks("POST", "/staff", {"email": "New@noor.example", "name": "New", "role": "agent"})
    assert (made.status_code, made.json["purpose"], made.json["staff"]["email"]) == (
        201,
        "invitation",
        "new@noor.example",
    )
    assert signs_in(nobody, "new@noor.example").status_code == 401
    sets = {"token": made.json["token"], "password": PASSWORD}
    assert nobody.asks("POST", "/auth/password", {**sets, "password": "short"}).status_code == 422
    assert nobody.asks("POST", "/auth/password", sets).status_code == 204
    assert signs_in(nobody, "new@noor.example").status_code == 200
    assert nobody.asks("POST", "/auth/password", sets).json["code"] == "bad_token"
    again = admin.asks("POST", "/staff", {"email": "new@NOOR.example", "name": "New", "role": "agent"})
    assert (again.status_code, again.json["code"]) == (409, "already_staff")
    with services.door.for_every_business() as session:
        kept = session.scalars(select(StaffToken)).one()
    assert made.json["token"].encode() not in bytes(kept.digest)


def test_a_reset_signs_everybody_out_who_had_the_old_one(
    app: Flask, nobody: Asker, admin: Asker, huda: Staff, later: Later
) -> None:
    asker = Asker(app, signs_in(nobody).json["access_token"])
    first, second = (admin.asks("POST", f"/staff/{huda.id}/invitation").json for _ in range(2))
    assert (first["purpose"], second["purpose"]) == ("reset", "reset")
    assert nobody.asks("POST", "/auth/password", {"token": first["token"], "password": "x" * 8}).status_code == 401
    assert nobody.asks("POST", "/auth/password", {"token": second["token"], "password": "x" * 8}).status_code == 204
    assert asker.asks("GET", "/me").status_code == 401
    assert signs_in(nobody).status_code == 401
    assert signs_in(nobody, password="x" * 8).status_code == 200
    third = admin.asks("POST", f"/staff/{huda.id}/invitation").json
    later(hours=24)
    assert nobody.asks("POST", "/auth/password", {"token": third["token"], "password": PASSWORD}).status_code == 401


def test_one_invitation_used_twice_at_once_sets_one_password(app: Flask, admin: Asker) -> None:
    made = admin.asks("POST", "/staff", {"email": "new@noor.example", "name": "New", "role": "agent"}).json
    with ThreadPoolExecutor(4) as pool:
        bodies = [{"token": made["token"], "password": f"password {number}"} for number in range(4)]
        answers = list(pool.map(lambda body: Asker(app).asks("POST", "/auth/password", body).status_code, bodies))
    assert sorted(answers) == [204, 401, 401, 401]


def test_one_changes_one_s_own_password(app: Flask, nobody: Asker, huda: Staff) -> None:
    asker = Asker(app, signs_in(nobody).json["access_token"])
    change = {"email": EMAIL, "password": PASSWORD, "new_password": "another one"}
    assert nobody.asks("POST", "/auth/change-password", {**change, "password": "wrong"}).status_code == 401
    assert nobody.asks("POST", "/auth/change-password", change).status_code == 204
    assert asker.asks("GET", "/me").status_code == 401
    assert signs_in(nobody, password="another one").status_code == 200


def test_few_guesses_at_an_account(nobody: Asker, huda: Staff, later: Later) -> None:
    for email in (EMAIL, "who@noor.example"):
        for _ in range(MOST_PER_ACCOUNT):
            assert signs_in(nobody, email, "guess").status_code == 401
        refused = signs_in(nobody, email)
        assert (refused.status_code, refused.json["code"]) == (429, "too_many_attempts")
        assert 0 < int(refused.headers["Retry-After"]) <= 901
    later(minutes=16)
    assert signs_in(nobody).status_code == 200


def test_few_guesses_from_an_address(nobody: Asker, huda: Staff) -> None:
    for number in range(MOST_PER_ADDRESS):
        assert signs_in(nobody, f"{number}@noor.example", "guess").status_code == 401
    assert signs_in(nobody).status_code == 429


def test_who_gets_it_right_may_sign_in_often(nobody: Asker, huda: Staff) -> None:
    for _ in range(MOST_PER_ACCOUNT - 1):
        assert signs_in(nobody, password="guess").status_code == 401
    for _ in range(MOST_PER_ADDRESS + 5):
        assert signs_in(nobody).status_code == 200


def test_guesses_at_the_same_time_count_each_other(door: Door) -> None:
    """Twenty connections, each of which has to see what all others counted."""
    attempt = attempt_of(b"key", EMAIL, "192.0.2.1")

    def tries(_: int) -> bool:
        with door.for_every_business() as session:
            return count_attempt(session, attempt) is None

    with ThreadPoolExecutor(20) as pool:
        let_through = sum(pool.map(tries, range(60)))
    assert let_through == MOST_PER_ACCOUNT
    with door.for_every_business() as session:
        assert set(session.scalars(select(SignInLimit.attempts))) == {60}


def test_guesses_at_the_same_time_over_http(app: Flask, huda: Staff) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: signs_in(Asker(app), password="guess").status_code, range(24)))
    assert answers.count(401) == MOST_PER_ACCOUNT
    assert answers.count(429) == 24 - MOST_PER_ACCOUNT


def test_limits_are_kept_without_names(nobody: Asker, huda: Staff, services: Services) -> None:
    signs_in(nobody, password="guess")
    with services.door.for_every_business() as session:
        assert all(len(subject) == 32 for subject in session.scalars(select(SignInLimit.subject)))
    with services.door.for_business(huda.business_id) as session:
        assert session.scalars(select(SignInLimit.subject)).all() == []


def test_a_key_is_shown_once_and_kept_as_a_digest(app: Flask, admin: Asker, services: Services) -> None:
    made = admin.asks("POST", "/api-keys", {"name": "billing", "scopes": ["customers:read", "customers:read"]})
    assert made.status_code == 201
    key = made.json["key"]
    assert key.startswith(made.json["prefix"])
    assert made.json["scopes"] == ["customers:read"]
    asker = Asker(app, key)
    assert asker.gets("/customers")["items"]
    assert asker.asks("GET", "/messages").status_code == 403
    me = asker.gets("/me")
    assert (me["kind"], me["name"], me["role"], me["email"]) == ("api_key", "billing", None, None)
    listed = admin.gets("/api-keys")["items"][0]
    assert "key" not in listed
    assert listed["last_used_at"]
    with services.door.for_every_business() as session:
        row = session.scalars(select(ApiKey)).one()
    assert key not in str(vars(row))
    assert admin.asks("DELETE", f"/api-keys/{made.json['id']}").status_code == 204
    assert asker.asks("GET", "/customers").status_code == 401
    assert admin.gets("/api-keys")["items"][0]["revoked_at"]


def test_a_key_may_end_by_itself(app: Flask, admin: Asker, later: Later) -> None:
    ends = (now() + timedelta(hours=1)).isoformat()
    key = admin.asks("POST", "/api-keys", {"name": "x", "scopes": ["viewer"], "expires_at": ends}).json["key"]
    assert Asker(app, key).gets("/me")["role"] == "viewer"
    later(hours=1)
    assert Asker(app, key).asks("GET", "/me").status_code == 401
    past = {"name": "x", "scopes": ["viewer"], "expires_at": ends}
    assert admin.asks("POST", "/api-keys", past).status_code in {401, 422}


def test_the_last_admin_stays(app: Flask, noor: Noor, admin: Asker) -> None:
    second = signed_in(app, noor.business_id, "admin", "second@noor.example")
    with ThreadPoolExecutor(2) as pool:
        each = [(admin, second.id), (second, admin.id)]
        answers = list(pool.map(lambda pair: pair[0].asks("PATCH", f"/staff/{pair[1]}", {"role": "viewer"}), each))
    assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 409])


def test_what_was_kept_is_no_token(app: Flask, noor: Noor, services: Services, admin: Asker) -> None:
    with services.door.for_every_business() as session:
        for digest in session.scalars(select(AccessToken.digest)):
            assert Asker(app, digest.hex()).asks("GET", "/me").status_code == 401
        session.execute(update(AccessToken).values(revoked_at=now()))
    assert admin.asks("GET", "/me").status_code == 401
    assert machine(app, noor.business_id, "viewer").asks("GET", "/me").status_code == 200


def test_what_is_over_is_forgotten(nobody: Asker, admin: Asker, huda: Staff, services: Services, later: Later) -> None:
    signs_in(nobody)
    signs_in(nobody, password="guess")
    admin.asks("POST", f"/staff/{huda.id}/invitation", Idempotency_Key="one")
    tables = (SignInLimit, Answer, AccessToken, StaffToken)

    def kept() -> list[int]:
        forget_answers(services, now())
        with services.door.for_every_business() as session:
            return [len(session.scalars(select(table)).all()) for table in tables]

    assert kept() == [2, 1, 2, 1]
    later(minutes=16)
    assert kept() == [0, 1, 2, 1]
    later(days=1)
    assert kept() == [0, 0, 2, 1]
    later(days=8)
    assert kept() == [0, 0, 0, 0]


def test_without_a_proxy_nobody_says_where_they_come_from(nobody: Asker, huda: Staff) -> None:
    """X-Forwarded-For is anybody's invention then, and counts for nothing."""
    for number in range(MOST_PER_ADDRESS):
        body = {"email": f"{number}@noor.example", "password": "guess"}
        assert nobody.asks("POST", "/auth/token", body, X_Forwarded_For=f"192.0.2.{number}").status_code == 401
    assert signs_in(nobody).status_code == 429
