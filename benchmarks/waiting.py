"""From an inbound webhook to the reply's acceptance at Twilio, while very many campaign messages wait."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.load import prepared, put_load
from benchmarks.people import SENDER, add_messages, add_people
from benchmarks.sending import ANSWERS_IN_MS, sandbox
from benchmarks.world import ACCOUNT, PUBLIC, TOKEN, World, served

WAITING = 50_000
WRITERS = 400
AT_ONCE = 4
# Far below the sender's pace, which bounds replies as well.
EACH_SECOND = 20
_WORKER = str(Path(__file__).parents[1] / "worker.py")
_URL = f"{PUBLIC}/webhooks/twilio/messages"

# A campaign at the pace of WhatsApp's own default, to those who don't write.
_AS_CAMPAIGN = "UPDATE message SET kind = 'campaign', ways = '[]', created_at = now(), due_at = now()"
_TIMES = """
SELECT extract(epoch FROM reply.accepted_at - heard.created_at)::float
FROM message AS heard JOIN message AS reply
    ON reply.conversation_id = heard.conversation_id AND reply.direction = 'outbound' AND reply.kind = 'reply'
WHERE heard.direction = 'inbound' ORDER BY 1
"""
_LEFT = "SELECT count(*) FROM message WHERE kind = 'campaign' AND status = 'queued'"


def measure(world: World) -> dict[str, Any]:
    """Return the times in milliseconds, and how much of the campaign was still waiting at the end."""
    with sandbox(ANSWERS_IN_MS) as url, psycopg.connect(world.owner_url, autocommit=True) as database:
        add_people(database, WAITING)
        database.execute("UPDATE sender SET messages_per_second = 80")
        add_messages(database, WAITING)
        database.execute(_AS_CAMPAIGN)
        database.execute("VACUUM ANALYZE")
        environment = {**world.environment, "TWILIO_API_BASE_URL": url}
        with served("wsgi:app", environment) as service, working(environment):
            sleep(5)  # the campaign is under way
            for first in range(1, WRITERS + 1, EACH_SECOND):
                put_load(service, [_writes(n) for n in range(first, first + EACH_SECOND)], AT_ONCE)
                sleep(1)
            times = _all_answered(database)
            (left,) = database.execute(_LEFT).fetchone() or (0,)
    return {
        "campaign_messages_waiting": WAITING,
        "still_waiting_at_the_end": left,
        "replies": len(times),
        "p50_ms": round(times[len(times) // 2] * 1000),
        "p99_ms": round(times[int(len(times) * 0.99) - 1] * 1000),
        "wanted_p99_under_ms": 1000,
    }


def _all_answered(database: psycopg.Connection) -> list[float]:
    for _ in range(600):
        times = [row[0] for row in database.execute(_TIMES)]
        if len(times) == WRITERS and None not in times:
            return times
        sleep(0.1)
    raise RuntimeError("not everybody was answered")


def _writes(number: int) -> bytes:
    form = {
        "MessageSid": f"SM{uuid4().hex}",
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:+9667{number:08d}",
        "To": f"whatsapp:{SENDER}",
        "Body": "hi",
        "NumMedia": "0",
    }
    return prepared(_URL, _URL, TOKEN, form)


@contextmanager
def working(environment: dict[str, str]) -> Iterator[None]:
    """Run the workers and the schedule."""
    process = subprocess.Popen([sys.executable, _WORKER], env={**os.environ, **environment})
    try:
        yield
    finally:
        process.terminate()
        process.wait(40)
