"""Files of messages: the pictures and documents that staff sends, and those that customers sent."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, SmallInteger, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned
from domain.clock import now
from domain.ids import new_id

JPEG, PNG, GIF, WEBP, PDF = ("image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf")
# What WhatsApp takes from us, and up to how many bytes of each.
LARGEST: Final = {JPEG: 5 * 1024 * 1024, PNG: 5 * 1024 * 1024, PDF: 16 * 1024 * 1024}
# By what a file begins with it is known; what its name or its sender says of it proves nothing.
_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
)
_WEBP: Final = (b"RIFF", b"WEBP")


class MessageFile(Owned, Base):
    """A file of a message, the one at `place`, from 0. What a customer sent is here once somebody has looked at it."""

    __tablename__ = "message_file"
    __table_args__ = (UniqueConstraint("message_id", "place"), CheckConstraint("place >= 0", "place"))

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    place: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    content_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file: what it is called (nothing, if that is not known), what it is, and what is in it."""

    name: str
    content_type: str
    content: bytes


def kind_of_file(content: bytes) -> str | None:
    """Return the media type of what begins like this, among those that are known; None for any other."""
    if (content[:4], content[8:12]) == _WEBP:
        return WEBP
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file belongs: to which message of which business, as which of its files; and the file's id."""

    business_id: UUID
    message_id: UUID
    place: int = 0
    file_id: UUID = field(default_factory=new_id)


def keep_file(session: Session, at: Place, file: KeptFile) -> None:
    """Keep a file of a message; what is there already stays."""
    kept = insert(MessageFile).values(
        id=at.file_id,
        created_at=now(),
        business_id=at.business_id,
        message_id=at.message_id,
        place=at.place,
        name=file.name,
        content_type=file.content_type,
        content=file.content,
    )
    session.execute(kept.on_conflict_do_nothing(index_elements=["message_id", "place"]))


def file_with(session: Session, file_id: UUID) -> KeptFile | None:
    """Return the file with an id, among those that the session sees."""
    return _kept(session.get(MessageFile, file_id))


def file_at(session: Session, message_id: UUID, place: int) -> KeptFile | None:
    """Return a message's file at a place, if it is kept."""
    at = select(MessageFile).where(MessageFile.message_id == message_id, MessageFile.place == place)
    return _kept(session.scalars(at).one_or_none())


def _kept(row: MessageFile | None) -> KeptFile | None:
    return KeptFile(row.name, row.content_type, row.content) if row else None
