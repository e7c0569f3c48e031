"""Feeds the outbox from the recipients of a campaign, a small portion at a time.

Only what will go out within the next seconds is in the outbox: so a campaign stands still as soon as it is paused, and
nothing is decided about anybody long before it is their turn. What is said, to whom, and that it was their turn, is
one transaction: whoever dies in it has done nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from domain.campaigns import AUTO, GIVEN, SKIPPED
from domain.clock import now, today
from domain.health import works
from domain.marketing import refusal_of
from domain.outbox import INVALID_FOR, WINDOW
from domain.senders import PHONE_CHANNELS

WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)
# What lies in the outbox is what goes out in so many seconds, within these bounds.
_AHEAD_SECONDS: Final = 2
_LEAST_AHEAD, _MOST_AHEAD = 20, 1000
# So long nobody is looked at where none of those whose turn is next may be written to today.
_REST_SECONDS: Final = 60
# So far may a campaign run ahead of its own pace, in seconds.
_PACE_AHEAD: Final = 1.0


@dataclass(frozen=True, slots=True)
class Going:
    """A campaign that goes on now, its business, and how many messages there is room for."""

    id: UUID
    business_id: UUID
    channel: str
    texts: dict[str, str] | None
    template: str | None
    variables: dict[str, str]
    media_url: str | None
    name_en: str
    name_ar: str
    currency: str
    timezone: str
    language: str
    room: int

    @property
    def channels(self) -> list[str]:
        """The channels that it may take, the best first."""
        return list(PHONE_CHANNELS) if self.channel == AUTO else [self.channel]


@dataclass(frozen=True, slots=True)
class Person:
    """A recipient, what is known of their account, and the ways to them: see `Reach`."""

    seq: int
    address: str
    customer_id: UUID | None
    language: str
    name: str | None
    name_ar: str | None
    account_no: str | None
    due_minor: int
    due_date: date | None
    capped: bool
    ways: list["Reach"]


@dataclass(frozen=True, slots=True)
class Reach:
    """A way to a recipient. `refused` is why it may not be taken, if there is a reason."""

    sender_id: UUID
    channel: str
    account_sid_var: str | None
    language: str | None
    window_open: bool
    refused: str | None


_ABOUT: Final = """
    campaign.id, campaign.business_id, channel, texts, template, variables, media_url, name_en, name_ar, currency,
    timezone, language
"""
# Somebody else who feeds it now has it; who pauses it waits until the portion is committed.
_TAKE: Final = text(
    f"""
    SELECT {_ABOUT}, GREATEST(0, LEAST(
        LEAST({_MOST_AHEAD}, GREATEST({_LEAST_AHEAD}, {_AHEAD_SECONDS} * (
            SELECT COALESCE(sum(messages_per_second), 0) FROM sender
            WHERE sender.business_id = campaign.business_id AND enabled
              AND campaign.channel IN ('{AUTO}', sender.channel))))
        - (SELECT count(*) FROM message
           WHERE campaign_id = campaign.id AND replaced_by IS NULL AND message.status = 'queued'),
        CASE WHEN campaign.messages_per_second IS NULL
             THEN CASE WHEN free_at > clock_timestamp() THEN 0 ELSE {_MOST_AHEAD} END
             WHEN free_at IS NULL OR free_at <= clock_timestamp()
             THEN GREATEST(1, floor(campaign.messages_per_second * {_PACE_AHEAD}))
             ELSE floor(campaign.messages_per_second
                        * ({_PACE_AHEAD} - extract(epoch FROM free_at - clock_timestamp()))) END))::int
    FROM campaign JOIN business ON business.id = campaign.business_id
    WHERE campaign.id = :id AND status = 'running' AND prepared_at IS NOT NULL
      AND (CAST(:now AS timestamptz) AT TIME ZONE timezone)::time >= send_from
      AND (CAST(:now AS timestamptz) AT TIME ZONE timezone)::time < send_until
    FOR NO KEY UPDATE OF campaign SKIP LOCKED
    """  # noqa: S608  expressions of our own
)
# Campaigns of one business take turns, so that the cap of a person holds across them.
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('campaigns ' || :business_id, 0))")
_DUE: Final = """
    LEFT JOIN LATERAL (
        SELECT sum(total_minor - paid_minor) AS due_minor, min(due_date) AS due_date FROM invoice
        WHERE invoice.customer_id = customer.id AND status IN ('issued', 'part_paid')
    ) AS owed ON true
