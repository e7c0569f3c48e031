"""The house: the service as production runs it, on servers of its own, with the sandbox as the outside world."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from redis import Redis, RedisError

import migrations
from domain.door import Door, service_engine
from sandbox.servers import EmbeddedPostgres, EmbeddedRedis, Urls, embedded_postgres, embedded_redis
from sandbox.servers.processes import free_port
from tests.chaos.outside import Outside, outside
from tests.chaos.parts import Part
from tests.chaos.plan import Size

_READY_SECONDS = 60.0


class NotOurs(Exception):
    """The servers of this machine are somebody else's, and not for us to kill."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs. `door` is the harness's own way into the database, as the service's role."""

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    urls: Urls
    door: Door
    outside: Outside
    environment: dict[str, str]
    web: Part
    workers: list[Part]
    folder: Path

    @property
    def programs(self) -> list[Part]:
        """What is killed and started again."""
        return [self.web, *self.workers]

    @property
    def everything(self) -> str:
        """The address by which everything is seen, and triggers may be made: the harness's, never the service's."""
        return self.postgres.superuser_url.rsplit("/", 1)[0] + "/raseed"

    def flush_redis(self) -> bool:
        """Empty Redis. False: it is away just now."""
        try:
            with Redis.from_url(self.redis.url, socket_timeout=2) as redis:
                redis.flushall()
        except RedisError:
            return False
        return True

    def bring_back(self) -> None:
        """Start whatever is not there."""
        for server in (self.postgres, self.redis):
            if not server.is_running():
                server.start()
        for part in self.programs:
            part.start()


@contextmanager
def house(seed: int, size: Size, folder: Path) -> Iterator[House]:
    """Build it, migrated and empty, with only the outside world running. Raises NotOurs."""
    with ExitStack() as stack:
        postgres = stack.enter_context(embedded_postgres())
        redis = stack.enter_context(embedded_redis())
        if not isinstance(postgres, EmbeddedPostgres) or not isinstance(redis, EmbeddedRedis):
            raise NotOurs("chaos needs a PostgreSQL and a Redis of its own, to kill them")
        urls = postgres.create_database("raseed", owner="raseed_owner", service_role="raseed")
        command.upgrade(migrations.config(urls.owner_url, "raseed"), "head")
        service = free_port()
        world = outside(seed, service, size, folder)
        for part in world.parts:
            stack.callback(part.stop)
        world.start()
        engine = service_engine(urls.service_url, pool_size=6)
        stack.callback(engine.dispose)
        environment = {**_environment(urls, redis, service, size), **world.environment}
        built = House(
            postgres, redis, urls, Door(engine), world, environment,
            Part("web", ["-m", "gunicorn", "wsgi:app"], environment, folder / "web.log", (service, "/healthz")),
            [_worker(number, environment, folder) for number in range(size.worker_programs)],
            folder,
        )  # fmt: skip
        for part in built.programs:
            stack.callback(part.stop)
        yield built


def open_house(built: House) -> None:
    """Start the service."""
    built.bring_back()
    built.web.wait_until_ready(_READY_SECONDS)


def _worker(number: int, environment: dict[str, str], folder: Path) -> Part:
    return Part(f"workers {number + 1}", ["worker.py"], environment, folder / f"workers-{number + 1}.log")


def _environment(urls: Urls, redis: EmbeddedRedis, service: int, size: Size) -> dict[str, str]:
    return {
        "DATABASE_URL": urls.service_url,
        "MIGRATIONS_DATABASE_URL": urls.owner_url,
        "REDIS_URL": redis.url,
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{service}",
        "PORT": str(service),
        "HOST": "127.0.0.1",
        "WEB_CONCURRENCY": str(size.web_processes),
        "SECRET_KEY": "a-secret-for-the-chaos",
        "SEND_ONLY_TO": "",
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "json",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "GUNICORN_CMD_ARGS": "",
    }
