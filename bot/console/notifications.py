"""Notifications: what staff are to know of."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from bot.api.notifications import NotificationShown, list_notifications, read_notification
from bot.console.links import going_to, link_to
from bot.console.readers import Reader
from bot.console.sections import TODAY, Section
from bot.noticing import KINDS
from domain.notifications import SEVERITIES

notifications = Section()


@notifications.page(
    "/notifications", title="console.notifications", template="notifications.html", menu=TODAY, live="notifications"
)
def notification_list(reader: Reader) -> dict[str, Any]:
    """List notifications, the newest first."""
    return {
        "found": reader.listing(list_notifications),
        "may_read": reader.may(read_notification),
        "severities": SEVERITIES,
        "kinds": KINDS,
    }


def _back(_: Reader, __: NotificationShown, ___: Mapping[str, Any]) -> Response:
    return going_to(link_to("/notifications", query={"unread": "true", "done": "read"}))


notifications.form(
    "/notifications/<uuid:notification_id>/read", does=read_notification, on=notification_list, finish=_back
)
