"""The one door through which the service comes to its data.

Whoever opens a session says for whom: one business, the business that a number of ours belongs to, or, for jobs,
all of them. Row-level security holds every session to what was said; a session that says nothing sees nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

SETTING: Final = "raseed.business"
EVERY_BUSINESS: Final = "*"

_SESSION_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": "20s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
        "jit": "off",  # what is compiled here runs for less than a millisecond
    }.items()
)
_ENTER: Final = "SELECT set_config(%(setting)s, %(value)s, true)"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an inbound message arrived: a number of ours, and the business that it belongs to."""

    sender_id: UUID
    business_id: UUID
    name_en: str
    name_ar: str
    currency: str
    timezone: str
    country: str
    language: str
    account_sid_var: str | None


class Visit:
    """The one transaction of a turn, straight on the driver: every customer waits for it.

    Placeholders are psycopg's, %(name)s. What lies between otherwise would take a third of a turn's time.
    """

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._driver = driver

    def ask(self, statement: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Ask the database, and return the rows."""
        cursor = self._driver.execute(statement, values)
        result = cursor.pgresult
        return cursor.fetchall() if result is not None and result.nfields else []

    @classmethod
    def within(cls, session: Session) -> "Visit":
        """Return a visit in the transaction that `session` is in, and for whom it was opened."""
        driver: psycopg.Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
        return cls(driver)

    def undo(self) -> None:
        """Undo everything that was done so far."""
        self._driver.rollback()


def was_lost(error: Exception) -> bool:
    """Tell whether `error` is that the connection to the database went away: it may be tried anew."""
    if isinstance(error, DBAPIError):
        return bool(error.connection_invalidated)
    return isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08").startswith(("08", "57P"))


def is_outage(error: Exception) -> bool:
    """Tell whether `error` is about the database itself (away, locked, out of time), not about what it was asked."""
    if isinstance(error, DBAPIError):
        return isinstance(error.orig, psycopg.OperationalError | psycopg.InterfaceError)
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | SQLAlchemyError)


def service_engine(url: str, pool_size: int = 5) -> Engine:
    """Return an engine on `url`, whose statements, locks and idle transactions all have an end.

    Values never appear in its errors or logs: they are people's data.
    """
    return create_engine(
        psycopg_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        pool_reset_on_return=None,  # every session and every visit ends its transaction itself
        hide_parameters=True,
        connect_args={"connect_timeout": 3, "options": _SESSION_OPTIONS, "application_name": "raseed"},
    )


def psycopg_url(url: str) -> str:
    """Return `url` (postgres://, postgresql:// or postgresql+psycopg://) as SQLAlchemy wants it for psycopg 3."""
    return (
        make_url(url.replace("postgres://", "postgresql://", 1))
        .set(drivername="postgresql+psycopg")
        .render_as_string(hide_password=False)
    )


def enter(session: Session, business_id: UUID | None) -> None:
    """Let the rest of the session's transaction see one business, or every one."""
    value = str(business_id) if business_id else EVERY_BUSINESS
    Visit.within(session).ask(_ENTER, {"setting": SETTING, "value": value})


# What makes the database say no, or nothing, whichever way it was asked.
DATABASE_ERRORS: Final = (SQLAlchemyError, psycopg.Error)


class Door:
    """Opens sessions. Each is one transaction: committed when its block ends well, else undone."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def for_business(self, business_id: UUID) -> Iterator[Session]:
        """Open a session that sees one business."""
        with self._transaction() as session:
            enter(session, business_id)
            yield session

    @contextmanager
    def for_every_business(self) -> Iterator[Session]:
        """Open a session that sees all of them: for jobs that serve every business in one sweep."""
        with self._transaction() as session:
            enter(session, None)
            yield session

    @contextmanager
    def for_a_look(self) -> Iterator[Session]:
        """Open a session that sees every business as it is at one instant, however long it looks, and only reads."""
        with Session(self.engine.execution_options(isolation_level="REPEATABLE READ")) as session, session.begin():
            enter(session, None)
            session.execute(text("SET TRANSACTION READ ONLY"))
            yield session

    @contextmanager
    def for_whoever_asks(self) -> Iterator[Session]:
        """Open a session that sees nothing before it enters, by what the one who asks bears (domain/bearers.py)."""
        with self._transaction() as session:
            yield session

    @contextmanager
    def for_visit(self) -> Iterator[Visit]:
        """Open the transaction of a turn. It sees nothing before it enters, by the number that was written to.

        The database's function enter_by_sender does that, and tells the desk.
        """
        pooled = self.engine.raw_connection()
        try:
            driver: psycopg.Connection[Any] = pooled.dbapi_connection  # type: ignore[assignment]
            yield Visit(driver)
            driver.commit()
        except BaseException:
            pooled.invalidate()  # closing it undoes everything, whatever state it is in
            raise
        finally:
            pooled.close()

    @contextmanager
    def for_one_statement(self) -> Iterator[Visit]:
        """Open a visit whose every statement is a transaction by itself, as a single one need not be told."""
        pooled = self.engine.raw_connection()
        try:
            driver: psycopg.Connection[Any] = pooled.dbapi_connection  # type: ignore[assignment]
            driver.autocommit = True
            yield Visit(driver)
            driver.autocommit = False
        except BaseException:
            pooled.invalidate()
            raise
        finally:
            pooled.close()

    def forget_connections(self) -> None:
        """Let go of the connections that lie in the pool: one was dead, so all may be."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session, session.begin():
            try:
                yield session
            except psycopg.Error as error:
                if was_lost(error):  # what was asked straight on the driver: the pool must not keep what is dead
                    session.connection().invalidate(error)
                raise
