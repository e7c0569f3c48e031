"""Turns while five hundred listen to what changes, against the same turns while nobody does."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.load import Load, put_load
from benchmarks.turn import _BACK_TO_THE_MENU, _CUSTOMERS, _requests
from benchmarks.world import World, served, wait_for_port
from domain.bearers import digest_of
from sandbox.servers.processes import free_port

LISTENERS = 500
CONNECTIONS = 4
RUNS = 5
_KEY = "rk_of_the_benchmarks"
_API_KEY = """
INSERT INTO api_key (id, created_at, business_id, name, prefix, digest, scopes)
    SELECT %(id)s, now(), id, 'benchmarks', 'rk_bench', %(digest)s, '{viewer}' FROM business
"""


def measure(world: World) -> dict[str, Any]:
    """Return the medians of both, and how many events were heard."""
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute(_CUSTOMERS)
        database.execute(_API_KEY, {"id": uuid4(), "digest": digest_of(_KEY)})
        alone, heard_by_many, heard = _interleaved(world, database)
    return {
        "p99_ms_while_nobody_listens": round(median(run.p99_ms for run in alone), 2),
        "p99_ms_while_500_listen": round(median(run.p99_ms for run in heard_by_many), 2),
        "turns_per_second_while_nobody_listens": round(median(run.per_second for run in alone), 1),
        "turns_per_second_while_500_listen": round(median(run.per_second for run in heard_by_many), 1),
        "megabytes_heard": round(heard / 1e6, 1),
        "p99_ratio": round(median(b.p99_ms / a.p99_ms for a, b in zip(alone, heard_by_many, strict=True)), 2),
    }


def _interleaved(world: World, database: psycopg.Connection) -> tuple[list[Load], list[Load], int]:
    alone, heard_by_many, heard = [], [], 0
    with served("wsgi:app", world.environment) as service, _telling(world.environment) as events:
        put_load(service, _requests("القائمة"), CONNECTIONS)
        database.execute("VACUUM ANALYZE")
        for _ in range(RUNS):
            database.execute(_BACK_TO_THE_MENU)
            alone.append(put_load(service, _requests("1"), CONNECTIONS))
            database.execute(_BACK_TO_THE_MENU)
            with _many_listen(events) as count:
                heard_by_many.append(put_load(service, _requests("1"), CONNECTIONS))
            heard += count[0]
    return alone, heard_by_many, heard


@contextmanager
def _telling(environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "events.py"], env={**os.environ, **environment, "PORT": str(port)})
    try:
        wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _many_listen(port: int) -> Iterator[list[int]]:
    """Let many listen, in a process of their own that stands back: they are not what is measured."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_listen, args=(port, theirs))
    process.start()
    if ours.recv() != LISTENERS:
        raise RuntimeError("somebody was not let in")
    count = [0]
    yield count
    ours.send("enough")
    count[0] = ours.recv()
    process.join()


def _listen(port: int, told: Connection) -> None:
    os.nice(19)
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: events\r\nAuthorization: Bearer {_KEY}\r\n\r\n".encode()
    ears = []
    for _ in range(LISTENERS):
        ear = socket.create_connection(("127.0.0.1", port))
        ear.sendall(request)
        ears.append(ear)
    told.send(sum(ear.recv(200).startswith(b"HTTP/1.1 200") for ear in ears))
    count = 0
    while not told.poll(0.5):
        for ear in ears:
            with suppress(BlockingIOError):
                count += len(ear.recv(1 << 20, socket.MSG_DONTWAIT))
    told.send(count)
