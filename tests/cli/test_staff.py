"""`raseed staff add`: somebody who may sign in, at once or by an invitation."""

from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain.audit import AuditEntry
from domain.staff import Staff
from tests.api.people import Asker
from tests.cli.test_commands import raseed
from tests.noor import Noor, found_noor

ADD = ("staff", "add", " Huda@Noor.example", "--role", "agent", "--business", "NOOR")


def signs_in(app: Flask, password: str) -> int:
    body = {"email": "huda@noor.example", "password": password}
    return Asker(app).asks("POST", "/auth/token", body).status_code


def test_with_a_password(app: Flask, noor: Noor, services: Services, environment: dict[str, str]) -> None:
    done = raseed(*ADD, "--password-stdin", given="كلمة سر طويلة\n".encode(), environment=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == "huda@noor.example is staff of NOOR: agent.\n"
    assert signs_in(app, "كلمة سر طويلة") == 200
    with services.door.for_every_business() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "staff.added")).one()
        assert (entry.actor_kind, entry.actor_id, entry.after["role"]) == ("operator", None, "agent")


def test_by_an_invitation(app: Flask, noor: Noor, environment: dict[str, str]) -> None:
    done = raseed(*ADD, environment=environment)
    assert done.returncode == 0, done.stderr
    token = done.stdout.decode().splitlines()[2]
    body = {"token": token, "password": "a good password"}
    assert Asker(app).asks("POST", "/auth/password", body).status_code == 204
    assert signs_in(app, "a good password") == 200


def test_again_gives_the_role_and_a_way_back_in(app: Flask, noor: Noor, environment: dict[str, str]) -> None:
    given = {"given": b"a good password", "environment": environment}
    assert raseed(*ADD, "--password-stdin", **given).returncode == 0  # type: ignore[arg-type]
    done = raseed(*ADD[:4], "admin", *ADD[5:], environment=environment)
    assert "huda@noor.example is staff of NOOR: admin." in done.stdout.decode()
    assert "with this reset" in done.stdout.decode()
    services: Services = app.extensions["raseed"]
    with services.door.for_every_business() as session:
        assert [one.role for one in session.scalars(select(Staff))] == ["admin"]


def test_what_can_t_be_is_one_line(noor: Noor, services: Services, environment: dict[str, str]) -> None:
    found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    cases = (
        (("staff", "add", "huda", "--role", "agent", "--business", "NOOR"), b"", "huda is not an e-mail address"),
        ((*ADD[:4], "king", *ADD[5:]), b"", "Invalid value for '--role'"),
        ((*ADD[:-1], "NONE"), b"", "there is no business NONE"),
        ((*ADD, "--password-stdin"), b"short", "--password-stdin: a password has 8 to 200 characters"),
        ((*ADD, "--password-stdin"), b"\xff\xff\xff\xff\xff\xff\xff\xff\xff", "--password-stdin"),
    )
    for arguments, given, complaint in cases:
        done = raseed(*arguments, given=given, environment=environment)
        assert done.returncode != 0
        assert complaint in done.stderr.decode()
        assert len(done.stderr.decode().splitlines()) == 1
    with services.door.for_every_business() as session:
        assert session.scalars(select(Staff)).all() == []
