"""A database with its two roles: the owner of its tables, and the service, which owns nothing."""

from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Urls:
    """The two ways into a database: as the owner of its tables, and as the service, which owns none."""

    owner_url: str
    service_url: str


def make_database(superuser_url: str, name: str, owner: str, service_role: str, password: str) -> None:
    """Make what isn't there yet; the owner owns the database, and with it its public schema."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role in (owner, service_role):
            if not _known(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                make_role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(make_role.format(sql.Identifier(role), sql.Literal(password)))
        if not _known(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
            make = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
            connection.execute(make)


def _known(connection: "psycopg.Connection[tuple[object, ...]]", question: LiteralString, name: str) -> bool:
    return connection.execute(question, (name,)).fetchone() is not None
