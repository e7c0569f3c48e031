"""A sender: one number of ours on one channel; and for mails, which all come from one address, the business."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKeyConstraint, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable

WHATSAPP, SMS, EMAIL = CHANNELS = ("whatsapp", "sms", "email")
# What goes to a phone, by Twilio.
PHONE_CHANNELS = (WHATSAPP, SMS)


class Sender(Owned, Base):
    """A number of ours, or a registered name that only sends; its account and its pace.

    The sender of mails has the code of its business for an address; the database adds it with the business.

    `account_sid_var` and `auth_token_var` name the environment variables of the Twilio account that the
    number is on, when it is another than the deployment's own. `listed_until` is up to when what Twilio lists for
    the number was compared with what reached us.

    `messages_per_second` counts segments on SMS. Until `paused_until` nothing is sent from here, for `paused_for`, a
    reason. `messaging_limit` is to how many people its account may write within a day who did not write first, by
    Twilio's word; without one there is no limit.
    """

    __tablename__ = "sender"
    __table_args__ = (
        UniqueConstraint("channel", "address"),
        referable(),
        CheckConstraint(one_of("channel", CHANNELS), "channel"),
        CheckConstraint("(account_sid_var IS NULL) = (auth_token_var IS NULL)", "account"),
        CheckConstraint("messages_per_second > 0", "pace"),
    )

    address: Mapped[str]
    channel: Mapped[str]
    account_sid_var: Mapped[str | None]
    auth_token_var: Mapped[str | None]
    messages_per_second: Mapped[Decimal] = mapped_column(Numeric(8, 3), default=Decimal(10))
    enabled: Mapped[bool] = mapped_column(default=True)
    listed_until: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    paused_for: Mapped[str | None]
    messaging_limit: Mapped[int | None]


class SenderPace(Base):
    """How a sender keeps its pace. It is written at every claim, so it stands apart: whoever changes a sender, or takes
    a company's files in, holds up nobody's messages. The database adds one for each sender.

    `free_at` is when all that was claimed so far will have been sent; `factor` is how much of the pace is left since
    Twilio found it too fast, at `slowed_at`.
    """

    __tablename__ = "sender_pace"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "sender_id"], ["sender.business_id", "sender.id"]),
        CheckConstraint("factor > 0 AND factor <= 1", "factor"),
    )

    sender_id: Mapped[UUID] = mapped_column(primary_key=True)
    business_id: Mapped[UUID]
    free_at: Mapped[datetime | None]
    factor: Mapped[float] = mapped_column(Float, default=1.0, server_default="1")
    slowed_at: Mapped[datetime | None]
