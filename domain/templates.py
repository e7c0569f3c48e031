"""Templates: what WhatsApp has approved to be said at any time, each version of it kept."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of
from domain.businesses import LANGUAGES
from domain.door import Visit

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


_NEWEST: Final = """
    SELECT id, variables FROM template
    WHERE account_sid = %(account_sid)s AND name = %(name)s AND language = %(language)s AND status = 'approved'
    ORDER BY version DESC LIMIT 1
"""


def newest_approved(visit: Visit, account_sid: str, name: str, language: str) -> tuple[UUID, list[str]] | None:
    """Return the newest approved version of a template, and the names of its values; None when there is none."""
    rows = visit.ask(_NEWEST, {"account_sid": account_sid, "name": name, "language": language})
    return (rows[0][0], rows[0][1]) if rows else None
