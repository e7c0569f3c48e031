"""Turns while five hundred listen to what changes, against the same while nobody does; and how soon the last hears."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from selectors import EVENT_READ, DefaultSelector
from statistics import median
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, Final
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
_NOTIFICATION = """
INSERT INTO notification (id, created_at, business_id, kind, severity, facts, times, last_at)
    SELECT %(id)s::uuid, now(), id, 'benchmarks', 'info', jsonb_build_object('code', %(id)s::uuid), 1, now()
    FROM business
"""
_NOTIFIED: Final = re.compile(rb'"notification": ?"([0-9a-f-]{36})"')
_NOW_AND_THEN: Final = 0.4
_SETTLES: Final = 1.5


def measure(world: World) -> dict[str, Any]:
    """Return the medians of both, and how many events were heard."""
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        database.execute(_CUSTOMERS)
        database.execute(_API_KEY, {"id": uuid4(), "digest": digest_of(_KEY)})
        alone, heard_by_many, heard, waits = _interleaved(world, database)
    return {
        "p99_ms_while_nobody_listens": round(median(run.p99_ms for run in alone), 2),
        "p99_ms_while_500_listen": round(median(run.p99_ms for run in heard_by_many), 2),
        "turns_per_second_while_nobody_listens": round(median(run.per_second for run in alone), 1),
        "turns_per_second_while_500_listen": round(median(run.per_second for run in heard_by_many), 1),
        "megabytes_heard": round(heard / 1e6, 1),
        "ms_until_the_last_of_500_hears": round(median(waits) * 1000),
        "ms_until_the_last_of_500_hears_at_most": round(max(waits) * 1000),
        "p99_ratio": round(median(b.p99_ms / a.p99_ms for a, b in zip(alone, heard_by_many, strict=True)), 2),
    }


def _interleaved(world: World, database: psycopg.Connection) -> tuple[list[Load], list[Load], int, list[float]]:
    alone, heard_by_many, heard, waits = [], [], 0, []
    with served("wsgi:app", world.environment) as service, _telling(world.environment) as events:
        put_load(service, _requests("القائمة"), CONNECTIONS)
        database.execute("VACUUM ANALYZE")
        for _ in range(RUNS):
            database.execute(_BACK_TO_THE_MENU)
            alone.append(put_load(service, _requests("1"), CONNECTIONS))
            database.execute(_BACK_TO_THE_MENU)
            with _many_listen(events) as told, _something_happens(world.owner_url) as happened:
                heard_by_many.append(put_load(service, _requests("1"), CONNECTIONS))
            heard += told.bytes
            waits += [told.last[at] - committed for at, committed in happened.items()]
    return alone, heard_by_many, heard, waits


@contextmanager
def _something_happens(url: str) -> Iterator[dict[str, float]]:
    """Let there be a notification now and then; when each was committed, by the machine's one monotonic clock."""
    ended, happened = Event(), dict[str, float]()

    def happen() -> None:
        with psycopg.connect(url, autocommit=True) as database:
            while not ended.wait(_NOW_AND_THEN):
                at = str(uuid4())
                database.execute(_NOTIFICATION, {"id": at})
                happened[at] = monotonic()

    thread = Thread(target=happen)
    thread.start()
    yield happened
    ended.set()
    thread.join()


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


@dataclass
class Told:
    """What five hundred heard: how much, and of each notification, when the last of them did."""

    bytes: int = 0
    last: dict[str, float] = field(default_factory=dict)
    ears: dict[str, int] = field(default_factory=dict)


@contextmanager
def _many_listen(port: int) -> Iterator[Told]:
    """Let many listen, in a process of their own that stands back: they are not what is measured."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_listen, args=(port, theirs))
    process.start()
    if ours.recv() != LISTENERS:
        raise RuntimeError("somebody was not let in")
    told = Told()
    yield told
    sleep(_SETTLES)
    ours.send("enough")
    found: Told = ours.recv()
    process.join()
    if any(number != LISTENERS for number in found.ears.values()):
        raise RuntimeError("somebody did not hear of a notification")
    told.bytes, told.last = found.bytes, found.last


def _listen(port: int, told: Connection) -> None:
    os.nice(19)
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: events\r\nAuthorization: Bearer {_KEY}\r\n\r\n".encode()
    ears = DefaultSelector()
    admitted = 0
    for _ in range(LISTENERS):
        ear = socket.create_connection(("127.0.0.1", port))
        ear.sendall(request)
        admitted += ear.recv(200).startswith(b"HTTP/1.1 200")
        ears.register(ear, EVENT_READ, bytearray())
    told.send(admitted)
    heard = Told()
    while not told.poll():
        for key, _ in ears.select(timeout=0.2):
            _hear(heard, key.data, key.fileobj.recv(1 << 20))  # type: ignore[union-attr]
    told.send(heard)


def _hear(heard: Told, begun: bytearray, said: bytes) -> None:
    """Count what came; the line that is not whole yet is kept for what comes next."""
    heard.bytes += len(said)
    lines, newline, rest = (bytes(begun) + said).rpartition(b"\n")
    begun[:] = rest
    for found in _NOTIFIED.findall(lines + newline):
        at = found.decode()
        heard.last[at] = monotonic()
        heard.ears[at] = heard.ears.get(at, 0) + 1
