"""What our own database says at the end, and while it is waited for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

OPEN = ("queued", "sending", "in_doubt")
BAD = ("undelivered", "failed", "skipped")

_ROWS = """
    SELECT message.id, message.seq, direction, message.channel, message.kind, contact.address, message.text, status,
           reason, provider_sid, attempts, replaced_by IS NOT NULL
    FROM message JOIN contact ON contact.id = message.contact_id ORDER BY message.seq
"""
_EVENTS = """
    SELECT to_char(received_at, 'HH24:MI:SS.MS'), status, provider_sid, folded_at IS NOT NULL
    FROM delivery_event WHERE message_id = %s ORDER BY seq
"""
_A_DAY = """
    UPDATE message SET accepted_at = accepted_at - interval '25 hours' WHERE status IN ('accepted', 'sent')
"""
_HALF_AN_HOUR = (
    "UPDATE payment SET ask_at = ask_at - interval '31 minutes', tried_at = tried_at - interval '31 minutes'",
    "UPDATE gateway_notice SET ask_at = ask_at - interval '31 minutes'",
    "UPDATE message SET due_at = due_at - interval '31 minutes' WHERE status = 'queued'",
    "UPDATE purchase SET due_at = LEAST(due_at, now()) WHERE state = 'paid'",
)
_PENDING = """
    SELECT (SELECT count(*) FROM message WHERE status IN ('queued', 'sending', 'in_doubt')),
           (SELECT count(*) FROM delivery_event WHERE folded_at IS NULL),
           (SELECT count(*) FROM message WHERE direction = 'inbound'),
           (SELECT count(*) FROM message WHERE status IN ('accepted', 'sent')),
           (SELECT count(*) FROM message WHERE direction = 'outbound'),
           (SELECT count(*) FROM message WHERE kind = 'reply' AND direction = 'outbound' AND provider_sid IS NULL
                AND status IN ('failed', 'skipped'))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One message of ours."""

    id: UUID
    seq: int
    direction: str
    channel: str
    kind: str
    address: str
    text: str
    status: str
    reason: str | None
    provider_sid: str | None
    attempts: int
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """What is still going on in our house, and how much came in. `given_up`: answers that nobody will ever get."""

    unsettled: int
    unfolded: int
    inbound: int
    underway: int
    outbound: int
    given_up: int


def read_rows(url: str) -> list[Row]:
    """Return every message, in order."""
    with psycopg.connect(url) as connection:
        return [Row(*row) for row in connection.execute(_ROWS)]


def read_pending(url: str) -> Pending:
    """Return how much is still going on."""
    with psycopg.connect(url) as connection:
        row: tuple[Any, ...] = connection.execute(_PENDING).fetchone() or ()
    return Pending(*row)


def read_events(url: str, message_id: UUID) -> list[str]:
    """Return the callbacks that came for a message, for people to read."""
    with psycopg.connect(url) as connection:
        found = connection.execute(_EVENTS, (message_id,)).fetchall()
    return [f"{at} {status} {sid}{'' if folded else ' (not folded)'}" for at, status, sid, folded in found]


def let_a_day_pass(url: str) -> None:
    """Let what nobody told us more of have been accepted a day ago: then Twilio is asked about it."""
    with psycopg.connect(url) as connection:
        connection.execute(_A_DAY)


def let_minutes_pass(url: str) -> None:
    """Let what is looked after from time to time have waited for half an hour longer. Only while nothing moves."""
    with psycopg.connect(url) as connection:
        for statement in _HALF_AN_HOUR:
            connection.execute(statement)
