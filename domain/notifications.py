"""Notifications: what staff are to know of, such as a sender that fails."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned, one_of
from domain.clock import now
from domain.ids import new_id

INFO, WARNING, CRITICAL = SEVERITIES = ("info", "warning", "critical")


class Notification(Owned, Base):
    """Something to know. `kind` says what, `facts` the particulars; `subject` is what it is about.

    What happens again before anybody has read of it is the same notification: `times` and `last_at` tell. It is the
    same where kind, subject and the fact named `code` are. `mailed_at` is when staff were told of an urgent one by
    e-mail.
    """

    __tablename__ = "notification"
    __table_args__ = (
        CheckConstraint(one_of("severity", SEVERITIES), "severity"),
        CheckConstraint("(subject_type IS NULL) = (subject_id IS NULL)", "subject"),
        CheckConstraint("times > 0", "times"),
        Index("ix_notification_listed", "business_id", "created_at", "id"),
        Index("ix_notification_unread", "business_id", "created_at", "id", postgresql_where=text("read_at IS NULL")),
        Index(
            "ix_notification_urgent",
            "created_at",
            postgresql_where=text("severity = 'critical' AND mailed_at IS NULL"),
        ),
        Index(
            "uq_notification_unread",
            "business_id",
            "kind",
            "subject_type",
            "subject_id",
            text("(facts ->> 'code')"),
            unique=True,
            postgresql_where=text("read_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    kind: Mapped[str]
    severity: Mapped[str]
    facts: Mapped[dict[str, Any]]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    times: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


_SAME: Final = ("business_id", "kind", "subject_type", "subject_id")


def notify(
    session: Session,
    business_id: UUID,
    kind: str,
    severity: str,
    facts: Mapping[str, Any],
    subject: tuple[str, UUID] | None = None,
    times: int = 1,
) -> None:
    """Let the staff of a business know; of what they were told and have not read, that it happened again."""
    subject_type, subject_id = subject or (None, None)
    at = now()
    made = insert(Notification).values(
        id=new_id(),
        created_at=at,
        business_id=business_id,
        kind=kind,
        severity=severity,
        facts=dict(facts),
        subject_type=subject_type,
        subject_id=subject_id,
        times=times,
        last_at=at,
    )
    again = made.on_conflict_do_update(
        index_elements=[*_SAME, text("(facts ->> 'code')")],
        index_where=Notification.read_at.is_(None),
        set_={
            "times": Notification.times + times,
            "last_at": func.greatest(Notification.last_at, at),
            "facts": made.excluded.facts,
        },
    )
    session.execute(again)
