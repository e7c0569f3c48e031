"""Notifications: what staff are to know of."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from bot.problems import Problem
from domain.clock import now
from domain.notifications import Notification
from domain.staff import AGENT, VIEWER

notifications = Resource("notifications", "Notifications: what staff are to know of.")

_ORDER = Order((Notification.created_at, Notification.id), ("created_at", "id"))


class NotificationShown(Shape):
    """Something to know: `kind` says what, `facts` the particulars, and the subject what it is about.

    What happened again before anybody had read of it is the same notification: `times` and `last_at` tell.
    """

    id: UUID
    created_at: datetime
    kind: str
    severity: Literal["info", "warning", "critical"]
    facts: dict[str, Any]
    subject_type: str | None
    subject_id: UUID | None
    times: int
    last_at: datetime
    read_at: datetime | None


class NotificationQuery(PageQuery):
    """Which notifications."""

    unread: bool | None = None
    severity: Literal["info", "warning", "critical"] | None = None
    kind: str | None = Field(None, max_length=100)


@notifications.get("/notifications", role=VIEWER, query=NotificationQuery, answer=Page[NotificationShown])
def list_notifications(call: Call, query: NotificationQuery) -> Page[NotificationShown]:
    """List notifications, the newest first."""
    statement = select(Notification).where(Notification.business_id == call.business_id)
    if query.unread is not None:
        read = Notification.read_at
        statement = statement.where(read.is_(None) if query.unread else read.is_not(None))
    for name in ("severity", "kind"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(Notification, name) == value)
    return page(call, statement, _ORDER, query, lambda row: NotificationShown.model_validate(row[0]))


@notifications.post("/notifications/<uuid:notification_id>/read", role=AGENT, answer=NotificationShown)
def read_notification(call: Call, notification_id: UUID) -> NotificationShown:
    """Note that a notification was read, for all of staff. One that was read before stays as it is."""
    statement = select(Notification).where(
        Notification.business_id == call.business_id, Notification.id == notification_id
    )
    found = call.session.scalars(statement.with_for_update()).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no notification with this id")
    before = {"read_at": found.read_at}
    found.read_at = found.read_at or now()
    call.record("notification.read", ("notification", found.id), before, {"read_at": found.read_at})
    return NotificationShown.model_validate(found)
