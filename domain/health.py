"""How well each sender does: what became of what it sent lately, what waits, and what Twilio says of it.

It is judged once a minute, from the messages of the last quarter of an hour; they are found by the index that staff's
lists go by, so it costs what those few cost, however many there are. A sender that fails is spared, so that after a
quarter of an hour nothing speaks against it any more, and it is tried again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, one_of
from domain.clock import now
from domain.kinds import NOTICES, PRIORITIES, REPLIES
from domain.messages import Message
from domain.senders import Sender

UNKNOWN, HEALTHY, AT_RISK, UNHEALTHY = STATES = ("unknown", "healthy", "at_risk", "unhealthy")
OFFLINE, FAILING, STUCK, LOW_QUALITY = REASONS = ("offline", "failing", "stuck", "low_quality")

LATELY: Final = timedelta(minutes=15)
# More than this part of so many messages at least, and the sender is taken to be what fails.
FAILS_AT: Final = 0.25
AMONG: Final = 20
# What was due for so long, while nothing at all went out, is stuck.
STUCK_AFTER: Final = timedelta(minutes=10)


class SenderHealth(Base):
    """How a sender does. It stands apart from the sender, as its pace does; the database adds one for each.

    `state` and its `reason` hold `since`. Of what was `tried` within a quarter of an hour before `checked_at` so many
    `failed`, not counting what is the recipient's affair. `provider_status` and `quality` are Twilio's own words.
    """

    __tablename__ = "sender_health"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "sender_id"], ["sender.business_id", "sender.id"]),
        CheckConstraint(one_of("state", STATES), "state"),
        CheckConstraint("(state IN ('at_risk', 'unhealthy')) = (reason IS NOT NULL)", "reason"),
        CheckConstraint("failed >= 0 AND failed <= tried", "failed"),
    )

    sender_id: Mapped[UUID] = mapped_column(primary_key=True)
    business_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default=UNKNOWN, server_default=UNKNOWN)
    reason: Mapped[str | None]
    since: Mapped[datetime] = mapped_column(server_default=text("now()"))
    checked_at: Mapped[datetime | None]
    tried: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last_success_at: Mapped[datetime | None]
    provider_status: Mapped[str | None]
    quality: Mapped[str | None]


def works(at: str, sender: str = "sender") -> str:
    """Return as SQL whether a row of `sender` can be sent from at the instant `at`, a placeholder."""
    return f"""
        ({sender}.enabled AND ({sender}.paused_until IS NULL OR {sender}.paused_until <= {at}) AND NOT EXISTS (
            SELECT FROM sender_health AS ill WHERE ill.sender_id = {sender}.id AND ill.state = '{UNHEALTHY}'))
    """


# Of what is queued only what was refused before counts as tried.
TRIED: Final = text(
    """
    SELECT one.sender_id, CASE WHEN one.status IN ('undelivered', 'failed', 'queued') THEN COALESCE(reason, 'unknown')
                          END AS code, count(*) AS number, max(accepted_at) AS last_at
    FROM (SELECT DISTINCT business_id, channel FROM sender) AS speaking CROSS JOIN LATERAL (
        SELECT sender_id, status, reason, accepted_at FROM message
        WHERE message.business_id = speaking.business_id AND message.channel = speaking.channel
          AND status = ANY(CAST(:statuses AS text[])) AND created_at > :since
          AND (status <> 'queued' OR attempts > 0 AND reason IS NOT NULL)
    ) AS one GROUP BY 1, 2
    """
)
TRIED_STATUSES: Final = ("accepted", "sent", "delivered", "read", "undelivered", "failed", "queued")


@dataclass(frozen=True, slots=True)
class Tried:
    """So many messages that a sender sent lately: why they failed, or when the last of them was taken."""

    sender_id: UUID
    code: str | None
    number: int
    last_at: datetime | None


def tried_lately(session: Session) -> list[Tried]:
    """Return what became of what each sender sent within the last quarter of an hour."""
    values = {"since": now() - LATELY, "statuses": list(TRIED_STATUSES)}
    return [Tried(*row) for row in session.execute(TRIED, values)]


def queued_at(sender_id: Any) -> Any:
    """Return as SQL how many messages wait to be sent from a sender."""
    return (
        select(func.count())
        .select_from(Message)
        .where(Message.status == "queued", Message.priority.in_(PRIORITIES), Message.sender_id == sender_id)
        .scalar_subquery()
    )


def due_at(sender_id: Any) -> Any:
    """Return as SQL since when the first of those that wait is due. Campaigns don't count: they may wait for a day."""
    return (
        select(func.min(Message.due_at))
        .where(Message.status == "queued", Message.priority.in_((REPLIES, NOTICES)), Message.sender_id == sender_id)
        .scalar_subquery()
    )


def checked(session: Session) -> list[tuple[Sender, SenderHealth, datetime | None]]:
    """Return every sender that is enabled, how it does, and since when the first of what waits there is due."""
    found = select(Sender, SenderHealth, due_at(Sender.id)).join(SenderHealth, SenderHealth.sender_id == Sender.id)
    return [tuple(row) for row in session.execute(found.where(Sender.enabled).order_by(Sender.id))]


def judge(sender: Sender, health: SenderHealth, due_since: datetime | None) -> bool:
    """Write down the state that follows from what is known of a sender. Tells whether it became worse than it was."""
    before = (health.state, health.reason)
    health.state, health.reason = _state_of(sender, health, due_since)
    if (health.state, health.reason) == before:
        return False
    health.since = now()
    return health.reason is not None


def _state_of(sender: Sender, health: SenderHealth, due_since: datetime | None) -> tuple[str, str | None]:
    if health.provider_status is not None and not health.provider_status.startswith("ONLINE"):
        return UNHEALTHY, OFFLINE
    if health.tried >= AMONG and health.failed > health.tried * FAILS_AT:
        return UNHEALTHY, FAILING
    if _stuck(sender, health, due_since):
        return UNHEALTHY, STUCK
    if health.quality == "LOW":
        return AT_RISK, LOW_QUALITY
    known = health.last_success_at is not None or health.provider_status is not None
    return (HEALTHY if known else UNKNOWN), None


def _stuck(sender: Sender, health: SenderHealth, due_since: datetime | None) -> bool:
    long_ago = now() - STUCK_AFTER
    if due_since is None or due_since > long_ago:
        return False
    paused = sender.paused_until is not None and sender.paused_until > long_ago
    return not paused and (health.last_success_at is None or health.last_success_at < long_ago)
