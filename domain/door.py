"""The one door through which the service comes to its data.

Whoever opens a session says for whom: one business, the business that a number of ours belongs to, or, for jobs,
all of them. Row-level security holds every session to what was said; a session that says nothing sees nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, make_url, text
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
    }.items()
)
_ENTER = text("SELECT set_config(:setting, :value, true)")
_ENTER_BY_SENDER = "SELECT * FROM enter_by_sender(%(channel)s, %(address)s)"


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
    """The one transaction of a turn. `session` and `ask` are two ways into the same transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.connection.cursor()
        self._session: Session | None = None

    def ask(self, statement: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Run a statement that every message has to wait for, straight on the driver, and return its rows.

        Placeholders are psycopg's, %(name)s. A third of a turn's time would go into what lies between otherwise.
        """
        self._cursor.execute(statement, values)
        result = self._cursor.pgresult
        return self._cursor.fetchall() if result is not None and result.nfields else []

    @property
    def session(self) -> Session:
        """A session, for everything else."""
        if self._session is None:
            self._session = Session(self._connection, expire_on_commit=False)
        return self._session

    def undo(self) -> None:
        """Undo everything that was done so far."""
        self._connection.rollback()


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
    session.execute(_ENTER, {"setting": SETTING, "value": str(business_id) if business_id else EVERY_BUSINESS})


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
    def for_sender(self, channel: str, address: str) -> Iterator[tuple[Visit, Desk | None]]:
        """Open a transaction that sees the business of our number `address`; no desk where it is not ours."""
        with self.engine.connect() as connection, connection.begin():
            visit = Visit(connection)
            rows = visit.ask(_ENTER_BY_SENDER, {"channel": channel, "address": address})
            yield visit, Desk(*rows[0]) if rows else None

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session, session.begin():
            yield session
