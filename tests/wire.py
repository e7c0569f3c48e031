"""The wire to PostgreSQL: something done before each round trip."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def before_each_round_trip(do: Callable[[], None]) -> Iterator[None]:
    """Call `do` before each round trip of this process to PostgreSQL, whatever layer makes it."""
    wait = psycopg.Connection.wait

    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        do()
        return wait(self, *args, **kwargs)

    psycopg.Connection.wait = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        psycopg.Connection.wait = wait  # type: ignore[method-assign]
