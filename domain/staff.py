"""Staff: the people of a business who sign in, and what they may."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable
from domain.businesses import LANGUAGES

ADMIN, AGENT, VIEWER = ROLES = ("admin", "agent", "viewer")
# What one role may, every higher one may too. `anybody` is whoever is signed in, an API key of any scope as well.
ANYBODY: Final = "anybody"
RANK: Final = {ANYBODY: 0, VIEWER: 1, AGENT: 2, ADMIN: 3}
INVITATION, RESET = PURPOSES = ("invitation", "reset")


class Staff(Owned, Base):
    """Somebody of a business's staff. `email` is written in small letters, so that no two differ in case only.

    Nobody signs in without a password, and nobody after `disabled_at`. Since `available_at` those who wait for a person
    are given to them.
    """

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("business_id", "email"),
        referable(),
        CheckConstraint(one_of("role", ROLES), "role"),
        CheckConstraint(one_of("language", LANGUAGES), "language"),
        CheckConstraint("email = lower(email)", "email"),
    )

    email: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    role: Mapped[str]
    language: Mapped[str]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    available_at: Mapped[datetime | None]


class StaffToken(Owned, Base):
    """What lets somebody set a password, once, while it is good: an invitation, or a reset. Only its digest is kept."""

    __tablename__ = "staff_token"
    __table_args__ = (
        UniqueConstraint("digest"),
        ForeignKeyConstraint(["business_id", "staff_id"], ["staff.business_id", "staff.id"]),
        CheckConstraint(one_of("purpose", PURPOSES), "purpose"),
    )

    staff_id: Mapped[UUID] = mapped_column(index=True)
    purpose: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def as_email(written: str) -> str:
    """Return an e-mail address as it is kept: without spaces around it, in small letters."""
    return written.strip().lower()
