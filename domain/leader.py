"""The leader: of all schedulers, on however many hosts, the one that plans. An advisory lock says which.

The lock is the session's, so it ends with the process, whatever ends that. It only saves work: were there ever two
leaders, each slot would still be one row.
"""

import os
import socket
from types import TracebackType
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from domain.door import EVERY_BUSINESS, SETTING, Door

# The number only has to be ours. As (classid, objid), which is how the database shows it.
_LOCK: Final = (7_217, 1)
_TRY: Final = text("SELECT pg_try_advisory_lock(:class, :object)")
_STILL: Final = text("SELECT 1")
# A host that vanished without a word gives the lock back within half a minute. Has no effect on a local socket.
_PREPARE: Final = text(
    """
    SELECT set_config(:setting, :value, false), set_config('application_name', :name, false),
           set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false)
    """
)
_WHO: Final = text(
    """
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND classid = :class AND objid = :object AND objsubid = 2 AND granted
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
)
_PREFIX: Final = "raseed schedule "


class Candidate:
    """Wants to lead, over a connection of its own. Used as a context manager, which gives the lead back."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._connection: Connection | None = None
        self._leads = False

    def __enter__(self) -> "Candidate":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.resign()

    def leads(self) -> bool:
        """Tell whether this one leads now; become the leader if nobody is.

        Raises SQLAlchemyError when the database is away; then `resign` and ask again.
        """
        connection = self._connected()
        if self._leads:
            connection.execute(_STILL)
        else:
            self._leads = bool(connection.scalar(_TRY, _numbers()))
        return self._leads

    def session(self) -> Session:
        """Return a session on the very connection that holds the lock: who lost the one cannot use the other."""
        return Session(self._connected(), expire_on_commit=False, autoflush=False)

    def resign(self) -> None:
        """Give the lead back, if it was ours."""
        connection, self._connection, self._leads = self._connection, None, False
        if connection is not None:
            connection.close()  # it is detached, so that closes it, and with it goes the lock

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = self._door.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
            self._connection = connection
            name = f"{_PREFIX}{socket.gethostname()[:32]} {os.getpid()}"
            connection.execute(_PREPARE, {"setting": SETTING, "value": EVERY_BUSINESS, "name": name})
        return self._connection


def who_leads(session: Session) -> str | None:
    """Return the host and the process id of the leader, as one text; None when nobody leads."""
    name = session.scalar(_WHO, _numbers())
    return str(name).removeprefix(_PREFIX) if name is not None else None


def _numbers() -> dict[str, int]:
    return {"class": _LOCK[0], "object": _LOCK[1]}
