"""A turn in the database: opened when an inbound message arrives, closed with the replies to it.

Both ends are one statement each, because every customer waits for them.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.clock import now
from domain.door import Desk, Visit
from domain.hands import OTHER_PERSON, SILENCE
from domain.ids import new_id


@dataclass(frozen=True, slots=True)
class Arrival:
    """An inbound message as a channel brought it. `address` is the contact's; `params` is all that we were told."""

    channel: str
    address: str
    provider_sid: str
    text: str
    media: list[dict[str, Any]]
    params: dict[str, Any]
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Where the conversation stood when the message arrived. Its row stays locked until the turn ends.

    `message_id` is None where no message did, and a timer came. `heard_at` is when the latest of all that was heard
    so far was said. `handover_id` is set where a person of staff answers.
    """

    message_id: UUID | None
    contact_id: UUID
    conversation_id: UUID
    language: str | None
    customer_id: UUID | None
    flow: str | None
    state: str | None
    data: dict[str, Any]
    turns: int
    misses: int
    opted_out_at: datetime | None
    person_wanted_at: datetime | None
    carrier_stopped: bool
    turned_at: datetime | None
    busy_until: datetime | None
    heard_at: datetime | None
    handover_id: UUID | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent: its text as the channel carries it, and, for SMS, how it is cut into segments.

    `choices` is the same as buttons or a list, for a channel that shows them.
    """

    text: str
    choices: dict[str, Any] | None = None
    media: list[dict[str, Any]] = field(default_factory=list)
    encoding: str | None = None
    segments: int | None = None
    status: str = "queued"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """Where the conversation stands after the turn, and what is answered."""

    customer_id: UUID | None
    flow: str | None
    state: str | None
    data: dict[str, Any]
    misses: int
    opted_out_at: datetime | None
    person_wanted_at: datetime | None
    carrier_stopped: bool
    busy_until: datetime | None
    heard_at: datetime
    outgoing: list[Outgoing]


