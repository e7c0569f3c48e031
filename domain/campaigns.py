"""A campaign: one broadcast to an audience, its states, and its recipients."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned, one_of, referable
from domain.businesses import LANGUAGES
from domain.clock import now
from domain.notifications import WARNING, notify
from domain.senders import SMS, WHATSAPP

DRAFT, SCHEDULED, RUNNING, PAUSED, FINISHED, CANCELLED = CAMPAIGN_STATUSES = (
    "draft",
    "scheduled",
    "running",
    "paused",
    "finished",
    "cancelled",
)
AUTO: Final = "auto"
CAMPAIGN_CHANNELS: Final = (AUTO, WHATSAPP, SMS)
# A recipient waits, is skipped, or was given a message, which tells the rest.
WAITING, SKIPPED, GIVEN = RECIPIENT_STATUSES = ("waiting", "skipped", "given")

# For each state, those that it may be reached from.
STEPS_TO: Final[dict[str, tuple[str, ...]]] = {
    SCHEDULED: (DRAFT, PAUSED),
    RUNNING: (DRAFT, SCHEDULED, PAUSED),
    PAUSED: (SCHEDULED, RUNNING),
    FINISHED: (RUNNING,),
    CANCELLED: (DRAFT, SCHEDULED, RUNNING, PAUSED),
}
BY_STAFF: Final = "staff"
OVERDUE: Final = "overdue"

EARLIEST, LATEST = time(9), time(19)
# How late a campaign may begin without anybody being asked.
MAY_BE_LATE: Final = timedelta(hours=1)


class Campaign(Owned, Base):
    """One broadcast. It says `texts`, by language, or the template of that name with `variables`.

    `audience` is as domain/audiences.py reads it; `listed` tells that it is among the phones of `campaign_phone`.
    Nothing goes out before `send_from` or from `send_until` on, by the clock of the business. `reason` is why it is
    paused. `going_since` is when it was last started or resumed; `prepared_at`, when its recipients were written down.
    `free_at` is when all that was said so far would have been said at its own pace, by the database's clock; or until
    when it rests, because nobody else may be written to today.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        referable(),
        CheckConstraint(one_of("status", CAMPAIGN_STATUSES), "status"),
        CheckConstraint(one_of("channel", CAMPAIGN_CHANNELS), "channel"),
        CheckConstraint("(texts IS NULL) <> (template IS NULL)", "said"),
        CheckConstraint("(status = 'paused') = (reason IS NOT NULL)", "reason"),
        CheckConstraint("send_from < send_until", "hours"),
        CheckConstraint("messages_per_second > 0", "pace"),
        Index("ix_campaign_listed", "business_id", "created_at", "id"),
        Index("ix_campaign_open", "id", postgresql_where=text("status IN ('scheduled', 'running', 'paused')")),
    )

    name: Mapped[str]
    status: Mapped[str] = mapped_column(default=DRAFT)
    reason: Mapped[str | None]
    channel: Mapped[str] = mapped_column(default=AUTO)
    texts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    template: Mapped[str | None]
    variables: Mapped[dict[str, Any]] = mapped_column(default=dict)
    media_url: Mapped[str | None]
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)
    listed: Mapped[bool] = mapped_column(default=False, server_default=false())
    schedule_at: Mapped[datetime | None]
    send_from: Mapped[time] = mapped_column(default=EARLIEST)
    send_until: Mapped[time] = mapped_column(default=LATEST)
    messages_per_second: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    started_at: Mapped[datetime | None]
    going_since: Mapped[datetime | None]
    prepared_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    free_at: Mapped[datetime | None]


class CampaignPhone(Base):
    """A phone of the list that somebody gave: to be written to, or `excluded`."""

    __tablename__ = "campaign_phone"
    __table_args__ = (ForeignKeyConstraint(["business_id", "campaign_id"], ["campaign.business_id", "campaign.id"]),)

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    excluded: Mapped[bool] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    business_id: Mapped[UUID]


