"""What all tests stand on: a private PostgreSQL and Redis for each test process, emptied before each test."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

import migrations
from bot.app import create_app
from bot.services import Services
from bot.settings import Settings, read_settings
from domain import clock
from domain.door import Door, psycopg_url, service_engine
from domain.tables import Base
from sandbox.servers import embedded_postgres, embedded_redis
from tests.browser import browser
from tests.noor import Noor, found_noor
from tests.world import ACCOUNT_SID, AUTH_TOKEN, BASE_URL

__all__ = ["browser"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the transcripts as they are now")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    with embedded_postgres(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with embedded_redis() as server:
        yield server.url


@pytest.fixture(scope="session")
def database(postgres: Any) -> Any:
    """The addresses of a migrated database: `owner_url` and `service_url`."""
    urls = postgres.create_database("raseed", owner="raseed_owner", service_role="raseed")
    command.upgrade(migrations.config(urls.owner_url, "raseed"), "head")
    return urls


@pytest.fixture(scope="session")
def superuser(postgres: Any, database: Any) -> Iterator[Any]:
    name = make_url(database.owner_url).database
    engine = create_engine(make_url(psycopg_url(postgres.superuser_url)).set(database=name), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


_LEFT_OVER = text("""
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
""")
_TABLES = [table.name for table in Base.metadata.sorted_tables]
_FILLED = text(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in _TABLES))
_COUNTED = text("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL")
_LARGEST = text("SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname = ANY (:tables)")
_LARGE = 1 << 20
"""Bytes from which on tables are cut, which takes some milliseconds for each of them, full or not."""


@pytest.fixture
def empty(superuser: Any) -> None:
    """Every table emptied, the ones that are only added to as well, and whoever a test left behind sent away first.

    A process that was killed leaves its last statement running in the server, which may hold what is emptied here.
    """
    superuser.execute(_LEFT_OVER)
    superuser.execute(text("SET session_replication_role = replica"))
    if superuser.execute(_LARGEST, {"tables": _TABLES}).scalar_one() >= _LARGE:
        superuser.execute(text(f"TRUNCATE {', '.join(_TABLES)} RESTART IDENTITY"))
        return
    for name in superuser.execute(_FILLED).scalars().all():
        superuser.execute(text(f"DELETE FROM {name}"))
    for name in superuser.execute(_COUNTED).scalars().all():
        superuser.execute(text(f"ALTER SEQUENCE {name} RESTART"))


@pytest.fixture
def door(database: Any, empty: None) -> Iterator[Door]:
    """The door to an empty database, as the service's role."""
    engine = service_engine(database.service_url, pool_size=20)
    yield Door(engine)
    engine.dispose()


@pytest.fixture
def environment(database: Any, redis_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database.service_url,
        "MIGRATIONS_DATABASE_URL": database.owner_url,
        "REDIS_URL": redis_url,
        "PUBLIC_BASE_URL": BASE_URL,
        "EVENTS_BASE_URL": "http://127.0.0.1:18998",
        "SECRET_KEY": "a-secret-for-the-tests",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_BASE_URL": "http://127.0.0.1:9",  # nobody listens there: tests that send start a sandbox
        "LOG_LEVEL": "WARNING",
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return read_settings(environment)


@pytest.fixture
def app(settings: Settings, empty: None) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    services: Services = app.extensions["raseed"]
    services.bell.close()
    services.redis.flushdb()
    services.close()
    clock.use_file(None)


class Later:
    """The clock of a test: it stands still, and moves when it is told to."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._instant = clock.now()
        self()

    def __call__(self, **ahead: float) -> None:
        """Move the clock ahead, by so many minutes, hours or days."""
        self._instant += timedelta(**ahead)
        self._file.write_text(self._instant.isoformat())


@pytest.fixture
def later(app: Flask, tmp_path: Path) -> Iterator[Later]:
    later = Later(tmp_path / "clock")
    clock.use_file(tmp_path / "clock")
    yield later
    clock.use_file(None)


@pytest.fixture
def services(app: Flask) -> Services:
    found: Services = app.extensions["raseed"]
    return found


@pytest.fixture
def noor(door: Door) -> Noor:
    """The company of the tests, with its customers."""
    return found_noor(door)