"""
_CAPPED: Final = """
    (SELECT count(*) FROM campaign_recipient AS past JOIN message ON message.id = past.message_id
     WHERE past.business_id = :business_id AND past.address = person.address AND past.given_at > :week_ago
       AND message.status NOT IN ('skipped', 'failed', 'undelivered')
    ) >= (SELECT campaigns_a_week FROM business WHERE id = :business_id)
"""
# Of several numbers that are as good each has its people, the same at every campaign, as many as its pace allows.
_SHARE: Final = """
    -ln(((hashtextextended(person.address || sender.id, 0) & 2147483647) + 1) / 2147483649.0) / messages_per_second
"""
# For each channel the best of our numbers, as domain/ways.py has it; and why it may not be taken. An account is told
# of only where the address still speaks for it.
_WAYS: Final = f"""
    SELECT jsonb_agg(to_jsonb(way) ORDER BY array_position(CAST(:channels AS text[]), way.channel::text))
    FROM (SELECT DISTINCT ON (sender.channel) sender.id AS sender_id, sender.channel, account_sid_var,
                 contact.language,
                 COALESCE(talk.last_inbound_at > :window_since, false) AS window_open,
                 COALESCE({refusal_of("contact")},
                     CASE WHEN contact.invalid_at > :invalid_since
                               AND (talk.last_inbound_at IS NULL OR talk.last_inbound_at < contact.invalid_at)
                          THEN 'address_invalid'
                          WHEN person.customer_id IS NOT NULL AND NOT EXISTS (
                              SELECT FROM speaks_for WHERE speaks_for.contact_id = contact.id
                                                       AND speaks_for.customer_id = person.customer_id)
                          THEN 'changed_hands' END) AS refused
          FROM sender LEFT JOIN contact ON contact.business_id = sender.business_id
              AND contact.channel = sender.channel AND contact.address = person.address
          LEFT JOIN conversation AS talk ON talk.sender_id = sender.id AND talk.contact_id = contact.id
          WHERE sender.business_id = :business_id AND sender.channel = ANY(CAST(:channels AS text[])) AND enabled
            AND (sender.channel <> 'sms' OR person.address LIKE '+%')
          ORDER BY sender.channel, (sender.channel = 'whatsapp' AND talk.last_inbound_at > :window_since) IS TRUE DESC,
                   {works(":now")} DESC, talk.last_inbound_at DESC NULLS LAST, sender.address LIKE '+%' DESC,
                   {_SHARE}) AS way
"""  # noqa: S608  expressions of our own
_PEOPLE: Final = f"""
    SELECT seq, person.address, person.customer_id, person.language, customer.name, customer.name_ar,
           account_no, COALESCE(due_minor, 0)::bigint, due_date, {_CAPPED}, ({_WAYS})
    FROM person LEFT JOIN customer ON customer.id = person.customer_id
    {_DUE}
    ORDER BY seq
