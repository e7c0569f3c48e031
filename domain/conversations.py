"""A conversation: what a contact and a sender say to each other, and where in which flow it is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, referable


class Conversation(Owned, Base):
    """The flow, the state and the data that a contact and a sender are in.

    `opted_out_at` follows the newest consent row of this contact about this sender.
    `person_wanted_at` is when the customer asked for a person, until somebody came.
    `carrier_stopped`: the customer stopped us at the carrier or at Twilio, and until START comes nothing gets through.
    `turned_at` is when the last turn ended; `busy_until` bounds how fast turns may follow each other.
    `handover_id` is set while a person of staff answers instead of the bot. `assigned_to` is who of staff it waits for,
    or who has it; `wait_told_at`, when staff were told that somebody waits too long.
    `heard_at` is when the latest of all that turns were about was said: what reaches us late may lie before it.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("sender_id", "contact_id"),
        referable(),
        referable("sender_id", "contact_id"),
        ForeignKeyConstraint(["business_id", "sender_id"], ["sender.business_id", "sender.id"]),
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"]),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        CheckConstraint("misses >= 0", "misses"),
        Index("ix_conversation_wanted", "business_id", "id", postgresql_where=text("person_wanted_at IS NOT NULL")),
        Index(
            "ix_conversation_assigned", "business_id", "assigned_to", postgresql_where=text("assigned_to IS NOT NULL")
        ),
        Index("ix_conversation_taken", "business_id", "id", postgresql_where=text("handover_id IS NOT NULL")),
        Index(
            "ix_conversation_heard",
            "business_id",
            "last_inbound_at",
            "id",
            postgresql_where=text("last_inbound_at IS NOT NULL"),
        ),
        CheckConstraint("(flow IS NULL) = (state IS NULL)", "flow_and_state"),
    )

    sender_id: Mapped[UUID]
    contact_id: Mapped[UUID] = mapped_column(index=True)
    customer_id: Mapped[UUID | None]
    flow: Mapped[str | None]
    state: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    turns: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)
    last_inbound_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    person_wanted_at: Mapped[datetime | None]
    carrier_stopped: Mapped[bool] = mapped_column(default=False, server_default=false())
    turned_at: Mapped[datetime | None]
    busy_until: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    handover_id: Mapped[UUID | None]
    assigned_to: Mapped[UUID | None]
    assigned_at: Mapped[datetime | None]
    wait_told_at: Mapped[datetime | None]
