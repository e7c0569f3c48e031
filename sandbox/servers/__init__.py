"""A real PostgreSQL and a real Redis as private processes: nothing to install, nothing left behind."""

from sandbox.servers.postgres import EmbeddedPostgres, Urls, embedded_postgres
from sandbox.servers.processes import ServerError
from sandbox.servers.redis import EmbeddedRedis, embedded_redis

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedRedis",
    "ServerError",
    "Urls",
    "embedded_postgres",
    "embedded_redis",
]
