"""A message: one row for everything sent or received, on every channel; and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, one_of
from domain.clock import now
from domain.hiding import NO_CODE_LEFT
from domain.ids import new_id
from domain.kinds import KINDS, PRIORITY
from domain.senders import CHANNELS

INBOUND, OUTBOUND = DIRECTIONS = ("inbound", "outbound")
RECEIVED = "received"
OUTBOUND_STATUSES = (
    "queued",
    "sending",
    "in_doubt",
    "accepted",
    "sent",
    "delivered",
    "read",
    "undelivered",
    "failed",
    "skipped",
)
STATUSES = (RECEIVED, *OUTBOUND_STATUSES)

# Which status may follow which, when Twilio tells us. A callback may overtake our own note that the send was
# accepted, and every callback after it; so each lists all that may lie behind, and nothing that lies ahead.
_BEFORE_SENT = ("queued", "sending", "in_doubt", "accepted")
STATUS_FOLLOWS: dict[str, tuple[str, ...]] = {
    "accepted": ("queued", "sending", "in_doubt"),
    "sent": _BEFORE_SENT,
    "undelivered": (*_BEFORE_SENT, "sent"),
    "failed": (*_BEFORE_SENT, "sent"),
    "delivered": (*_BEFORE_SENT, "sent"),
    "read": (*_BEFORE_SENT, "sent", "delivered"),
}


# Accepted long ago, and nobody told us more: Twilio is asked, a few times.
MOST_LOOKS = 3
UNKNOWN = f"status IN ('accepted', 'sent') AND looks < {MOST_LOOKS}"


class Message(Base):
    """Something said, by a customer or to one.

    `seq` orders the messages of a conversation. `segments` and `encoding` are set for SMS. `reason` says why a
    final status is a bad one. `params` is what the channel told us of an inbound message, as it came. `choices` is
    the same text as buttons or a list, for a channel that shows them: {"kind", "language", "body", "entries":
    [{"id", "title", "detail"}]}. `template` is the same as an approved template, for when WhatsApp asks for one:
    {"id", "variables"}. `ways` are other ways to say it, the best first, for when this one fails (see domain/ways.py);
    `replaced_by` is the message that took the next. `mail` is what a mail has beside its text: {"subject", "language",
    "sender"}, the last of them the name that it comes from.

    `reminder_id` is the reminder that it is, if it is one: it is asked again when it is sent whether it still holds.

    `attempts` counts sends, `failures` those that failed by themselves rather than for being too many; `resends` counts
    how often it was sent anew because nobody knew; `looks`, how often Twilio was asked what became of it.
    """

    __tablename__ = "message"
    __table_args__ = (
        # One check for each message, not four: a conversation is of one business, one sender and one contact.
        ForeignKeyConstraint(
            ["business_id", "conversation_id", "sender_id", "contact_id"],
            ["conversation.business_id", "conversation.id", "conversation.sender_id", "conversation.contact_id"],
        ),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        ForeignKeyConstraint(["business_id", "campaign_id"], ["campaign.business_id", "campaign.id"]),
        CheckConstraint(one_of("direction", DIRECTIONS), "direction"),
        CheckConstraint(one_of("channel", CHANNELS), "channel"),
        CheckConstraint(one_of("status", STATUSES), "status"),
        CheckConstraint(one_of("kind", tuple(KINDS)), "kind"),
        CheckConstraint(f"(direction = '{INBOUND}') = (status = '{RECEIVED}')", "direction_and_status"),
        CheckConstraint("segments > 0", "segments"),
        CheckConstraint(NO_CODE_LEFT, "no_code_left"),
        Index(
            "uq_message_provider_sid",
            "provider_sid",
            unique=True,
            postgresql_where=text("provider_sid IS NOT NULL"),
        ),
        Index("ix_message_due", "priority", "sender_id", "due_at", "seq", postgresql_where=text("status = 'queued'")),
        Index("ix_message_unknown", "accepted_at", postgresql_where=text(UNKNOWN)),
        Index(
            "ix_message_unsent",
            "conversation_id",
            "seq",
            postgresql_where=text("status IN ('queued', 'sending', 'in_doubt')"),
        ),
        Index("ix_message_conversation", "conversation_id", "seq"),
        # How staff look for messages, newest first.
        Index("ix_message_listed", "business_id", "channel", "status", "created_at", "id"),
        Index(
            "ix_message_customer",
            "business_id",
            "customer_id",
            "created_at",
            "id",
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        Index(
            "ix_message_contact",
            "business_id",
            "contact_id",
            "created_at",
            "id",
            postgresql_where=text("customer_id IS NULL"),
        ),
        Index("ix_message_replaced_by", "replaced_by", postgresql_where=text("replaced_by IS NOT NULL")),
        # What a campaign's messages are counted by; and how many people were written to by template lately.
        Index(
            "ix_message_campaign",
            "campaign_id",
            "status",
            "created_at",
            postgresql_where=text("campaign_id IS NOT NULL AND replaced_by IS NULL"),
        ),
        Index("ix_message_templated", "sender_id", "created_at", postgresql_where=text("template IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    business_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    direction: Mapped[str]
    channel: Mapped[str]
    kind: Mapped[str] = mapped_column(default="reply")
    sender_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    reminder_id: Mapped[UUID | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    provider_sid: Mapped[str | None]
    text: Mapped[str] = mapped_column(default="")
    media: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    choices: Mapped[dict[str, Any] | None]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    encoding: Mapped[str | None]
    segments: Mapped[int | None] = mapped_column(SmallInteger)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    failures: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    resends: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    looks: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    priority: Mapped[int] = mapped_column(SmallInteger, Computed(PRIORITY, persisted=True))
    template: Mapped[dict[str, Any] | None]
    ways: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    mail: Mapped[dict[str, Any] | None]
    replaced_by: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]


class DeliveryEvent(Base):
    """One status callback, as it came. It is folded into its message by a job."""

    __tablename__ = "delivery_event"
    __table_args__ = (
        Index("ix_delivery_event_unfolded", "seq", postgresql_where=text("folded_at IS NULL")),
        Index("ix_delivery_event_message", "message_id"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    business_id: Mapped[UUID]
    received_at: Mapped[datetime] = mapped_column(default=now)
    message_id: Mapped[UUID | None]
    provider_sid: Mapped[str]
    status: Mapped[str]
    error_code: Mapped[str | None]
    params: Mapped[dict[str, Any]]
    folded_at: Mapped[datetime | None]
