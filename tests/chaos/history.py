"""The history of a message, for whoever looks for the cause: the sandbox's books beside our rows."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tests.chaos.rows import Row, read_events
from tests.chaos.twilio import message_id
from tests.chaos.watch import Step

_MOST = 5
_SEVERAL = 4


def histories(
    name: str,
    culprits: list[UUID | str],
    rows: list[Row],
    books: list[dict[str, Any]],
    steps: dict[UUID, list[Step]],
    url: str,
) -> Iterator[str]:
    """Yield the history of the first few, line by line."""
    for culprit in list(dict.fromkeys(culprits))[:_MOST]:
        yield f"{name}: {culprit}"
        for row in [row for row in rows if culprit in (row.id, row.provider_sid)][:_SEVERAL]:
            yield f"    ours    {_of_row(row)}"
            went = [f"{step.status} {step.at:%H:%M:%S.%f}" for step in steps.get(row.id, [])]
            yield f"            went {', '.join(went)}"
            yield from (f"            told {event}" for event in read_events(url, row.id))
        for message in [one for one in books if culprit in (one["sid"], message_id(one))][:_SEVERAL]:
            yield from _of_books(message)


def _of_row(row: Row) -> str:
    reason = f" ({row.reason})" if row.reason else ""
    return (
        f"{row.direction} {row.kind} to {row.channel} {row.address}: {row.status}{reason}, {row.attempts} attempts, "
        f"{row.provider_sid}: {row.text[:60]!r}"
    )


def _of_books(message: dict[str, Any]) -> Iterator[str]:
    went = ", ".join(f"{step['status']} {_time(step['at'])}" for step in message["history"])
    who = f"{message['sid']} {message['direction']} from {message['from']} to {message['to']}"
    yield f"    Twilio  {who}: {message['status']}: {message['shown'][:60]!r}"
    yield f"            went {went}"
    for call in message["callbacks"]:
        yield f"            told us {call['status']} {_time(call['at'])}: {call['http'] or call['error']}"


def _time(instant: str) -> str:
    return instant.partition("T")[2].rstrip("Z")
