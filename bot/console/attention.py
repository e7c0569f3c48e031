"""How much there is that needs somebody: counted up to a bound, so that it takes no longer when it is very much."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.clock import now
from domain.conversations import Conversation
from domain.handovers import Handover
from domain.messages import Message
from domain.notifications import Notification
from domain.senders import CHANNELS
from domain.tickets import UNSETTLED, Ticket

MOST: Final = 999
_LATELY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs attention: how much of it, the page that shows it, and by which filter."""

    kind: str
    number: int
    page: str
    query: dict[str, str]

    @property
    def is_more(self) -> bool:
        """Whether there is more than was counted."""
        return self.number > MOST


def needs(session: Session, business_id: UUID) -> list[Need]:
    """Return what needs attention in a business, each kind of it, also where there is none."""
    told = select(Notification.id).where(Notification.business_id == business_id, Notification.read_at.is_(None))
    wanted = select(Conversation.id).where(
        Conversation.business_id == business_id, Conversation.person_wanted_at.is_not(None)
    )
    unanswered = select(Conversation.id).join(Handover, Handover.id == Conversation.handover_id)
    unanswered = unanswered.where(Conversation.business_id == business_id, Handover.told_at.is_not(None))
    reported = select(Ticket.id).where(Ticket.business_id == business_id, Ticket.status.in_(UNSETTLED))
    doubted = _messages(business_id, "in_doubt")
    failed, lost = (
        _messages(business_id, status).where(Message.created_at > now() - _LATELY)
        for status in ("failed", "undelivered")
    )
    lists = (wanted, unanswered, reported, failed, lost, doubted, told)
    waiting, silent, tickets, failures, losses, doubts, unread = session.execute(select(*map(_bounded, lists))).one()
    return [
        Need("waiting", waiting, "conversation_list", {"show": "waiting"}),
        Need("unanswered", silent, "conversation_list", {"show": "taken"}),
        Need("tickets", tickets, "ticket_list", {}),
        Need("failed", failures, "message_list", {"status": "failed"}),
        Need("undelivered", losses, "message_list", {"status": "undelivered"}),
        Need("doubts", doubts, "message_list", {"status": "in_doubt"}),
        Need("told", unread, "notification_list", {"unread": "true"}),
    ]


def _messages(business_id: UUID, status: str) -> Any:
    return select(Message.id).where(
        Message.business_id == business_id, Message.channel.in_(CHANNELS), Message.status == status
    )


def _bounded(statement: Any) -> Any:
    return select(func.count()).select_from(statement.limit(MOST + 1).subquery()).scalar_subquery()
