"""The tables of readings, and of meters that took the place of others."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable

ACTUAL, ESTIMATED = SOURCES = ("actual", "estimated")
ACCEPTED, HELD, REJECTED = READING_STATES = ("accepted", "held", "rejected")
# Who said it: a file, the token vendor, the network of the meters, staff, the customer in the chat, and we ourselves.
FILE, VENDOR, NETWORK, STAFF, CUSTOMER, ESTIMATE = ORIGINS = (
    "file", "vendor", "network", "staff", "customer", "estimate",
)  # fmt: skip
MOST_WH: Final = 10**15


class Reading(Owned, Base):
    """What a meter had counted at an instant, in Wh. An estimate stays beside the actual reading that follows it.

    `held` ones wait for staff, for a `reason`; `decided_by` is who has looked at one, and then it is not judged again.
    What a bill was made of can't be changed: the database refuses it. `photo` is where a picture of it is.
    """

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("business_id", "meter_id", "read_at", "source"),
        referable(),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        CheckConstraint(one_of("source", SOURCES), "source"),
        CheckConstraint(one_of("origin", ORIGINS), "origin"),
        CheckConstraint(one_of("state", READING_STATES), "state"),
        CheckConstraint(f"wh BETWEEN 0 AND {MOST_WH}", "wh"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", "decided"),
        Index("ix_reading_held", "business_id", "id", postgresql_where=text(f"state = '{HELD}'")),
    )

    meter_id: Mapped[UUID]
    read_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default=ACTUAL)
    wh: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str]
    state: Mapped[str] = mapped_column(default=ACCEPTED)
    reason: Mapped[str | None]
    photo: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class MeterExchange(Owned, Base):
    """That a meter took the place of another: what the old one had counted at last, and the new one at first, in Wh."""

    __tablename__ = "meter_exchange"
    __table_args__ = (
        UniqueConstraint("business_id", "meter_id"),
        UniqueConstraint("business_id", "old_meter_id"),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        ForeignKeyConstraint(["business_id", "old_meter_id"], ["meter.business_id", "meter.id"]),
        CheckConstraint("meter_id <> old_meter_id", "another"),
        CheckConstraint(f"last_wh BETWEEN 0 AND {MOST_WH} AND first_wh BETWEEN 0 AND {MOST_WH}", "wh"),
    )

    meter_id: Mapped[UUID]
    old_meter_id: Mapped[UUID]
    exchanged_at: Mapped[datetime]
    last_wh: Mapped[int] = mapped_column(BigInteger)
    first_wh: Mapped[int] = mapped_column(BigInteger)
