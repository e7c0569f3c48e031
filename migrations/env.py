"""Runs migrations: one at a time, each in a transaction, never waiting long for a lock."""

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from domain.door import psycopg_url
from domain.tables import Base
from migrations.grants import grant_service

# Two deploys must not migrate together; the number only has to be ours.
_ADVISORY_LOCK = 7_217_733


def _migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    attributes = context.config.attributes
    engine = create_engine(psycopg_url(attributes["url"]), poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        _migrate(connection)
        if attributes.get("service_role"):
            grant_service(connection, attributes["service_role"])
        connection.commit()


_run()
