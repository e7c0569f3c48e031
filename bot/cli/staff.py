"""`raseed staff`: the people who sign in."""

import sys
from contextlib import closing
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.errors import one_line
from bot.importer.fields import EMAIL
from bot.keys import keys_of
from bot.services import Services, make_services
from bot.settings import read_settings
from domain.audit import Write, Writer, record
from domain.bearers import OPERATOR, STAFF
from domain.businesses import LANGUAGES, Business
from domain.ids import new_id
from domain.passwords import PasswordRefused, hash_of
from domain.signing_in import end_every_access, invite, set_password
from domain.staff import ROLES, Staff, as_email

_ORIGIN = {"user_agent": "raseed staff add"}


@click.group()
def staff() -> None:
    """The people who sign in."""


@staff.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may: all, serve customers, or read.")
@click.option("--business", required=True, help="The business's code.")
@click.option("--name", help="What they are called. Default: what stands before the @.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: the business's.")
@click.option("--password-stdin", is_flag=True, help="Read their password from standard input.")
def add(
    email: str,
    role: str,
    business: str,
    name: str | None,
    language: str | None,
    password_stdin: bool,
) -> None:
    """Let EMAIL sign in as staff of a business.

    Prints a token by which they set their password, once, unless --password-stdin gives one. Who is staff already
    gets the role, may sign in again if they were disabled, and sets a new password.

    Example: raseed staff add huda@noor.example --role agent --business NOOR
    """
    address = as_email(email)
    if not EMAIL.fullmatch(address):
        raise click.UsageError(f"{email} is not an e-mail address")
    password_hash = _read_password() if password_stdin else None
    given = {"role": role, "name": name, "language": language}
    with closing(make_services(read_settings())) as services:
        try:
            told = _add(services, business, address, given, password_hash)
        except SQLAlchemyError as error:
            raise click.ClickException(f"the database did not do it: {one_line(error)}") from error
    for line in told:
        click.echo(line)


def _read_password() -> str:
    try:
        return hash_of(sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n"))
    except (PasswordRefused, UnicodeDecodeError) as error:
        raise click.ClickException(f"--password-stdin: {error}") from error


def _add(
    services: Services, code: str, email: str, given: dict[str, str | None], password_hash: str | None
) -> list[str]:
    """Do it, and return what the operator is told."""
    with services.door.for_every_business() as session:
        business = session.scalars(select(Business).where(Business.code == code)).one_or_none()
        if business is None:
            raise click.ClickException(f"there is no business {code}")
        somebody, before = _written(session, business, email, given)
        told = [f"{email} is staff of {code}: {somebody.role}."]
        if password_hash is not None:
            set_password(session, somebody, password_hash)
        else:
            told += _invited(session, services, somebody)
        writer = Writer(business.id, OPERATOR, None, _ORIGIN)
        write = Write("staff.added", STAFF, somebody.id, before, _facts(somebody))
        record(session, keys_of(services.settings).audit, writer, write)
        return told


def _written(
    session: Session, business: Business, email: str, given: dict[str, str | None]
) -> tuple[Staff, dict[str, Any]]:
    """Write somebody down, and return them, and what was known of them before."""
    known = select(Staff).where(Staff.business_id == business.id, Staff.email == email).with_for_update()
    somebody = session.scalars(known).one_or_none()
    before = _facts(somebody) if somebody else {}
    if somebody is None:
        somebody = Staff(id=new_id(), business_id=business.id, email=email, name=email.partition("@")[0])
        somebody.language = business.language
        session.add(somebody)
    for name, value in given.items():
        if value is not None:
            setattr(somebody, name, value)
    if before and before["role"] != somebody.role:
        end_every_access(session, somebody.id)
    somebody.disabled_at = None
    session.flush()
    return somebody, before


def _invited(session: Session, services: Services, somebody: Staff) -> list[str]:
    token, purpose, expires_at = invite(session, somebody)
    where = f"{services.settings.public_base_url}/api/v1/auth/password"
    return [
        f"A password is set, once and until {expires_at:%Y-%m-%d %H:%M} UTC, with this {purpose}:",
        token,
        f"""  curl -H 'Content-Type: application/json' -d '{{"token": "…", "password": "…"}}' {where}""",
    ]


def _facts(somebody: Staff) -> dict[str, Any]:
    return {"email": somebody.email, "name": somebody.name, "role": somebody.role, "language": somebody.language}
