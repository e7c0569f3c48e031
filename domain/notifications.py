"""Notifications: what staff are to know of, such as a sender that fails."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, Session

from domain.base import Base, Owned, one_of

INFO, WARNING, CRITICAL = SEVERITIES = ("info", "warning", "critical")


class Notification(Owned, Base):
    """Something to know. `kind` says what, `facts` the particulars; `subject` is what it is about."""

    __tablename__ = "notification"
    __table_args__ = (
        CheckConstraint(one_of("severity", SEVERITIES), "severity"),
        CheckConstraint("(subject_type IS NULL) = (subject_id IS NULL)", "subject"),
        Index("ix_notification_listed", "business_id", "created_at", "id"),
        Index("ix_notification_unread", "business_id", "created_at", "id", postgresql_where=text("read_at IS NULL")),
    )

    kind: Mapped[str]
    severity: Mapped[str]
    facts: Mapped[dict[str, Any]]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    read_at: Mapped[datetime | None]


def notify(
    session: Session,
    business_id: UUID,
    kind: str,
    severity: str,
    facts: dict[str, Any],
    subject: tuple[str, UUID] | None = None,
) -> Notification:
    """Let the staff of a business know."""
    subject_type, subject_id = subject or (None, None)
    notification = Notification(
        business_id=business_id,
        kind=kind,
        severity=severity,
        facts=facts,
        subject_type=subject_type,
        subject_id=subject_id,
    )
    session.add(notification)
    session.flush()
    return notification
