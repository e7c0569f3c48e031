"""Content: what was registered at Twilio so that a message can carry buttons or a list."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from domain.base import Base, Owned, one_of
from domain.businesses import LANGUAGES


class Content(Owned, Base):
    """One content resource of one Twilio account, under a name and a language of ours."""

    __tablename__ = "content"
    __table_args__ = (
        UniqueConstraint("business_id", "account_sid", "name", "language"),
        CheckConstraint(one_of("language", LANGUAGES), "language"),
    )

    account_sid: Mapped[str]
    name: Mapped[str]
    language: Mapped[str]
    content_sid: Mapped[str]
