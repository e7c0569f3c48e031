"""Writes down every status that a message ever has: a trigger of the harness's own, in its own database."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

import psycopg

_INSTALL = """
    CREATE TABLE chaos_step (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message_id uuid NOT NULL, status text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
    BEGIN
        INSERT INTO chaos_step (message_id, status) VALUES (NEW.id, NEW.status);
        RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_made AFTER INSERT ON message FOR EACH ROW
        WHEN (NEW.direction = 'outbound') EXECUTE FUNCTION chaos_note();
    CREATE TRIGGER chaos_moved AFTER UPDATE ON message FOR EACH ROW
        WHEN (NEW.status IS DISTINCT FROM OLD.status) EXECUTE FUNCTION chaos_note();
"""
# What may follow what. On the way out everything may follow; once Twilio has it, it only goes on, and an end is one.
_FORTH: dict[str, frozenset[str]] = {
    "accepted": frozenset({"sent", "delivered", "read", "undelivered", "failed"}),
    "sent": frozenset({"delivered", "read", "undelivered", "failed"}),
    "delivered": frozenset({"read"}),
    "read": frozenset(),
    "undelivered": frozenset(),
    "failed": frozenset(),
    "skipped": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A status that a message came to, and when."""

    status: str
    at: datetime


def install_watch(owner_url: str) -> None:
    """Watch from now on."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(_INSTALL)


def read_steps(owner_url: str) -> dict[UUID, list[Step]]:
    """Return what every message went through."""
    steps: dict[UUID, list[Step]] = defaultdict(list)
    with psycopg.connect(owner_url) as connection:
        asked = "SELECT message_id, status, at FROM chaos_step ORDER BY seq"
        for message_id, status, at in connection.execute(asked):
            steps[message_id].append(Step(status, at))
    return steps


def went_back(steps: list[Step]) -> bool:
    """Tell whether a status ever went back, or an end was not the end."""
    return any(
        before.status in _FORTH and after.status not in _FORTH[before.status] for before, after in pairwise(steps)
    )


def longest_doubt(steps: list[Step]) -> float:
    """Return the seconds from an attempt that was in doubt until it was not, the longest."""
    attempted, longest = steps[0].at if steps else None, 0.0
    for before, after in pairwise(steps):
        if after.status == "sending":
            attempted = after.at
        elif before.status == "in_doubt" and attempted is not None:
            longest = max(longest, (after.at - attempted).total_seconds())
    return longest
