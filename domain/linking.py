"""Linking a contact to a customer: whoever knows the account number and holds the phone on file speaks for it.

Whether there is such an account is told to nobody: each question is asked of the database in the same way, and as
often, whether there is or not.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.codes import IS_LOCKED, ONE_BY_ONE, RIGHT, WRONG, Asked, Destination, issue, try_code
from domain.door import Desk, Visit
from domain.ids import new_id
from domain.phones import country_of
from domain.senders import SMS, WHATSAPP

PURPOSE: Final = "link"
_LONGEST_NUMBER: Final = 40
_AROUND: Final = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Post:
    """A code on its way to the phone on file of a customer: `digits` are None where a cap refuses it.

    Without an address it is on its way to nobody.
    """

    sender_id: UUID | None
    channel: str
    address: str | None
    customer_id: UUID | None
    language: str | None
    digits: str | None
    refused: str | None


# By SMS where the business has a sender for it, unless the phone's owner has stopped us there by a carrier's word;
# else by WhatsApp, where its owner wrote to us within a day, for only then may we write freely.
_LOOK_UP: Final = f"""
    SELECT {IS_LOCKED}, business.code_countries, customer.id, customer.phone, customer.language,
           way.sender_id, way.channel
    FROM (SELECT {ONE_BY_ONE}) AS one_by_one
    CROSS JOIN business
    LEFT JOIN LATERAL (
        SELECT * FROM customer WHERE business_id = business.id AND account_no = ANY(%(numbers)s)
        ORDER BY array_position(%(numbers)s::text[], account_no::text) LIMIT 1
    ) AS customer ON true
    LEFT JOIN LATERAL (
        SELECT sender.id AS sender_id, sender.channel
        FROM sender
        LEFT JOIN contact ON contact.business_id = business.id AND contact.channel = sender.channel
            AND contact.address = customer.phone
        LEFT JOIN conversation ON conversation.sender_id = sender.id AND conversation.contact_id = contact.id
        WHERE sender.business_id = business.id AND sender.enabled AND sender.channel <> 'email'
          AND CASE sender.channel WHEN %(sms)s THEN conversation.carrier_stopped IS NOT TRUE
              ELSE conversation.last_inbound_at > %(now)s - interval '24 hours' END
        ORDER BY sender.channel = %(sms)s DESC, conversation.last_inbound_at DESC NULLS LAST, sender.address LIMIT 1
    ) AS way ON true
    WHERE business.id = %(business_id)s
"""  # noqa: S608  conditions of our own
# The phone must still be the one that the code went to. Where the company's own file had linked the two before, that
# stays its word: it unlinks them when it moves the customer to another phone.
_LINK: Final = """
    INSERT INTO contact_customer (id, created_at, business_id, contact_id, customer_id, source, confirmed_at)
    SELECT %(id)s, %(now)s, business_id, %(contact_id)s, id, 'linked', %(now)s
    FROM customer WHERE id = %(customer_id)s AND phone = %(phone)s
    ON CONFLICT (contact_id, customer_id) DO UPDATE SET confirmed_at = excluded.confirmed_at
    RETURNING customer_id
"""


def account_number_in(text: str) -> str | None:
    """Return the account number that a customer wrote, in whatever digits and with whatever spaces, as typed else.

    None where nothing in `text` can be one: it has a digit, and is not endless.
    """
    western = "".join(map(_western, unicodedata.normalize("NFKC", text)))
    words = (word for word in western.split() if any(letter.isdigit() for letter in word))
    number = _AROUND.sub("", "".join(letter for letter in "".join(words) if letter.isprintable()))
    return number if 0 < len(number) <= _LONGEST_NUMBER else None


def send_code(visit: Visit, desk: Desk, contact_id: UUID, number: str) -> Post | None:
    """Make a code for whoever holds the phone on file of account `number`; None while wrong tries have locked it."""
    asked = _asked(desk, contact_id, number)
    values = {
        "now": now(),
        "business_id": desk.business_id,
        "purpose": PURPOSE,
        "keys": asked.keys,
        "numbers": _spellings(number),
        "sms": SMS,
    }
    ((locked, countries, customer_id, phone, language, sender_id, channel),) = visit.ask(_LOOK_UP, values)
    if locked:
        return None
    refused = "unknown" if customer_id is None else "no_phone" if phone is None else None
    refused = refused or (None if sender_id else "no_way")
    to = Destination(customer_id, phone, country_of(phone or ""), (desk.country, *countries), refused)
    issued = issue(visit, asked, to)
    reachable = None if refused else phone
    return Post(sender_id, channel or WHATSAPP, reachable, customer_id, language, issued.digits, issued.refused)


def try_to_link(visit: Visit, desk: Desk, contact_id: UUID, number: str, digits: str) -> tuple[str, UUID | None]:
    """Try a code; where it is right, the contact speaks for the customer from now on.

    Returns `right`, `wrong` or `locked`, and the customer who was linked.
    """
    tried = try_code(visit, _asked(desk, contact_id, number), digits)
    if tried.outcome != RIGHT:
        return tried.outcome, None
    values = {
        "id": new_id(),
        "now": now(),
        "contact_id": contact_id,
        "customer_id": tried.about,
        "phone": tried.destination,
    }
    linked = visit.ask(_LINK, values)
    return (RIGHT, linked[0][0]) if linked else (WRONG, None)


def _asked(desk: Desk, contact_id: UUID, number: str) -> Asked:
    return Asked(desk.business_id, contact_id, PURPOSE, _bare(number))


def _spellings(number: str) -> list[str]:
    """Return how the company may have written an account number that its customer writes as `number`."""
    bare = _bare(number)
    return list(dict.fromkeys((number, number.upper(), number.lower(), bare.upper(), bare)))


def _bare(number: str) -> str:
    """Return the letters and digits of `number` alone: however it is written, its wrong tries are counted together."""
    return "".join(letter for letter in number if letter.isalnum()).casefold()


def _western(letter: str) -> str:
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)