"""  # noqa: S608  expressions of our own
_PORTION: Final = text(
    f"""
    WITH person AS MATERIALIZED (
        SELECT seq, address, customer_id, language FROM campaign_recipient
        WHERE campaign_id = :id AND status = 'waiting' ORDER BY seq LIMIT :room
        FOR NO KEY UPDATE SKIP LOCKED
    )
    {_PEOPLE}
    """  # noqa: S608  expressions of our own
)
_SAMPLED: Final = text(
    f"""
    WITH person AS MATERIALIZED (
        SELECT * FROM ROWS FROM (jsonb_to_recordset(:people) AS (address text, customer_id uuid, language text))
            WITH ORDINALITY AS given (address, customer_id, language, seq)
    )
    {_PEOPLE}
    """  # noqa: S608  expressions of our own
).bindparams(bindparam("people", type_=JSONB))
_GIVE: Final = text(
    f"""
    UPDATE campaign_recipient
    SET status = CASE WHEN given.message_id IS NULL THEN '{SKIPPED}' ELSE '{GIVEN}' END, reason = given.reason,
        message_id = given.message_id, given_at = CASE WHEN given.message_id IS NOT NULL THEN CAST(:now AS timestamptz) END
    FROM jsonb_to_recordset(:outcomes) AS given (seq bigint, message_id uuid, reason text)
    WHERE campaign_id = :id AND campaign_recipient.seq = given.seq AND status = 'waiting'
    """  # noqa: S608, E501  names of our own
).bindparams(bindparam("outcomes", type_=JSONB))
_PACE: Final = text(
    """
    UPDATE campaign SET free_at = GREATEST(free_at, clock_timestamp()) + make_interval(secs => :said / messages_per_second)
    WHERE id = :id AND messages_per_second IS NOT NULL
    """  # noqa: E501
)
_REST: Final = text("UPDATE campaign SET free_at = clock_timestamp() + make_interval(secs => :seconds) WHERE id = :id")
# To how many people each account wrote within a day who had not written first. Accounts may be shared by businesses.
_LIMITS: Final = text(
    """
    SELECT account_sid_var, min(messaging_limit) - (
        SELECT count(DISTINCT contact_id) FROM sender AS each JOIN message ON message.sender_id = each.id
        WHERE each.channel = 'whatsapp' AND each.account_sid_var IS NOT DISTINCT FROM sender.account_sid_var
          AND template IS NOT NULL AND message.created_at > :day_ago AND message.status NOT IN ('skipped', 'failed'))
    FROM sender WHERE business_id = :business_id AND channel = 'whatsapp' AND messaging_limit IS NOT NULL
    GROUP BY account_sid_var
    """
)
# One at a time reckons with what is left of an account, be it of several businesses.
_HOLD_LIMITS: Final = text(
    """
    SELECT pg_advisory_xact_lock(hashtextextended('limit ' || account, 0))
    FROM (SELECT DISTINCT COALESCE(account_sid_var, '') AS account FROM sender
          WHERE business_id = :business_id AND channel = 'whatsapp' AND messaging_limit IS NOT NULL
          ORDER BY 1) AS limited
    """
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a recipient: a message, or a reason why there is none."""

    seq: int
    message_id: UUID | None = None
    reason: str | None = None


def take_campaign(session: Session, campaign_id: UUID) -> Going | None:
    """Take a campaign to feed from; None where it does not go on now, or somebody else feeds from it."""
    row = session.execute(_TAKE, {"id": campaign_id, "now": now()}).one_or_none()
    if row is None or not session.scalar(_ALONE, {"business_id": str(row.business_id)}):
        return None
    return Going(*row)


def portion_of(session: Session, going: Going) -> list[Person]:
    """Return those whose turn is next, as many as there is room for. They are ours until the transaction ends."""
    return _people(session, _PORTION, going, room=going.room)


def people_like(session: Session, going: Going, people: Sequence[dict[str, Any]]) -> list[Person]:
    """Return what would be known of `people` ({address, customer_id, language}), were it their turn now."""
    return _people(session, _SAMPLED, going, people=list(people))


def _people(session: Session, statement: Any, going: Going, **more: Any) -> list[Person]:
    at = now()
    values = {
        "id": going.id,
        "business_id": going.business_id,
        "channels": going.channels,
        "now": at,
        "today": today(going.timezone),
        "week_ago": at - WEEK,
        "window_since": at - WINDOW,
        "invalid_since": at - INVALID_FOR,
        **more,
    }
    rows = session.execute(statement, {name: values[name] for name in statement.compile().params})
    return [Person(*(*row[:-1], [_reach(way) for way in row[-1] or ()])) for row in rows]


def _reach(way: dict[str, Any]) -> Reach:
    return Reach(**{**way, "sender_id": UUID(way["sender_id"])})


def hold_limits(session: Session, business_id: UUID) -> None:
    """Let nobody else reckon with the limits of a business's accounts until the transaction ends."""
    session.execute(_HOLD_LIMITS, {"business_id": business_id})


def limits_of(session: Session, business_id: UUID) -> dict[str | None, int]:
    """Return to how many more people each account with a limit may write who did not write first, today."""
    rows = session.execute(_LIMITS, {"business_id": business_id, "day_ago": now() - DAY})
    return {account: max(left, 0) for account, left in rows}


def give(session: Session, campaign_id: UUID, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of recipients, and what of the campaign's own pace is used up."""
    rows = [
        {"seq": one.seq, "message_id": str(one.message_id) if one.message_id else None, "reason": one.reason}
        for one in outcomes
    ]
    session.execute(_GIVE, {"id": campaign_id, "outcomes": rows, "now": now()})
    session.execute(_PACE, {"id": campaign_id, "said": sum(one.message_id is not None for one in outcomes)})


def rest(session: Session, campaign_id: UUID) -> None:
    """Let a campaign alone for a while: all whose turn is next have to wait."""
    session.execute(_REST, {"id": campaign_id, "seconds": _REST_SECONDS})
