"""A real PostgreSQL and a real Redis as private processes: nothing to install, nothing left behind."""

from sandbox.servers.choice import choose_postgres, choose_redis, embedded_postgres, embedded_redis
from sandbox.servers.given import GivenPostgres, GivenRedis
from sandbox.servers.postgres import EmbeddedPostgres
from sandbox.servers.processes import ServerError
from sandbox.servers.redis import EmbeddedRedis
from sandbox.servers.roles import Urls

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedRedis",
    "GivenPostgres",
    "GivenRedis",
    "ServerError",
    "Urls",
    "choose_postgres",
    "choose_redis",
    "embedded_postgres",
    "embedded_redis",
]
