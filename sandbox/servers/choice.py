"""Which server serves: the wheel's; where there is none, the one whose address is given, or this machine's own."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from sandbox.servers.accounts import account_for
from sandbox.servers.binaries import Found, find_postgres, find_redis, postgres_in_wheel, redis_in_wheel
from sandbox.servers.given import GivenPostgres, GivenRedis
from sandbox.servers.places import temporary_place
from sandbox.servers.postgres import EmbeddedPostgres
from sandbox.servers.processes import end_leftovers
from sandbox.servers.redis import EmbeddedRedis

log = logging.getLogger(__name__)


class _Startable(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


Server = TypeVar("Server", bound=_Startable)


def choose_postgres(
    data_dir: Path, *, durable: bool = True, throwaway: bool = False
) -> EmbeddedPostgres | GivenPostgres:
    """Return a PostgreSQL, not yet started. Raises ServerError when none can be had."""
    if not postgres_in_wheel() and (url := os.environ.get("DATABASE_URL")):
        log.warning("no wheel of PostgreSQL here: the one that DATABASE_URL names serves")
        return GivenPostgres(url, os.environ.get("MIGRATIONS_DATABASE_URL") or url, throwaway=throwaway)
    return EmbeddedPostgres(data_dir, _told(find_postgres(), "PostgreSQL"), durable=durable)


def choose_redis(data_dir: Path) -> EmbeddedRedis | GivenRedis:
    """Return a Redis, not yet started. Raises ServerError when none can be had."""
    if not redis_in_wheel() and (url := os.environ.get("REDIS_URL")):
        log.warning("no wheel of Redis here: the one that REDIS_URL names serves")
        return GivenRedis(url)
    return EmbeddedRedis(data_dir, _told(find_redis(), "Redis"))


@contextmanager
def embedded_postgres(
    data_dir: Path | None = None, *, durable: bool = True
) -> Iterator[EmbeddedPostgres | GivenPostgres]:
    """Run a PostgreSQL on `data_dir`; on a temporary one, removed at the end, when none is given."""
    if data_dir is None:
        with temporary_place("postgres", account_for(None), _end_postgres) as place:
            yield from _run(choose_postgres(place / "data", durable=durable, throwaway=True))
    else:
        yield from _run(choose_postgres(data_dir, durable=durable))


@contextmanager
def embedded_redis(data_dir: Path | None = None) -> Iterator[EmbeddedRedis | GivenRedis]:
    """Run a Redis in `data_dir`; in a temporary one, removed at the end, when none is given."""
    if data_dir is None:
        with temporary_place("redis", None, _end_redis) as place:
            yield from _run(choose_redis(place))
    else:
        yield from _run(choose_redis(data_dir))


def _run(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _told(found: Found, name: str) -> Found:
    if not found.in_wheel:
        log.warning("no wheel of %s here: the one in %s serves", name, found.folder)
    return found


def _end_postgres(place: Path) -> None:
    end_leftovers(place / "data" / "cluster", "postgres", signal.SIGINT)


def _end_redis(place: Path) -> None:
    end_leftovers(place, "redis-server", signal.SIGTERM)
