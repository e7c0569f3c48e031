"""The ways to reach somebody: over which of our senders, to which address, and what stands in the way of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.health import works
from domain.outbox import INVALID_FOR, WINDOW
from domain.senders import EMAIL, SMS, WHATSAPP

# What is tried first where nobody said which.
BEST_FIRST: Final = (WHATSAPP, SMS, EMAIL)


@dataclass(frozen=True, slots=True)
class Way:
    """One of our senders, of the business with these names, and what we know of the address over it.

    `language` is the contact's own choice. `window_open`: WhatsApp lets us write freely. `obstacle` is the reason why
    nothing may be sent this way (`opted_out`, `address_invalid`), if there is one.
    """

    sender_id: UUID
    channel: str
    address: str
    account_sid_var: str | None
    language: str | None
    window_open: bool
    obstacle: str | None
    name_en: str
    name_ar: str

    def name_in(self, language: str) -> str:
        """Return the name of the business in `language`."""
        return self.name_ar if language == "ar" else self.name_en


# Where somebody wrote to a number lately, WhatsApp lets that one write freely: the conversation stays there. Else one
# that is paused or does badly is no way at all, unless there is no other; and a number that converses comes before a
# name that only sends: it can be answered, and be told to stop.
# Arrays that are asked for are not counted when it is planned: so one plan serves everybody.
_WAYS: Final = f"""
    SELECT person.n, sender.id, sender.channel, way.address, account_sid_var, contact.language,
           COALESCE(talk.last_inbound_at > %(window_since)s, false),
           CASE WHEN talk.opted_out_at IS NOT NULL OR talk.carrier_stopped THEN 'opted_out'
                WHEN contact.invalid_at > %(invalid_since)s
                     AND (talk.last_inbound_at IS NULL OR talk.last_inbound_at < contact.invalid_at)
                THEN 'address_invalid' END,
           business.name_en, business.name_ar
    FROM ROWS FROM (unnest((SELECT %(addresses)s::text[])), unnest((SELECT %(emails)s::text[])))
             WITH ORDINALITY AS person (address, email, n)
    CROSS JOIN sender JOIN business ON business.id = sender.business_id
    CROSS JOIN LATERAL (
        SELECT CASE sender.channel WHEN 'email' THEN person.email ELSE person.address END AS address
    ) AS way
    LEFT JOIN LATERAL (
        SELECT * FROM contact AS known WHERE known.business_id = sender.business_id AND known.channel = sender.channel
            AND known.address = way.address OFFSET 0
    ) AS contact ON true
    LEFT JOIN conversation AS talk ON talk.sender_id = sender.id AND talk.contact_id = contact.id
    WHERE sender.business_id = %(business_id)s AND (%(sender_id)s::uuid IS NULL OR sender.id = %(sender_id)s)
      AND sender.channel = ANY(%(channels)s) AND enabled
      AND way.address IS NOT NULL AND (sender.channel <> 'sms' OR way.address LIKE '+%%')
    ORDER BY person.n, array_position(%(channels)s, sender.channel::text),
             (sender.channel = 'whatsapp' AND talk.last_inbound_at > %(window_since)s) IS TRUE DESC,
             {works("%(now)s")} DESC, talk.last_inbound_at DESC NULLS LAST,
             sender.address LIKE '+%%' DESC, sender.address
"""  # noqa: S608  an expression of our own


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody may be reached: a phone (E.164) or WhatsApp id, and an e-mail; what is not known is no way."""

    phone: str | None
    email: str | None


def ways_to(
    visit: Visit,
    business_id: UUID,
    address: str | None,
    email: str | None,
    channels: tuple[str, ...] = BEST_FIRST,
    sender_id: UUID | None = None,
) -> list[Way]:
    """Return the ways to somebody over `channels`, one for each channel, the best first.

    `address` is their phone (E.164) or WhatsApp id; without it, or without `email`, there is no such way.
    With `sender_id` only that sender of ours is one.
    """
    return ways_to_many(visit, business_id, [Address(address, email)], channels, sender_id)[0]


def ways_to_many(
    visit: Visit,
    business_id: UUID,
    people: Sequence[Address],
    channels: tuple[str, ...] = BEST_FIRST,
    sender_id: UUID | None = None,
) -> list[list[Way]]:
    """Return the same for each of `people`, in one question."""
    at = now()
    values = {
        "business_id": business_id,
        "addresses": [one.phone for one in people],
        "emails": [one.email for one in people],
        "channels": list(channels),
        "sender_id": sender_id,
        "now": at,
        "window_since": at - WINDOW,
        "invalid_since": at - INVALID_FOR,
    }
    best: list[dict[str, Way]] = [{} for _ in people]
    for n, *row in visit.ask(_WAYS, values):
        way = Way(*row)
        best[n - 1].setdefault(way.channel, way)
    return [list(one.values()) for one in best]