class CampaignRecipient(Base):
    """Somebody whom a campaign is for: an address, once; a customer who is reached nowhere has none.

    `reason` tells why nothing was said. `message_id` is the newest of the messages that were; `given_at` is when the
    first of them went into the outbox.
    """

    __tablename__ = "campaign_recipient"
    __table_args__ = (
        UniqueConstraint("campaign_id", "address"),
        ForeignKeyConstraint(["business_id", "campaign_id"], ["campaign.business_id", "campaign.id"]),
        CheckConstraint(one_of("status", RECIPIENT_STATUSES), "status"),
        CheckConstraint(one_of("language", LANGUAGES), "language"),
        CheckConstraint("(status = 'skipped') = (reason IS NOT NULL)", "reason"),
        CheckConstraint("(status = 'given') = (message_id IS NOT NULL)", "message"),
        CheckConstraint("(status = 'given') = (given_at IS NOT NULL)", "given_at"),
        Index("ix_campaign_recipient_waiting", "campaign_id", "seq", postgresql_where=text("status = 'waiting'")),
        Index("ix_campaign_recipient_message", "message_id", postgresql_where=text("message_id IS NOT NULL")),
        Index(
            "ix_campaign_recipient_given",
            "business_id",
            "address",
            "given_at",
            postgresql_where=text("given_at IS NOT NULL"),
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    business_id: Mapped[UUID]
    address: Mapped[str | None]
    customer_id: Mapped[UUID | None]
    language: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    message_id: Mapped[UUID | None]
    given_at: Mapped[datetime | None]


class NoSuchCampaign(LookupError):
    """The business has no such campaign."""


class IllegalCampaignStep(ValueError):
    """A campaign may not go from the state that it is in to the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """A campaign that went from one state to another."""

    before: str
    after: str


# One UPDATE, whose WHERE lists the states that it may come from. Going, it is no longer paused for any reason; where
# it has ended, it says when.
_MOVE: Final = text(
    """
    WITH before AS (
        SELECT id, status FROM campaign WHERE id = :id FOR NO KEY UPDATE
    )
    UPDATE campaign
    SET status = CAST(:to AS text), reason = :reason,
        started_at = CASE WHEN CAST(:to AS text) = 'running' THEN COALESCE(started_at, :now) ELSE started_at END,
        going_since = CASE WHEN CAST(:to AS text) = 'running' THEN :now ELSE going_since END,
        ended_at = CASE WHEN CAST(:to AS text) IN ('finished', 'cancelled') THEN CAST(:now AS timestamptz) END
    FROM before WHERE campaign.id = before.id AND before.status = ANY(:from)
    RETURNING before.status
    """
)
_STATUS: Final = text("SELECT status FROM campaign WHERE id = :id")


def move(session: Session, campaign_id: UUID, to: str, reason: str | None = None) -> Step:
    """Let a campaign go to the state `to`; `reason` is why it is paused.

    Raises NoSuchCampaign, and IllegalCampaignStep where STEPS_TO does not allow it.
    """
    values = {"id": campaign_id, "to": to, "reason": reason, "from": list(STEPS_TO[to]), "now": now()}
    before = session.scalar(_MOVE, values)
    if before is not None:
        return Step(before, to)
    known = session.scalar(_STATUS, {"id": campaign_id})
    if known is None:
        raise NoSuchCampaign(str(campaign_id))
    raise IllegalCampaignStep(f"a campaign that is {known} can't become {to}")


_PAUSE: Final = text(
    """
    UPDATE campaign SET status = 'paused', reason = :reason
    WHERE id = :id AND status = ANY(:from)
    RETURNING business_id, name
    """
)


def pause_by_itself(session: Session, campaign_id: UUID, reason: str, **facts: Any) -> bool:
    """Pause a campaign for a reason of ours, and let staff know. False: it is not going."""
    values = {"id": campaign_id, "reason": reason, "from": list(STEPS_TO[PAUSED])}
    paused = session.execute(_PAUSE, values).one_or_none()
    if paused is None:
        return False
    told = {"code": reason, "campaign": paused.name, **facts}
    notify(session, paused.business_id, "campaign_paused", WARNING, told, ("campaign", campaign_id))
    return True
