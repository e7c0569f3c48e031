"""What the benchmarks run against: a PostgreSQL with fsync on, a Redis, and web services on free ports."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import sleep

from alembic import command

import migrations
from sandbox.servers import embedded_postgres, embedded_redis
from sandbox.servers.processes import free_port

TOKEN = "the-token-of-the-benchmarks"
ACCOUNT = "AC" + "5" * 32
PUBLIC = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class World:
    """The addresses of the servers, and the environment of the service."""

    owner_url: str
    environment: dict[str, str]


@contextmanager
def world() -> Iterator[World]:
    """Start the servers, migrate, and stop them again."""
    with embedded_postgres(durable=True) as postgres, embedded_redis() as redis:
        urls = postgres.create_database("raseed", owner="raseed_owner", service_role="raseed")
        command.upgrade(migrations.config(urls.owner_url, "raseed"), "head")
        environment = {
            "DATABASE_URL": urls.service_url,
            "MIGRATIONS_DATABASE_URL": urls.owner_url,
            "REDIS_URL": redis.url,
            "PUBLIC_BASE_URL": PUBLIC,
            "SECRET_KEY": "the-secret-of-the-benchmarks",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "LOG_LEVEL": "WARNING",
        }
        yield World(urls.owner_url, environment)


@contextmanager
def served(application: str, environment: dict[str, str]) -> Iterator[int]:
    """Serve `application` by gunicorn with the project's own settings, and give its port."""
    port = free_port()
    arguments = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*arguments, "--log-level", "warning", application], env={**os.environ, **environment})
    try:
        wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_for_port(port: int) -> None:
    """Wait until somebody answers there. Raises TimeoutError."""
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")