_OPENED = """
    SELECT desk.*, arrived.id, contact_id, conversation_id, contact_language, talk.customer_id, flow, state, data,
           turns + 1, misses, opted_out_at, person_wanted_at, carrier_stopped, turned_at, busy_until,
           heard_at, handover_id
    FROM desk LEFT JOIN talk ON true LEFT JOIN arrived ON true
"""
_ARRIVED = """
    arrived AS (
        INSERT INTO message
            (id, created_at, business_id, direction, channel, kind, sender_id, contact_id, conversation_id,
             customer_id, status, provider_sid, text, media, params, attempts)
        SELECT %(message_id)s, %(now)s, business_id, 'inbound', %(channel)s, 'reply', sender_id, contact_id,
               conversation_id, customer_id, 'received', %(provider_sid)s, %(text)s, %(media)s, %(params)s, 0
        FROM desk, talk
        ON CONFLICT (provider_sid) WHERE provider_sid IS NOT NULL DO NOTHING
        RETURNING id
    )
"""
# Whoever enters sees its business from then on; all that follows here reads the desk, so it comes after.
# The contact and its conversation are locked, always in this order, and read as the turn before left them, even when
# that turn committed while we were waiting. The message goes last: a repeated one finds its SID taken, nothing is
# returned for it, and the caller undoes the rest.
_OPEN = f"""
    WITH desk AS MATERIALIZED (
        SELECT * FROM enter_by_sender(%(channel)s, %(our_number)s)
    ), speaker AS MATERIALIZED (
        SELECT contact.id, contact.language FROM desk
        JOIN contact ON contact.business_id = desk.business_id AND channel = %(channel)s
            AND address = %(address)s AND (%(external_id)s::text IS NULL OR external_id = %(external_id)s)
        FOR NO KEY UPDATE OF contact
    ), talk AS MATERIALIZED (
        SELECT contact_id, speaker.language AS contact_language, conversation.id AS conversation_id, customer_id,
               flow, state, data, turns, misses, opted_out_at, person_wanted_at, carrier_stopped, turned_at,
               busy_until, heard_at, handover_id
        FROM desk CROSS JOIN speaker
        JOIN conversation ON conversation.sender_id = desk.sender_id AND contact_id = speaker.id
            AND (last_inbound_at > %(silent_since)s OR last_inbound_at IS NULL)
        FOR NO KEY UPDATE OF conversation
    ), {_ARRIVED} {_OPENED}
"""  # noqa: S608
# The same for who never wrote to this number before, or not for a year, or is somebody else to WhatsApp: then the
# conversation begins anew, and accounts must be proved anew (see domain/hands.py). On SMS the same number has changed
# hands as well.
_MEET = f"""
    WITH desk AS MATERIALIZED (
        SELECT * FROM enter_by_sender(%(channel)s, %(our_number)s)
    ), before AS MATERIALIZED (
        SELECT COALESCE({OTHER_PERSON}, false) AS other_person,
               COALESCE((SELECT max(last_inbound_at) <= %(silent_since)s FROM conversation
                         WHERE contact_id = contact.id), false) AS silent
        FROM desk JOIN contact ON contact.business_id = desk.business_id AND channel = %(channel)s
            AND address = %(address)s
    ), speaker AS (
        INSERT INTO contact (id, created_at, business_id, channel, address, external_id)
        SELECT %(contact_id)s, %(now)s, business_id, %(channel)s, %(address)s, %(external_id)s FROM desk
        ON CONFLICT (business_id, channel, address) DO UPDATE
        SET external_id = COALESCE(excluded.external_id, contact.external_id),
            changed_hands_at = CASE WHEN (SELECT other_person OR silent FROM before) THEN %(now)s
                                    ELSE contact.changed_hands_at END
        RETURNING id, language, COALESCE(changed_hands_at = %(now)s, false) AS anew
    ), on_sms AS (
        UPDATE contact SET changed_hands_at = %(now)s FROM desk, before
        WHERE other_person AND contact.business_id = desk.business_id AND channel = 'sms' AND address = %(address)s
          AND %(channel)s <> 'sms'
    ), talk AS (
        INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses)
        SELECT %(conversation_id)s, %(now)s, business_id, sender_id, speaker.id, '{{}}', 0, 0 FROM desk, speaker
        ON CONFLICT (sender_id, contact_id) DO UPDATE
        SET customer_id = CASE WHEN (SELECT anew FROM speaker) THEN NULL ELSE conversation.customer_id END,
            flow = CASE WHEN (SELECT anew FROM speaker) THEN NULL ELSE conversation.flow END,
            state = CASE WHEN (SELECT anew FROM speaker) THEN NULL ELSE conversation.state END,
            data = CASE WHEN (SELECT anew FROM speaker) THEN '{{}}' ELSE conversation.data END,
            handover_id = CASE WHEN (SELECT anew FROM speaker) THEN NULL ELSE conversation.handover_id END
        RETURNING contact_id, (SELECT language FROM speaker) AS contact_language, id AS conversation_id, customer_id,
                  flow, state, data, turns, misses, opted_out_at, person_wanted_at, carrier_stopped, turned_at,
                  busy_until, heard_at, handover_id
    ), {_ARRIVED} {_OPENED}
"""  # noqa: S608
_DESK_COLUMNS = len(fields(Desk))

_REOPEN = """
    WITH talk AS (
        SELECT * FROM conversation WHERE id = %(conversation_id)s AND turns = %(turn)s FOR NO KEY UPDATE
    )
    SELECT sender.id, business.id, business.name_en, business.name_ar, business.currency, business.timezone,
           business.country, business.language, sender.account_sid_var,
           NULL::uuid, contact.id, talk.id, contact.language, talk.customer_id, flow, state, data, turns + 1,
           misses, opted_out_at, person_wanted_at, carrier_stopped, turned_at, busy_until, heard_at, handover_id,
           sender.channel, set_config('raseed.business', business.id::text, true)
    FROM talk JOIN sender ON sender.id = talk.sender_id JOIN business ON business.id = talk.business_id
    JOIN contact ON contact.id = talk.contact_id
"""

