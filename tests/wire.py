"""The wire to PostgreSQL: something done before each question, and how many round trips there were."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import psycopg
from psycopg.pq import Trace
from sqlalchemy import Engine, event


@contextmanager
def before_each_question(do: Callable[[], None]) -> Iterator[None]:
    """Call `do` before each question of this process to PostgreSQL, whatever layer asks it."""
    wait = psycopg.Connection.wait

    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        do()
        return wait(self, *args, **kwargs)

    psycopg.Connection.wait = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        psycopg.Connection.wait = wait  # type: ignore[method-assign]


class RoundTrips:
    """The round trips to PostgreSQL over the connections of `engine`, as the protocol's own library saw them."""

    def __init__(self, engine: Engine) -> None:
        self.number = 0
        self._engine = engine

    def __enter__(self) -> "RoundTrips":
        self._file = NamedTemporaryFile("r")
        event.listen(self._engine, "checkout", self._trace)
        event.listen(self._engine, "checkin", self._untrace)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "checkout", self._trace)
        event.remove(self._engine, "checkin", self._untrace)
        sent = [line.split("\t") for line in Path(self._file.name).read_text(errors="replace").splitlines()]
        # The server answers when it is sent a Query or, after a prepared statement, a Sync.
        self.number = sum(fields[0] == "F" and fields[2] in {"Query", "Sync"} for fields in sent if len(fields) > 2)
        self._file.close()

    def _trace(self, driver: Any, *_: object) -> None:
        driver.pgconn.trace(self._file.fileno())
        driver.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

    def _untrace(self, driver: Any, *_: object) -> None:
        if driver is not None:
            driver.pgconn.untrace()
