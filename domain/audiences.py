"""An audience: whom a campaign is for, and who of them may not be written to. All conditions hold together.

Customers are reached at an address that speaks for them (domain/hands.py), the one on file first. A list of phones
may name people who are no customers. Everybody is in it once, whoever may not be written to as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.campaigns import AUTO, SKIPPED, WAITING, Campaign
from domain.clock import now, today
from domain.outbox import INVALID_FOR
from domain.senders import PHONE_CHANNELS

_OPEN_INVOICE: Final = (
    "FROM invoice WHERE invoice.customer_id = customer.id AND invoice.status IN ('issued', 'part_paid')"
)
_SPOKE: Final = """
    EXISTS (SELECT FROM speaks_for JOIN conversation AS talk USING (contact_id)
            WHERE speaks_for.customer_id = customer.id AND talk.last_inbound_at >= {since})
"""
# What may be asked of customers, by the name of the condition.
_OF_CUSTOMERS: Final[dict[str, str]] = {
    "tags": "customer.tags @> CAST(:tags AS text[])",
    "without_tags": "NOT customer.tags && CAST(:without_tags AS text[])",
    "due_over": f"(SELECT COALESCE(sum(total_minor - paid_minor), 0) {_OPEN_INVOICE}) > :due_over",
    "overdue": f"EXISTS (SELECT {_OPEN_INVOICE} AND due_date < :today) = :overdue",
    "subscription_status": (
        "EXISTS (SELECT FROM subscription WHERE subscription.customer_id = customer.id"
        " AND subscription.status = :subscription_status)"
    ),
    "meter_kind": "EXISTS (SELECT FROM meter WHERE meter.customer_id = customer.id AND active AND kind = :meter_kind)",
    "meter_network": (
        "EXISTS (SELECT FROM meter WHERE meter.customer_id = customer.id AND active AND network = :meter_network)"
    ),
    "heard_since": _SPOKE.format(since=":heard_since"),
    "silent_since": f"NOT {_SPOKE.format(since=':silent_since')}",
}
# What may be asked of anybody.
_OF_ALL: Final[dict[str, str]] = {
    "language": "person.language = :language",
    "channel": """
        EXISTS (SELECT FROM contact WHERE contact.business_id = :business_id AND contact.channel = :channel
                                      AND contact.address = person.address)
    """,
    "without_campaigns": """
        NOT EXISTS (SELECT FROM campaign_recipient AS past
                    WHERE past.campaign_id = ANY(CAST(:without_campaigns AS uuid[]))
                      AND past.address = person.address AND past.status = 'given')
    """,
}
KNOWN: Final = frozenset({*_OF_CUSTOMERS, *_OF_ALL})
_LISTED: Final = """
    EXISTS (SELECT FROM campaign_phone WHERE campaign_id = :id AND NOT excluded AND campaign_phone.address = {address})
"""
_NOT_EXCLUDED: Final = """
    NOT EXISTS (SELECT FROM campaign_phone WHERE campaign_id = :id AND excluded AND campaign_phone.address = {address})
"""
# What people decided about offers, and who wants no messages. It is gone through as a whole, by hashing: one by one it
# would take several times as long as writing the rows down.
_DECISIONS: Final = """
    decided AS (
        SELECT contact_id, max(created_at) FILTER (WHERE granted) AS yes_at,
               max(created_at) FILTER (WHERE NOT granted) AS no_at
        FROM consent WHERE business_id = :business_id AND topic = 'marketing' GROUP BY contact_id
    ), stopped AS (
        SELECT DISTINCT contact_id FROM conversation
        WHERE business_id = :business_id AND (opted_out_at IS NOT NULL OR carrier_stopped)
    )
