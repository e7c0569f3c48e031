"""What failed to be sent or delivered, and what is done about its address, its person and the message itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from domain.clock import now
from domain.kinds import DEADLINE


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that was not sent, or not delivered, why, and all that saying it again needs."""

    message_id: UUID
    business_id: UUID
    reason: str
    status: str
    kind: str
    sender_id: UUID
    contact_id: UUID
    conversation_id: UUID
    customer_id: UUID | None
    campaign_id: UUID | None
    channel: str
    address: str
    text: str
    encoding: str | None
    segments: int | None
    media: list[dict[str, Any]]
    choices: dict[str, Any] | None
    template: dict[str, Any] | None
    mail: dict[str, Any] | None
    ways: list[dict[str, Any]]
    failures: int
    provider_sid: str | None
    until: datetime


_FAILED: Final = text(
    f"""
    SELECT message.id, message.business_id, COALESCE(reason, 'unknown'), status, kind, sender_id, contact_id,
           conversation_id, customer_id, campaign_id, message.channel, contact.address, text, encoding, segments, media,
           choices, template, mail, ways, failures, provider_sid, message.created_at + {DEADLINE}
    FROM message JOIN contact ON contact.id = contact_id
    WHERE message.id = ANY(:ids) AND replaced_by IS NULL
    ORDER BY message.seq
    """  # noqa: S608  an expression of our own
)
_REPLACE: Final = text(
    """
    UPDATE message SET replaced_by = given.by FROM jsonb_to_recordset(:pairs) AS given (id uuid, by uuid)
    WHERE message.id = given.id
    """
).bindparams(bindparam("pairs", type_=JSONB))
_MOVE_ON: Final = text(
    """
    UPDATE campaign_recipient SET message_id = given.by FROM jsonb_to_recordset(:pairs) AS given (id uuid, by uuid)
    WHERE message_id = given.id
    """
).bindparams(bindparam("pairs", type_=JSONB))
# A reminder's next way is the same reminder.
_REMIND_ON: Final = text(
    """
    WITH given AS (SELECT * FROM jsonb_to_recordset(:pairs) AS given (id uuid, by uuid)), moved AS (
        UPDATE reminder SET message_id = given.by FROM given WHERE message_id = given.id
    )
    UPDATE message AS fresh SET reminder_id = old.reminder_id
    FROM given JOIN message AS old ON old.id = given.id
    WHERE fresh.id = given.by AND old.reminder_id IS NOT NULL
    """
).bindparams(bindparam("pairs", type_=JSONB))
_MARK_INVALID: Final = text(
    """
    UPDATE contact SET invalid_at = :now, invalid_for = given.reason
    FROM (SELECT DISTINCT ON (id) * FROM jsonb_to_recordset(:contacts) AS given (id uuid, reason text) ORDER BY id
         ) AS given
    WHERE contact.id = given.id
    """
).bindparams(bindparam("contacts", type_=JSONB))
# Twilio holds back what goes to people who sent it a word for stop, be it years ago. We then know it as well.
_OPT_OUT: Final = text(
    """
    WITH stopped AS (
        UPDATE conversation SET opted_out_at = COALESCE(opted_out_at, :now), carrier_stopped = true
        WHERE id = ANY(:conversations) AND NOT (carrier_stopped AND opted_out_at IS NOT NULL)
        RETURNING business_id, contact_id, sender_id, opted_out_at = :now AS anew
    )
    INSERT INTO consent (id, created_at, business_id, contact_id, sender_id, topic, granted, source, evidence)
    SELECT gen_random_uuid(), :now, business_id, contact_id, sender_id, 'messages', false, 'carrier', '21610'
    FROM stopped WHERE anew
    """
)


@dataclass(frozen=True, slots=True)
class SenderOf:
    """A number of ours, and whose it is."""

    id: UUID
    business_id: UUID


_SENDERS_OF: Final = text("SELECT id, sender_id, business_id FROM message WHERE id = ANY(:ids)")


def senders_of(session: Session, messages: Sequence[UUID]) -> list[tuple[UUID, SenderOf]]:
    """Return from which of our numbers each of `messages` was to be sent."""
    rows = session.execute(_SENDERS_OF, {"ids": list(messages)})
    return [(message, SenderOf(sender, business)) for message, sender, business in rows]


def failed(session: Session, messages: Sequence[UUID]) -> list[Failed]:
    """Return those of `messages` that nothing has taken the place of, oldest first."""
    return [Failed(*row) for row in session.execute(_FAILED, {"ids": list(messages)})] if messages else []


def replace(session: Session, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Write down which message took the place of which that failed: (the failed one, the new one)."""
    rows = [{"id": str(old), "by": str(new)} for old, new in pairs]
    session.execute(_REPLACE, {"pairs": rows})
    session.execute(_MOVE_ON, {"pairs": rows})
    session.execute(_REMIND_ON, {"pairs": rows})


def mark_invalid(session: Session, contacts: Collection[tuple[UUID, str]]) -> None:
    """Write down of each contact that nobody can be reached there, and why."""
    rows = [{"id": str(contact), "reason": reason} for contact, reason in sorted(contacts)]
    session.execute(_MARK_INVALID, {"contacts": rows, "now": now()})


def opt_out_at_carrier(session: Session, conversations: Collection[UUID]) -> None:
    """Write down that the people in `conversations` stopped us at the carrier or at Twilio."""
    session.execute(_OPT_OUT, {"conversations": sorted(conversations), "now": now()})
