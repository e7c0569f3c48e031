"""Templates: what WhatsApp has approved to be said at any time, each version of it kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned, one_of
from domain.businesses import LANGUAGES
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

APPROVED: Final = "approved"
# As Twilio has them; what it may add one day is written down as it comes.
CATEGORIES: Final = ("utility", "marketing", "authentication")


class Template(Owned, Base):
    """One version of a template of one Twilio account.

    `body` has its values as {{1}}, {{2}} …; `variables` names them in that order. `status` is Twilio's word for the
    approval, `reason` why it was refused.
    """

    __tablename__ = "template"
    __table_args__ = (
        UniqueConstraint("business_id", "account_sid", "name", "language", "version"),
        CheckConstraint(one_of("language", LANGUAGES), "language"),
        CheckConstraint(one_of("category", CATEGORIES), "category"),
        CheckConstraint("version > 0", "version"),
    )

    account_sid: Mapped[str]
    name: Mapped[str]
    language: Mapped[str]
    version: Mapped[int]
    category: Mapped[str]
    body: Mapped[str]
    variables: Mapped[list[str]] = mapped_column(ARRAY(Text))
    content_sid: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    checked_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Approved:
    """A version that may be said at any time: its content's SID, and the names of its values in their order."""

    id: UUID
    version: int
    content_sid: str
    body: str
    variables: list[str]


_NEWEST: Final = """
    SELECT id, version, content_sid, body, variables FROM template
    WHERE account_sid = %(account_sid)s AND name = %(name)s AND language = %(language)s AND status = 'approved'
    ORDER BY version DESC LIMIT 1
"""


def fill(body: str, values: Sequence[str]) -> str:
    """Return `body` with {{1}}, {{2}} … replaced by `values`."""
    return _NUMBERED.sub(lambda found: values[int(found[1]) - 1], body)


_NUMBERED: Final = re.compile(r"\{\{(\d+)\}\}")
_BODY: Final = """
    SELECT DISTINCT ON (language) language, body, variables FROM template WHERE name = %(name)s
    ORDER BY language, (status = 'approved') DESC, version DESC
"""


def bodies_of(visit: Visit, name: str) -> dict[str, tuple[str, list[str]]]:
    """Return the words of a template by language, with the names of its values: approved ones, where there are any."""
    return {language: (body, variables) for language, body, variables in visit.ask(_BODY, {"name": name})}


def newest_approved(visit: Visit, account_sid: str, name: str, language: str) -> Approved | None:
    """Return the newest approved version of a template; None when there is none."""
    rows = visit.ask(_NEWEST, {"account_sid": account_sid, "name": name, "language": language})
    return Approved(*rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class Wording:
    """An approved version: on which account it is, what it says, and the names of its values in their order."""

    id: UUID
    account_sid: str
    language: str
    body: str
    variables: list[str]
    content_sid: str


_WORDINGS: Final = text(
    """
    SELECT DISTINCT ON (account_sid, language) id, account_sid, language, body, variables, content_sid FROM template
    WHERE business_id = :business_id AND name = :name AND status = 'approved'
    ORDER BY account_sid, language, version DESC
    """
)


def wordings_of(session: Session, business_id: UUID, name: str) -> list[Wording]:
    """Return the newest approved version of a template on each account and in each language."""
    return [Wording(*row) for row in session.execute(_WORDINGS, {"business_id": business_id, "name": name})]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a template in the registry."""

    id: UUID
    account_sid: str
    name: str
    language: str
    version: int
    body: str
    content_sid: str
    status: str
    reason: str | None


_VERSIONS: Final = text(
    """
    SELECT DISTINCT ON (account_sid, name, language, version)
           id, account_sid, name, language, version, body, content_sid, status, reason
    FROM template WHERE account_sid = :account_sid ORDER BY account_sid, name, language, version
    """
)
_KNOWN: Final = text(
    """
    UPDATE template SET status = :status, reason = :reason, checked_at = :now
    WHERE account_sid = :account_sid AND content_sid = :content_sid
    """
)


def versions_at(session: Session, account_sid: str) -> list[Version]:
    """Return every version of every template of an account, once, whichever businesses share it."""
    return [Version(*row) for row in session.execute(_VERSIONS, {"account_sid": account_sid})]


def add_version(session: Session, business_ids: Sequence[UUID], template: Mapping[str, Any]) -> None:
    """Add a version for each of the businesses that share an account; those that have it keep it."""
    at = now()
    rows = [
        {"id": new_id(), "created_at": at, "checked_at": at, "business_id": one, **template} for one in business_ids
    ]
    session.execute(insert(Template).on_conflict_do_nothing(), rows)


def remember_status(session: Session, version: Version, status: str, reason: str | None) -> None:
    """Write down what Twilio says of the approval of a version."""
    values = {"status": status, "reason": reason, "now": now()}
    session.execute(_KNOWN, {**values, "account_sid": version.account_sid, "content_sid": version.content_sid})