"""
# Each address of somebody, on the campaign's channels, and whether anything may be said there.
_CONTACTS: Final = """
    SELECT {who}, address, language, invalid_at > :invalid_since AS invalid, yes_at, no_at,
           channel = ANY(CAST(:channels AS text[])) AND yes_at IS NOT NULL AS agreed,
           stopped.contact_id IS NOT NULL AS stopped
    FROM {known} LEFT JOIN decided ON decided.contact_id = {contact_id}
    LEFT JOIN stopped ON stopped.contact_id = {contact_id}
    WHERE {known}.business_id = :business_id AND channel IN ('whatsapp', 'sms')
"""
# The newest decision on the channel counts, and a later no on another one; who opted out anywhere did so everywhere.
_STANDING: Final = """
    CASE WHEN bool_or(stopped) THEN 'opted_out'
         WHEN COALESCE(max(yes_at) FILTER (WHERE agreed) >= COALESCE(max(no_at), '-infinity'), false) IS NOT TRUE
         THEN 'no_consent'
         WHEN bool_and(invalid) THEN 'address_invalid' END
"""
_CUSTOMERS: Final = """
    place AS (
        SELECT customer_id, address, max(language) AS language, {standing} AS reason
        FROM ({contacts}) AS contacts GROUP BY customer_id, address
    ), person AS (
        SELECT DISTINCT ON (customer.id) place.address, customer.id AS customer_id,
               COALESCE(place.language, customer.language, :own_language) AS language,
               CASE WHEN place.address IS NULL THEN 'no_address' ELSE place.reason END AS reason
        FROM customer LEFT JOIN place ON place.customer_id = customer.id
        WHERE customer.business_id = :business_id {conditions}
        ORDER BY customer.id, (place.address = customer.phone) DESC NULLS LAST, place.address
    )
"""
_STRANGERS: Final = """
    stranger AS (
        SELECT listed.address, NULL::uuid AS customer_id, COALESCE(max(contacts.language), :own_language) AS language,
               {standing} AS reason
        FROM campaign_phone AS listed LEFT JOIN ({contacts}) AS contacts ON contacts.address = listed.address
        WHERE listed.campaign_id = :id AND NOT excluded
          AND NOT EXISTS (SELECT FROM person WHERE person.address = listed.address)
        GROUP BY listed.address
    )
"""


@dataclass(frozen=True, slots=True)
class Whom:
    """An audience as SQL: a statement's beginning that defines `person`, what holds of one, and the values."""

    tables: str
    source: str
    holds: str
    values: dict[str, Any]


def whom(campaign: Campaign, timezone: str, own_language: str) -> Whom:
    """Return the audience of `campaign` as SQL, for a business in that time zone, with that language of its own."""
    asked: Mapping[str, Any] = {name: value for name, value in campaign.audience.items() if value is not None}
    of_customers = [_OF_CUSTOMERS[name] for name in asked if name in _OF_CUSTOMERS]
    # With nothing asked of customers, whoever is in the list is meant.
    with_strangers = campaign.listed and not of_customers
    if campaign.listed:
        of_customers.append(_LISTED.format(address="place.address"))
    conditions = "".join(f" AND ({condition})" for condition in of_customers)
    known = _CONTACTS.format(who="customer_id", known="speaks_for", contact_id="speaks_for.contact_id")
    parts = [_DECISIONS, _CUSTOMERS.format(standing=_STANDING, conditions=conditions, contacts=known)]
    if with_strangers:
        all_known = _CONTACTS.format(who="contact.id", known="contact", contact_id="contact.id")
        parts.append(_STRANGERS.format(standing=_STANDING, contacts=all_known))
    of_all = [_OF_ALL[name] for name in asked if name in _OF_ALL]
    source = "(SELECT * FROM person UNION ALL SELECT * FROM stranger)" if with_strangers else "person"
    return Whom(
        tables="WITH " + ", ".join(parts),
        source=f"{source} AS person",
        holds=" AND ".join(f"({condition})" for condition in (*of_all, _NOT_EXCLUDED.format(address="person.address"))),
        values={
            **asked,
            "id": campaign.id,
            "business_id": campaign.business_id,
            "channels": list(PHONE_CHANNELS) if campaign.channel == AUTO else [campaign.channel],
            "invalid_since": now() - INVALID_FOR,
            "today": today(timezone),
            "own_language": own_language,
        },
    )


