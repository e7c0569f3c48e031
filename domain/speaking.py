"""Saying something to another address: into the outbox, from inside a turn or a job, for one address or for many."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to an address on the channel of one of our senders. Without an address or a sender it is to nobody.

    `text` is as the channel carries it; `encoding` and `segments` are set for SMS. `status` is queued, or skipped
    with a reason. `ways`, `template`, `mail`, `failures` and `campaign_id` are as a message has them, and so is
    `reminder_id`; it is due at `due_at`, or now.
    """

    sender_id: UUID | None
    channel: str | None
    address: str | None
    kind: str
    text: str
    encoding: str | None = None
    segments: int | None = None
    choices: dict[str, Any] | None = None
    media: list[dict[str, Any]] = field(default_factory=list)
    customer_id: UUID | None = None
    status: str = "queued"
    reason: str | None = None
    template: dict[str, Any] | None = None
    mail: dict[str, Any] | None = None
    ways: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0
    due_at: datetime | None = None
    campaign_id: UUID | None = None
    reminder_id: UUID | None = None
    message_id: UUID = field(default_factory=new_id)


_FIELDS: Final = [one.name for one in fields(Letter) if one.name != "message_id"]
# Nothing that is there already is locked or changed: a turn that holds its own contact waits for nobody else's, and
# two that write to each other's can't wait for each other. Beside row-level security the database looks for nothing by
# an index that is compared with a COALESCE; with a CASE it does.
_SPEAK: Final = """
    WITH letter AS MATERIALIZED (
        SELECT one.*, known.id AS known_id
        FROM ROWS FROM (jsonb_to_recordset(%(letters)s) AS
            (id uuid, contact_id uuid, conversation_id uuid, sender_id uuid, channel text, address text, kind text,
             text text, encoding text, segments smallint, choices jsonb, media jsonb, customer_id uuid, status text,
             reason text, template jsonb, mail jsonb, ways jsonb, failures smallint, due_at timestamptz,
             campaign_id uuid, reminder_id uuid)) WITH ORDINALITY AS one
        LEFT JOIN LATERAL (
            SELECT id FROM contact
            WHERE business_id = %(business_id)s AND channel = one.channel AND address = one.address OFFSET 0
        ) AS known ON true
        WHERE address IS NOT NULL AND sender_id IS NOT NULL
    ), met AS (
        INSERT INTO contact (id, created_at, business_id, channel, address)
        SELECT DISTINCT ON (channel, address) contact_id, %(now)s, %(business_id)s, channel, address
        FROM letter WHERE known_id IS NULL ORDER BY channel, address, ordinality
        ON CONFLICT (business_id, channel, address) DO NOTHING
        RETURNING id, channel, address
    ), addressed AS MATERIALIZED (
        SELECT letter.*, reached.id AS reached_id, talk.id AS talk_id
        FROM letter LEFT JOIN met USING (channel, address)
        CROSS JOIN LATERAL (SELECT CASE WHEN known_id IS NULL THEN met.id ELSE known_id END AS id) AS reached
        LEFT JOIN LATERAL (
            SELECT id FROM conversation WHERE sender_id = letter.sender_id AND contact_id = reached.id OFFSET 0
        ) AS talk ON true
        WHERE reached.id IS NOT NULL
    ), begun AS (
        INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses)
        SELECT DISTINCT ON (sender_id, reached_id) conversation_id, %(now)s, %(business_id)s, sender_id, reached_id,
               '{}', 0, 0
        FROM addressed WHERE talk_id IS NULL ORDER BY sender_id, reached_id, ordinality
        ON CONFLICT (sender_id, contact_id) DO NOTHING
        RETURNING id, sender_id, contact_id
    )
    INSERT INTO message
        (id, created_at, business_id, direction, channel, kind, sender_id, contact_id, conversation_id, customer_id,
         status, reason, text, media, choices, params, encoding, segments, attempts, due_at, template, mail, ways,
         failures, campaign_id, reminder_id)
    SELECT addressed.id, %(now)s, %(business_id)s, 'outbound', channel, kind, addressed.sender_id, reached_id,
           COALESCE(talk_id, begun.id), customer_id, status, reason, text, media, choices, '{}', encoding, segments, 0,
           CASE status WHEN 'queued' THEN COALESCE(due_at, %(now)s) END, template, mail, ways, failures, campaign_id,
           reminder_id
    FROM addressed LEFT JOIN begun ON begun.sender_id = addressed.sender_id AND begun.contact_id = reached_id
    WHERE COALESCE(talk_id, begun.id) IS NOT NULL
    ORDER BY ordinality
    RETURNING id
"""


def speak(visit: Visit, business_id: UUID, letters: Sequence[Letter]) -> list[UUID]:
    """Put `letters` of one business into the outbox, due now. Returns the ids of the messages, in their order.

    Asks the database once, however many there are and whether they are to anybody or not.
    """
    rows = [_row(letter) for letter in letters]
    spoken = _ask(visit, business_id, rows)
    left = [row for row in rows if row["address"] and row["sender_id"] and UUID(row["id"]) not in spoken]
    if left:
        # Somebody made their contact or conversation since this question was asked, and has committed it by now.
        spoken |= _ask(visit, business_id, left)
    return [UUID(row["id"]) for row in rows if UUID(row["id"]) in spoken]


def _ask(visit: Visit, business_id: UUID, rows: list[dict[str, Any]]) -> set[UUID]:
    values = {"letters": Jsonb(rows), "business_id": business_id, "now": now()}
    return {message_id for (message_id,) in visit.ask(_SPEAK, values)}


def _row(letter: Letter) -> dict[str, Any]:
    ids = {"id": str(letter.message_id), "contact_id": str(new_id()), "conversation_id": str(new_id())}
    named = {"sender_id": letter.sender_id, "customer_id": letter.customer_id, "campaign_id": letter.campaign_id}
    named |= {"reminder_id": letter.reminder_id}
    references = {name: _written(reference) for name, reference in named.items()}
    return {
        **{name: getattr(letter, name) for name in _FIELDS},
        **references,
        **ids,
        "due_at": letter.due_at.isoformat() if letter.due_at else None,
    }


def _written(reference: UUID | None) -> str | None:
    return str(reference) if reference else None