_CLOSE = """
    WITH talk AS (
        UPDATE conversation
        SET turns = %(turns)s, last_inbound_at = GREATEST(last_inbound_at, %(arrived_at)s),
            customer_id = %(customer_id)s, flow = %(flow)s, state = %(state)s, data = %(data)s, misses = %(misses)s,
            opted_out_at = %(opted_out_at)s, person_wanted_at = %(person_wanted_at)s, turned_at = %(now)s,
            carrier_stopped = %(carrier_stopped)s, busy_until = %(busy_until)s,
            heard_at = GREATEST(heard_at, %(heard_at)s)
        WHERE id = %(conversation_id)s
    )
    INSERT INTO message
        (id, created_at, business_id, direction, channel, kind, sender_id, contact_id, conversation_id,
         customer_id, status, reason, text, media, choices, params, encoding, segments, attempts, due_at)
    SELECT id, %(now)s, %(business_id)s, 'outbound', %(channel)s, 'reply', %(sender_id)s, %(contact_id)s,
           %(conversation_id)s, %(customer_id)s, status, reason, text, media, choices, '{}', encoding, segments,
           0, due_at
    FROM ROWS FROM (jsonb_to_recordset(%(outgoing)s) AS
        (id uuid, status text, reason text, text text, media jsonb, choices jsonb, encoding text, segments smallint,
         due_at timestamptz)) WITH ORDINALITY AS reply
    ORDER BY ordinality
"""

_SPEAK = "UPDATE contact SET language = %(language)s WHERE id = %(contact_id)s"


def open_turn(visit: Visit, our_number: str, arrival: Arrival) -> tuple[Desk | None, Opening | None]:
    """Write down what arrived at our number, and lock its conversation.

    No desk: the number is not ours. No opening: this message was taken before.
    """
    values = _values(our_number, arrival)
    rows = visit.ask(_OPEN, values)
    if not rows:
        return None, None
    if rows[0][_DESK_COLUMNS + 1] is None:
        rows = visit.ask(_MEET, values)
    desk, opening = rows[0][:_DESK_COLUMNS], rows[0][_DESK_COLUMNS:]
    return Desk(*desk), Opening(*opening) if opening[0] is not None else None


def reopen_turn(visit: Visit, conversation_id: UUID, turn: int) -> tuple[Desk, Opening, str] | None:
    """Lock a conversation for a turn in which nothing arrived, if turn number `turn` was its last.

    Returns the desk, where the conversation stands, and its channel.
    """
    rows = visit.ask(_REOPEN, {"conversation_id": conversation_id, "turn": turn})
    if not rows:
        return None
    *row, channel, _ = rows[0]
    return Desk(*row[:_DESK_COLUMNS]), Opening(*row[_DESK_COLUMNS:]), channel


def _values(our_number: str, arrival: Arrival) -> dict[str, Any]:
    at = now()
    return {
        "our_number": our_number,
        "contact_id": new_id(),
        "conversation_id": new_id(),
        "message_id": new_id(),
        "now": at,
        "silent_since": at - SILENCE,
        "channel": arrival.channel,
        "address": arrival.address,
        "external_id": arrival.external_id,
        "provider_sid": arrival.provider_sid,
        "text": arrival.text,
        "media": Jsonb(arrival.media),
        "params": Jsonb(arrival.params),
    }


def close_turn(visit: Visit, desk: Desk, channel: str, opening: Opening, closing: Closing) -> list[UUID]:
    """Write down where the conversation stands now, put the replies into the outbox. Returns their ids."""
    at = now()
    rows = [_row(outgoing, at) for outgoing in closing.outgoing]
    values = {
        "now": at,
        "turns": opening.turns,
        "arrived_at": closing.heard_at if opening.message_id else None,
        "business_id": desk.business_id,
        "sender_id": desk.sender_id,
        "contact_id": opening.contact_id,
        "conversation_id": opening.conversation_id,
        "channel": channel,
        "customer_id": closing.customer_id,
        "flow": closing.flow,
        "state": closing.state,
        "data": Jsonb(closing.data),
        "misses": closing.misses,
        "opted_out_at": closing.opted_out_at,
        "person_wanted_at": closing.person_wanted_at,
        "carrier_stopped": closing.carrier_stopped,
        "busy_until": closing.busy_until,
        "heard_at": closing.heard_at,
        "outgoing": Jsonb(rows),
    }
    visit.ask(_CLOSE, values)
    return [UUID(row["id"]) for row in rows]


def remember_language(visit: Visit, contact_id: UUID, language: str) -> None:
    """Keep the language that a contact chose."""
    visit.ask(_SPEAK, {"contact_id": contact_id, "language": language})


def _row(outgoing: Outgoing, at: datetime) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "status": outgoing.status,
        "reason": outgoing.reason,
        "text": outgoing.text,
        "media": outgoing.media,
        "choices": outgoing.choices,
        "encoding": outgoing.encoding,
        "segments": outgoing.segments,
        "due_at": at.isoformat() if outgoing.status == "queued" else None,
    }