# It is one statement for very many: it takes as long as it takes, and the memory that it asks for is the database's,
# and bounded. The planner can't tell how many rows a business has (row-level security compares it as text) and would
# go through them once for each other: so it is told to hash.
_NO_TIMEOUT: Final = text("SET LOCAL statement_timeout = 0")
_FOR_MANY: Final = tuple(text(f"SET LOCAL {setting}") for setting in ("work_mem = '128MB'", "enable_nestloop = off"))
_PREPARED: Final = text("UPDATE campaign SET prepared_at = :now WHERE id = :id AND prepared_at IS NULL")


def prepare(session: Session, campaign: Campaign, timezone: str, own_language: str) -> int:
    """Write down the recipients of a campaign, each once, with the reason where one may not be written to.

    Who is there already stays as it is; of several accounts with one phone the first is meant. Returns how many were
    added.
    """
    session.execute(_NO_TIMEOUT)
    _for_many(session)
    audience = whom(campaign, timezone, own_language)
    insert = text(
        f"""
        {audience.tables}
        INSERT INTO campaign_recipient (campaign_id, business_id, address, customer_id, language, status, reason)
        SELECT :id, :business_id, address, customer_id, language,
               CASE WHEN reason IS NULL THEN '{WAITING}' ELSE '{SKIPPED}' END, reason
        FROM {audience.source} WHERE {audience.holds}
        ORDER BY customer_id
        ON CONFLICT (campaign_id, address) DO NOTHING
        """  # noqa: S608  expressions of our own
    )
    added: int = session.execute(insert, audience.values).rowcount  # type: ignore[attr-defined]
    session.execute(_PREPARED, {"id": campaign.id, "now": now()})
    return added


def _for_many(session: Session) -> None:
    for setting in _FOR_MANY:
        session.execute(setting)


def tally(session: Session, campaign: Campaign, timezone: str, own_language: str) -> dict[str | None, int]:
    """Return how many are in the audience of `campaign`, by why they may not be written to; None: they may."""
    _for_many(session)
    audience = whom(campaign, timezone, own_language)
    counted = text(
        f"""
        {audience.tables}
        SELECT reason, count(*) FROM (
            SELECT DISTINCT ON (COALESCE(address, customer_id::text)) reason
            FROM {audience.source} WHERE {audience.holds}
            ORDER BY COALESCE(address, customer_id::text), customer_id
        ) AS each GROUP BY reason
        """  # noqa: S608  expressions of our own
    )
    rows: Any = session.execute(counted, audience.values).all()
    return dict(rows)


@dataclass(frozen=True, slots=True)
class Sample:
    """Somebody who may be written to."""

    address: str
    customer_id: UUID | None
    language: str


def samples(session: Session, campaign: Campaign, timezone: str, own_language: str, each: int) -> list[Sample]:
    """Return up to `each` of those in each language who may be written to."""
    _for_many(session)
    audience = whom(campaign, timezone, own_language)
    found = text(
        f"""
        {audience.tables}, each AS (
            SELECT DISTINCT ON (address) address, customer_id, language, reason
            FROM {audience.source} WHERE address IS NOT NULL AND {audience.holds}
            ORDER BY address, customer_id
        ), numbered AS (
            SELECT address, customer_id, language,
                   row_number() OVER (PARTITION BY language ORDER BY customer_id, address) AS number
            FROM each WHERE reason IS NULL
        )
        SELECT address, customer_id, language FROM numbered WHERE number <= :each ORDER BY language, number
        """  # noqa: S608  expressions of our own
    )
    return [Sample(*row) for row in session.execute(found, {**audience.values, "each": each})]
