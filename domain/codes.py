"""One-time codes: six digits that prove that somebody holds a phone.

A code is kept only as a keyed hash, lasts ten minutes, is used once, and gives way to a newer one for the same thing.
Wrong tries are counted for who tries and for what is tried, and five of either close that door for an hour. How many
codes are sent is bounded for each number, country and business, so that nobody can make us flood phones or run up a
bill. All of it stands in PostgreSQL, where a restart forgets nothing and tries at once are counted one by one.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

DIGITS: Final = 6
LASTS: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
# So long are wrong tries remembered, and so long do five of them lock.
LOCKED_FOR: Final = timedelta(hours=1)

# Nothing above needs them any longer; whoever looks into an abuse may.
_KEPT_FOR: Final = timedelta(days=30)

# How many codes an hour. Who asks is counted whether anything is sent or not.
MOST_ASKED: Final = 6
MOST_TO_NUMBER: Final = 4
MOST_TO_COUNTRY: Final = 500
MOST_BY_BUSINESS: Final = 1000

RIGHT, WRONG, LOCKED = "right", "wrong", "locked"

_PURPOSE_OF_KEY: Final = b"raseed one-time codes"
_key: bytes | None = None


class NoKeyError(RuntimeError):
    """No secret was given to this process, so that no code can be made or checked."""


class OneTimeCode(Owned, Base):
    """That a contact asked for a code, and what became of it. The code itself stands nowhere.

    `subject` is what the code was asked for, in the customer's words; `about` is the row that this means, if any.
    `refused` says why nothing was sent; such a row has no digest and can't be used.
    """

    __tablename__ = "code"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"]),
        Index("ix_code_contact", "contact_id", "purpose", "seq"),
        Index("ix_code_hour", "business_id", "created_at"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    purpose: Mapped[str]
    contact_id: Mapped[UUID]
    subject: Mapped[str]
    about: Mapped[UUID | None]
    destination: Mapped[str | None]
    country: Mapped[str | None]
    digest: Mapped[bytes | None]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    used_at: Mapped[datetime | None]
    refused: Mapped[str | None]


class CodeLock(Owned, Base):
    """The wrong tries of one contact, or at one subject, since `since`; and until when no more are taken."""

    __tablename__ = "code_lock"
    __table_args__ = (UniqueConstraint("business_id", "purpose", "key"),)

    purpose: Mapped[str]
    key: Mapped[str]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    since: Mapped[datetime]
    locked_until: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a code is asked for, by whom. `subject` stands for itself, whether there is such a thing or not."""

    business_id: UUID
    contact_id: UUID
    purpose: str
    subject: str

    @property
    def keys(self) -> list[str]:
        """The two doors that wrong tries close: the contact's own, and the one to the subject."""
        return [f"contact:{self.contact_id}", f"subject:{self.subject}"]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a code goes, and what it is about. `refused` says why it can't go anywhere."""

    about: UUID | None
    address: str | None
    country: str | None
    allowed_countries: tuple[str, ...]
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to be sent, or why none is: then `digits` is None."""

    digits: str | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: `right`, `wrong` or `locked`; and where it was right, what the code was about."""

    outcome: str
    about: UUID | None
    destination: str | None


# Taken by whoever is about to ask for a code: so the counts of the hour are true when they are read.
ONE_BY_ONE: Final = "pg_advisory_xact_lock(hashtextextended('codes of ' || %(business_id)s::text, 0))"
IS_LOCKED: Final = """
    EXISTS (SELECT FROM code_lock WHERE business_id = %(business_id)s AND purpose = %(purpose)s
            AND key = ANY(%(keys)s) AND locked_until > %(now)s)
"""

