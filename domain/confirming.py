"""Confirming by an echo: anybody can forge the sender of an SMS, but what we send goes to the real handset.

Whoever wants to change something over such a channel sends back a short code that we have sent there. A code is for one
thing as it stands: `subject` says what would be done, and to which version of what.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.codes import IS_LOCKED, ONE_BY_ONE, Asked, Destination, issue, try_code
from domain.door import Desk, Visit
from domain.phones import country_of

PURPOSE: Final = "confirm"

_WHERE: Final = f"""
    SELECT {IS_LOCKED}, address FROM (SELECT {ONE_BY_ONE}) AS one_by_one CROSS JOIN contact
    WHERE id = %(contact_id)s AND business_id = %(business_id)s
"""  # noqa: S608  conditions of our own


@dataclass(frozen=True, slots=True)
class Echo:
    """A code on its way to who wrote; `digits` are None where a cap refuses it."""

    address: str
    digits: str | None
    refused: str | None


def send_echo(visit: Visit, desk: Desk, contact_id: UUID, subject: str) -> Echo | None:
    """Make a code for whoever really holds the contact's phone. None while wrong tries have locked it."""
    asked = _asked(desk, contact_id, subject)
    values = {"now": now(), "business_id": desk.business_id, "purpose": PURPOSE, "keys": asked.keys}
    ((locked, address),) = visit.ask(_WHERE, {**values, "contact_id": contact_id})
    if locked:
        return None
    country = country_of(address)
    # It goes where an answer would go anyway, so every country will do.
    issued = issue(visit, asked, Destination(None, address, country, (country,) if country else ()))
    return Echo(address, issued.digits, issued.refused)


def try_echo(visit: Visit, desk: Desk, contact_id: UUID, subject: str, digits: str) -> str:
    """Try a code that was sent back. Returns `right`, `wrong` or `locked`."""
    return try_code(visit, _asked(desk, contact_id, subject), digits).outcome


def _asked(desk: Desk, contact_id: UUID, subject: str) -> Asked:
    return Asked(desk.business_id, contact_id, PURPOSE, f"{contact_id} {subject}")
