"""Status callbacks: taken in by the web, against floor A, and applied by one worker process."""

from statistics import median
from time import perf_counter
from typing import Any

import psycopg

from benchmarks import floor_a
from benchmarks.load import Load, prepared, put_load
from benchmarks.people import SENDER, add_messages, add_people
from benchmarks.world import ACCOUNT, PUBLIC, TOKEN, World, served
from bot.jobs.events import fold_all
from bot.jobs.worker_services import make_worker_services
from bot.settings import read_settings

RUNS = 5
CALLBACKS = 3000
APPLIED = 10_000
CONNECTIONS = 16
PATH = "/webhooks/twilio/status"

# As they come: each message's in their order, now and then one twice, those of all messages mixed.
_EVENTS = """
INSERT INTO delivery_event (business_id, received_at, message_id, provider_sid, status, params)
    SELECT business_id, now(), id, provider_sid, told.status, '{}'
    FROM message, unnest(ARRAY['sent', 'delivered', 'read']) WITH ORDINALITY AS told (status, place)
    WHERE message.status = 'accepted'
    ORDER BY md5(id::text || place)
"""


def measure_taken_in(world: World) -> dict[str, Any]:
    """Return callbacks per second, those of the floor, and the ratio."""
    floors, taken = [], []
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        add_people(database, CALLBACKS)
        add_messages(database, CALLBACKS, "accepted")
        database.execute(floor_a.TABLE)
        messages = database.execute("SELECT id::text, provider_sid FROM message").fetchall()
        with (
            served(floor_a.APPLICATION, world.environment) as floor,
            served("wsgi:app", world.environment) as service,
        ):
            for measured in [False] + [True] * RUNS:
                one = put_load(floor, floor_a.requests(CALLBACKS), CONNECTIONS)
                other = put_load(service, _callbacks(messages), CONNECTIONS)
                if measured:
                    floors.append(one)
                    taken.append(other)
        stored = database.execute("SELECT count(*) FROM delivery_event").fetchone()
    if stored != (CALLBACKS * (RUNS + 1),):
        raise RuntimeError(f"{stored} were stored")
    return _figures(floors, taken)


def _figures(floors: list[Load], taken: list[Load]) -> dict[str, Any]:
    return {
        "floor_per_second": round(median(run.per_second for run in floors), 1),
        "callbacks_per_second": round(median(run.per_second for run in taken), 1),
        "ratio": round(median(t.per_second / f.per_second for t, f in zip(taken, floors, strict=True)), 3),
        "wanted_ratio": 0.75,
    }


def measure_applied(world: World) -> dict[str, Any]:
    """Return statuses per second that one process applies."""
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        add_people(database, APPLIED)
        speeds = [_applied(world, database) for _ in range(RUNS)]
    return {"statuses_per_second": round(median(speeds), 1), "wanted": 3500}


def _applied(world: World, database: psycopg.Connection) -> float:
    add_messages(database, APPLIED, "accepted")
    number = database.execute(_EVENTS).rowcount
    database.execute("VACUUM ANALYZE delivery_event")
    services = make_worker_services(read_settings(world.environment))
    began = perf_counter()
    done = fold_all(services, 600)
    took = perf_counter() - began
    services.close()
    left = database.execute("SELECT count(*) FROM message WHERE status <> 'read'").fetchone()
    if not done or left != (0,):
        raise RuntimeError(f"{left} messages are not where they should be")
    return number / took


def _callbacks(messages: list[tuple[str, str]]) -> list[bytes]:
    return [_callback(message_id, sid) for message_id, sid in messages]


def _callback(message_id: str, sid: str) -> bytes:
    url = f"{PUBLIC}{PATH}?message={message_id}"
    form = {
        "MessageSid": sid,
        "SmsSid": sid,
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:{SENDER}",
        "To": "whatsapp:+966500000001",
        "ApiVersion": "2010-04-01",
    }
    return prepared(url, url, TOKEN, form)
