"""What was answered to a request that bore an Idempotency-Key, so that it is answered the same, and done once."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned
from domain.clock import now

KEPT: Final = timedelta(hours=24)


class Answer(Owned, Base):
    """One answer, kept for a day for who asked. `asked` is a keyed digest of the request; `body` is encrypted."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("principal_id", "key"),
        Index("ix_answer_created_at", "created_at"),
    )

    principal_id: Mapped[UUID]
    key: Mapped[str]
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)


# Held to the end of the transaction that does the work: who finds it taken comes while the first is being answered.
# When the process dies nothing was done, and nothing is held.
_TAKE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:subject, 0))")
_FIND: Final = text(
    "SELECT asked, status, body FROM answer WHERE principal_id = :principal_id AND key = :key AND created_at > :after"
)
_KEEP: Final = text(
    """
    INSERT INTO answer (id, created_at, business_id, principal_id, key, asked, status, body)
    VALUES (:id, :now, :business_id, :principal_id, :key, :asked, :status, :body)
    ON CONFLICT (principal_id, key) DO UPDATE
    SET created_at = :now, asked = :asked, status = :status, body = :body
    """
)
_FORGET: Final = text("DELETE FROM answer WHERE created_at <= :before")


def take_key(session: Session, principal_id: UUID, key: str) -> bool:
    """Hold a key until the transaction ends; False when another request holds it."""
    return bool(session.scalar(_TAKE, {"subject": f"answer {principal_id} {key}"}))


def found_answer(session: Session, principal_id: UUID, key: str) -> tuple[bytes, int, bytes] | None:
    """Return what was asked, and how it was answered: the status and the body."""
    values = {"principal_id": principal_id, "key": key, "after": now() - KEPT}
    row = session.execute(_FIND, values).one_or_none()
    return (bytes(row.asked), row.status, bytes(row.body)) if row else None


def keep_answer(session: Session, answer: Answer) -> None:
    """Keep an answer, in the transaction of what it answers."""
    values = {
        "id": answer.id,
        "now": now(),
        "business_id": answer.business_id,
        "principal_id": answer.principal_id,
        "key": answer.key,
        "asked": answer.asked,
        "status": answer.status,
        "body": answer.body,
    }
    session.execute(_KEEP, values)


def forget_old_answers(session: Session) -> None:
    """Delete the answers whose day is over."""
    session.execute(_FORGET, {"before": now() - KEPT})
