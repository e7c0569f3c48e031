"""Sending by one worker process, against a bare loop over the same SDK, and against one RQ job per message.

All three talk to the same sandbox, which answers in 50 ms, with as many requests in flight at most.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
import requests
from redis import Redis
from rq import Queue, SimpleWorker

from benchmarks.people import SENDER, add_messages, add_people
from benchmarks.world import ACCOUNT, PUBLIC, TOKEN, World, wait_for_port
from bot.channels.twilio_accounts import Account
from bot.channels.twilio_client import IN_FLIGHT, Said, Twilio
from bot.jobs.outbox import send_all
from bot.jobs.worker_services import make_worker_services
from bot.settings import read_settings
from domain.kinds import REPLIES
from sandbox.servers.processes import free_port

RUNS = 5
MESSAGES = 2000
RQ_MESSAGES = 100
MANY = 100_000
ANSWERS_IN_MS = 50
_SAID = Said("Your balance is SAR 214.35. It is due on 29 November 2026.", [])


def measure(world: World) -> dict[str, Any]:
    """Return messages per second of each, their ratios, and the memory of a long drain."""
    with sandbox(ANSWERS_IN_MS) as url, psycopg.connect(world.owner_url, autocommit=True) as database:
        add_people(database, MANY)
        ours, bare, rq = [], [], []
        for _ in range(RUNS):
            bare.append(_bare(url))
            ours.append(_ours(world, url, database))
            rq.append(_one_job_each(world, url))
    return {
        "one_rq_job_each_per_second": round(median(rq), 1),
        "bare_loop_per_second": round(median(bare), 1),
        "sent_per_second": round(median(ours), 1),
        "in_flight": IN_FLIGHT,
        "times_rq": round(median(o / r for o, r in zip(ours, rq, strict=True)), 1),
        "wanted_times_rq": 20,
        "ratio_to_bare_loop": round(median(o / b for o, b in zip(ours, bare, strict=True)), 3),
        "wanted_ratio": 0.7,
    }


def measure_many(world: World) -> dict[str, Any]:
    """Return how long a drain of very many messages takes, and by how much memory grows meanwhile."""
    with sandbox(0) as url, psycopg.connect(world.owner_url, autocommit=True) as database:
        add_people(database, MANY)
        _ours(world, url, database)
        before = _megabytes()
        per_second = _ours(world, url, database, MANY)
    return {
        "messages": MANY,
        "sent_per_second": round(per_second, 1),
        "megabytes_before": before,
        "megabytes_at_most": _megabytes(),
    }


def _megabytes() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _bare(url: str) -> float:
    twilio = _twilio(url)
    began = perf_counter()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(lambda n: _send(twilio, n), range(MESSAGES)))
    return MESSAGES / (perf_counter() - began)


def _ours(world: World, url: str, database: psycopg.Connection, number: int = MESSAGES) -> float:
    add_messages(database, number)
    services = make_worker_services(read_settings({**world.environment, "TWILIO_API_BASE_URL": url}))
    began = perf_counter()
    done = send_all(services, 3600, REPLIES)
    took = perf_counter() - began
    services.close()
    left = database.execute("SELECT count(*) FROM message WHERE status <> 'accepted'").fetchone()
    if not done or left != (0,):
        raise RuntimeError(f"{left} were not sent")
    return number / took


def _one_job_each(world: World, url: str) -> float:
    redis = Redis.from_url(world.environment["REDIS_URL"])
    queue = Queue("one-each", connection=redis)
    for number in range(RQ_MESSAGES):
        queue.enqueue(send_one, url, number)
    began = perf_counter()
    SimpleWorker([queue], connection=redis).work(burst=True, logging_level="ERROR")
    return RQ_MESSAGES / (perf_counter() - began)


_KNOWN: dict[str, Twilio] = {}


def send_one(url: str, number: int) -> None:
    """Send one message: the whole of a job."""
    _send(_KNOWN.setdefault(url, _twilio(url)), number)


def _twilio(url: str) -> Twilio:
    return Twilio(Account(ACCOUNT, (TOKEN,)), url)


def _send(twilio: Twilio, number: int) -> None:
    callback = f"{PUBLIC}/webhooks/twilio/status?message={number}"
    to = f"whatsapp:+9665{number:08d}"
    twilio.send(sender=f"whatsapp:{SENDER}", to=to, said=_SAID, status_callback=callback)


@contextmanager
def sandbox(answers_in_ms: int) -> Iterator[str]:
    port = free_port()
    config = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "webhook_base_url": PUBLIC,
        "senders": [{"address": SENDER, "channel": "whatsapp", "label": "Noor"}],
        "people": [],
        "settings": {"response_delay_ms": answers_in_ms},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sandbox.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        process = subprocess.Popen([sys.executable, "-m", "sandbox.twilio", "--port", str(port), "--config", str(path)])
        try:
            wait_for_port(port)
            url = f"http://127.0.0.1:{port}"
            requests.post(f"{url}/control/faults", json={"scope": "callback", "kind": "drop"}, timeout=5)
            yield url
        finally:
            process.terminate()
            process.wait(30)