_ISSUE: Final = """
    WITH hour AS (
        SELECT count(*) FILTER (WHERE contact_id = %(contact_id)s AND refused IS DISTINCT FROM 'cap_contact') AS asked,
               count(*) FILTER (WHERE refused IS NULL AND destination = %(destination)s) AS to_number,
               count(*) FILTER (WHERE refused IS NULL AND country = %(country)s) AS to_country,
               count(*) FILTER (WHERE refused IS NULL) AS by_business
        FROM code WHERE business_id = %(business_id)s AND created_at > %(an_hour_ago)s
    ), verdict AS (
        SELECT CASE WHEN asked >= %(most_asked)s THEN 'cap_contact'
                    WHEN %(refused)s::text IS NOT NULL THEN %(refused)s
                    WHEN COALESCE(%(country)s::text = ANY(%(countries)s::text[]), false) IS FALSE THEN 'country'
                    WHEN to_number >= %(most_to_number)s THEN 'cap_destination'
                    WHEN to_country >= %(most_to_country)s THEN 'cap_country'
                    WHEN by_business >= %(most_by_business)s THEN 'cap_business' END AS refused
        FROM hour
    )
    INSERT INTO code (id, created_at, business_id, purpose, contact_id, subject, about, destination, country, digest,
                      expires_at, tries, refused)
    SELECT %(id)s, %(now)s, %(business_id)s, %(purpose)s, %(contact_id)s, %(subject)s, %(about)s::uuid, %(destination)s,
           %(country)s, CASE WHEN refused IS NULL THEN %(digest)s::bytea END, %(expires_at)s, 0, refused
    FROM verdict
    RETURNING refused
"""
# The newest code that the contact was sent for this subject is the one that counts. Both doors are passed, always in
# the same order, before the code is used: whoever passes them at the same time waits, and finds them as they were left.
# A right code counts for nothing there; so when a door is locked behind one, it was locked before.
_TRY: Final = """
    WITH newest AS (
        SELECT id, about, destination,
               digest = %(digest)s AND used_at IS NULL AND expires_at > %(now)s
                   AND tries < %(most_tries)s AS is_right
        FROM code
        WHERE id = (SELECT id FROM code WHERE contact_id = %(contact_id)s AND purpose = %(purpose)s
                    AND subject = %(subject)s AND refused IS NULL ORDER BY seq DESC LIMIT 1)
        FOR UPDATE
    ), doors AS (
        INSERT INTO code_lock AS door (id, created_at, business_id, purpose, key, tries, since)
        SELECT door_id, %(now)s, %(business_id)s, %(purpose)s, door_key, wrong, %(now)s
        FROM ROWS FROM (unnest(%(ids)s::uuid[]), unnest(%(keys)s::text[])) WITH ORDINALITY
                 AS one (door_id, door_key, n),
             (SELECT CASE WHEN (SELECT is_right FROM newest) THEN 0 ELSE 1 END AS wrong) AS counted
        ORDER BY n
        ON CONFLICT (business_id, purpose, key) DO UPDATE
        SET tries = CASE WHEN door.locked_until > %(now)s THEN door.tries
                         WHEN door.locked_until IS NOT NULL OR door.since <= %(an_hour_ago)s THEN excluded.tries
                         ELSE door.tries + excluded.tries END,
            since = CASE WHEN door.locked_until <= %(now)s
                           OR (door.locked_until IS NULL AND door.since <= %(an_hour_ago)s) THEN excluded.since
                         ELSE door.since END,
            locked_until = CASE WHEN door.locked_until > %(now)s THEN door.locked_until
                                WHEN door.locked_until IS NULL AND door.since > %(an_hour_ago)s
                                     AND door.tries + excluded.tries >= %(most_tries)s THEN %(lock_until)s END
        RETURNING COALESCE(locked_until > %(now)s, false) AS locked
    ), verdict AS (
        SELECT bool_or(locked) AS locked FROM doors
    ), tried AS (
        UPDATE code SET tries = code.tries + 1,
                        used_at = CASE WHEN is_right AND NOT locked THEN %(now)s ELSE code.used_at END
        FROM newest, verdict WHERE code.id = newest.id AND code.tries < %(most_tries)s
    )
    SELECT CASE WHEN locked THEN 'locked' WHEN is_right THEN 'right' ELSE 'wrong' END,
           CASE WHEN is_right AND NOT locked THEN about END,
           CASE WHEN is_right AND NOT locked THEN destination END
    FROM verdict LEFT JOIN newest ON true
"""

_FORGET: Final = tuple(
    text(f"DELETE FROM {table} WHERE {since} < :before")  # noqa: S608  names of our own
    for table, since in (("code", "created_at"), ("code_lock", "since"))
)


def use_secret(secret: str) -> None:
    """Derive this process's key from `secret`, the deployment's own."""
    global _key  # noqa: PLW0603  one key for the whole process is the point
    _key = hmac.digest(secret.encode(), _PURPOSE_OF_KEY, "sha256")


def issue(visit: Visit, asked: Asked, to: Destination) -> Issued:
    """Make a code and replace the one before, unless a cap refuses it. Whoever calls took ONE_BY_ONE before.

    It costs the same, and writes the same, whether there is anybody to send it to or not. Raises NoKeyError.
    """
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    at = now()
    values = {
        "id": new_id(),
        "now": at,
        "an_hour_ago": at - timedelta(hours=1),
        "business_id": asked.business_id,
        "purpose": asked.purpose,
        "contact_id": asked.contact_id,
        "subject": asked.subject,
        # As text: a statement that is asked with other types is another one to the driver, and takes another time.
        "about": str(to.about) if to.about else None,
        "destination": to.address,
        "country": to.country,
        "countries": list(to.allowed_countries),
        "refused": to.refused,
        "digest": _digest(asked, digits),
        "expires_at": at + LASTS,
        "most_asked": MOST_ASKED,
        "most_to_number": MOST_TO_NUMBER,
        "most_to_country": MOST_TO_COUNTRY,
        "most_by_business": MOST_BY_BUSINESS,
    }
    ((refused,),) = visit.ask(_ISSUE, values)
    return Issued(None if refused else digits, refused)


def try_code(visit: Visit, asked: Asked, digits: str) -> Tried:
    """Try `digits` as the code that was asked for. Right ones are used up, wrong ones are counted.

    Raises NoKeyError.
    """
    at = now()
    values = {
        "now": at,
        "an_hour_ago": at - LOCKED_FOR,
        "lock_until": at + LOCKED_FOR,
        "business_id": asked.business_id,
        "purpose": asked.purpose,
        "contact_id": asked.contact_id,
        "subject": asked.subject,
        "digest": _digest(asked, digits),
        "ids": [new_id(), new_id()],
        "keys": asked.keys,
        "most_tries": MOST_TRIES,
    }
    (row,) = visit.ask(_TRY, values)
    return Tried(*row)


def forget_old(session: Session) -> None:
    """Delete what is kept of codes and of wrong tries that are a month old."""
    for statement in _FORGET:
        session.execute(statement, {"before": now() - _KEPT_FOR})


def _digest(asked: Asked, digits: str) -> bytes:
    if _key is None:
        raise NoKeyError("one-time codes: no secret was given")
    said = f"{asked.purpose}\0{asked.contact_id}\0{asked.subject}\0{digits}"
    return hmac.digest(_key, said.encode(), "sha256")
