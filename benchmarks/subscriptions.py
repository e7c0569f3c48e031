"""The daily jobs over many subscriptions: what expires and what resumes by itself, with its history and notices."""

import resource
import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any

import psycopg

from benchmarks.people import add_people
from benchmarks.world import World
from bot.jobs.subscriptions import sweep_all
from domain.door import Door, service_engine
from domain.subscriptions.sweeps import CHANGES, REMINDERS

RUNS = 3
SUBSCRIPTIONS = 200_000
_CUSTOMERS = """
INSERT INTO customer (id, created_at, business_id, account_no, name, phone, opening_balance_minor, marketing_consent,
                      tags, protected)
    SELECT gen_random_uuid(), now(), id, 'A' || n, 'Customer ' || n, '+9665' || lpad(n::text, 8, '0'), 0, false, '{}',
           false
    FROM business, generate_series(1, %(number)s) AS n;
"""
_PLAN = """
INSERT INTO plan (id, created_at, business_id, code, name_en, name_ar, days, price_minor, currency)
    SELECT gen_random_uuid(), now(), id, 'M', 'Monthly plan', 'الباقة الشهرية', 30, 9900, 'SAR' FROM business
"""
# What is only added to is emptied by the owner of the tables, who may.
_EMPTY = """
ALTER TABLE pause DISABLE TRIGGER only_added_to;
ALTER TABLE subscription_change DISABLE TRIGGER only_added_to;
TRUNCATE pause, subscription_change, subscription_notice, subscription;
ALTER TABLE pause ENABLE TRIGGER only_added_to;
ALTER TABLE subscription_change ENABLE TRIGGER only_added_to
"""
# Nine of ten have ended, one of ten was paused and resumes by itself, all of them last night.
_SUBSCRIPTIONS = """
INSERT INTO subscription (id, created_at, business_id, customer_id, plan_id, reference, status, zone, start_date,
                          days_planned, ends, price_minor, paused_at, paused_wall, paused_cause, resume_on)
    SELECT gen_random_uuid(), now(), customer.business_id, customer.id, plan.id, account_no,
           CASE WHEN paused THEN 'paused' ELSE 'active' END, 'Asia/Riyadh', today - 30, 30, today, 9900,
           CASE WHEN paused THEN now() - interval '9 days' END,
           CASE WHEN paused THEN now() AT TIME ZONE 'Asia/Riyadh' - interval '9 days' END,
           CASE WHEN paused THEN 'asked' END, CASE WHEN paused THEN today END
    FROM plan, (SELECT *, row_number() OVER () % 10 = 0 AS paused,
                       (now() AT TIME ZONE 'Asia/Riyadh')::date AS today FROM customer) AS customer
"""


def measure(world: World) -> dict[str, Any]:
    """Return subscriptions per second that one worker process deals with, and by how much its memory grew."""
    speeds, grown = [], []
    with psycopg.connect(world.owner_url, autocommit=True) as database:
        add_people(database, 1)
        database.execute(_CUSTOMERS, {"number": SUBSCRIPTIONS})
        database.execute(_PLAN)
        for _ in range(RUNS):
            speed, more = _swept(world, database)
            speeds.append(speed)
            grown.append(more)
    return {"subscriptions_per_second": round(median(speeds)), "wanted": 20_000, "grown_mib": round(max(grown), 1)}


def _swept(world: World, database: "psycopg.Connection[Any]") -> tuple[float, float]:
    database.execute(_EMPTY)
    database.execute(_SUBSCRIPTIONS)
    database.execute("VACUUM ANALYZE")
    command = [sys.executable, "-m", "benchmarks.subscriptions", world.environment["DATABASE_URL"]]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    history = database.execute("SELECT count(*) FROM subscription_change").fetchone()
    left = database.execute("SELECT count(*) FROM subscription WHERE status = 'paused' OR last_day < start_date + 29")
    if history != (SUBSCRIPTIONS,) or left.fetchone() != (0,):
        raise RuntimeError(f"{history} changes were written")
    return SUBSCRIPTIONS / float(told[0]), float(told[1])


def main() -> None:
    """Do the sweep once, in a process of its own: prints its seconds, and by how many MiB it grew meanwhile."""
    door = Door(service_engine(sys.argv[1]))
    sweep_all(door, REMINDERS)  # connects, and finds nothing that is near its end
    before, began = _peak(), perf_counter()
    sweep_all(door, CHANGES | REMINDERS)
    print(perf_counter() - began, _peak() - before)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
