"""A contact: a channel and an opaque address where somebody is reached; and what they consented to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable
from domain.businesses import LANGUAGES
from domain.senders import CHANNELS


class Contact(Owned, Base):
    """An address on a channel: mostly a telephone number, but WhatsApp also knows people who have none.

    `external_id` is WhatsApp's own id of the person, when it told us both that and a number. `changed_hands_at` is
    since when we can't be sure that the same person is behind it (see domain/hands.py). `invalid_at` is when a message
    came back because nobody can be reached there, and `invalid_for` why: for 90 days, or until they write, nothing is
    sent there.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("business_id", "channel", "address"),
        referable(),
        CheckConstraint(one_of("channel", CHANNELS), "channel"),
        CheckConstraint(one_of("language", LANGUAGES), "language"),
        CheckConstraint("length(address) BETWEEN 1 AND 320", "address"),
    )

    channel: Mapped[str]
    address: Mapped[str]
    external_id: Mapped[str | None]
    language: Mapped[str | None]
    changed_hands_at: Mapped[datetime | None]
    invalid_at: Mapped[datetime | None]
    invalid_for: Mapped[str | None]


class Consent(Owned, Base):
    """One decision of a person, kept for ever: rows are only ever added.

    `sender_id` is given where the decision is about one number of ours, as it is with a carrier's keywords.
    """

    __tablename__ = "consent"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"]),
        ForeignKeyConstraint(["business_id", "sender_id"], ["sender.business_id", "sender.id"]),
        CheckConstraint(one_of("topic", ("messages", "marketing")), "topic"),
    )

    contact_id: Mapped[UUID] = mapped_column(index=True)
    sender_id: Mapped[UUID | None]
    topic: Mapped[str]
    granted: Mapped[bool]
    source: Mapped[str]
    evidence: Mapped[str | None]
