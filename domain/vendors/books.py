"""The embedded vendor's book: every token that it issued, in the order of issue. Rows are only ever added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned


class VendedToken(Owned, Base):
    """A token. `part` counts from 1 within the charge of that `reference`; `units` are tenths of a kWh; 0 for a
    maintenance code and for a part of a key change, which bring none.

    A meter accepts an identifier once, so none is given twice for a meter and a base date; what changes a key has none.
    `meter_key` is what the meter's key is made from once all tokens of this charge are entered: the next charge finds
    by it whether the key has changed since.
    """

    __tablename__ = "vended_token"
    __table_args__ = (
        UniqueConstraint("business_id", "reference", "part"),
        UniqueConstraint("meter_id", "base", "tid"),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        CheckConstraint("part >= 1", "part"),
        CheckConstraint("units BETWEEN 0 AND 16383", "units"),
        CheckConstraint("tid BETWEEN 0 AND 16777215", "tid"),
        CheckConstraint("base IN ('93', '14', '35')", "base"),
        CheckConstraint("tid IS NOT NULL OR units = 0", "key_change"),
        Index("ix_vended_token_latest", "meter_id", "issued_at"),
        Index("ix_vended_token_digits", "business_id", "digits"),
        CheckConstraint("digits ~ '^[0-9]{20}$'", "digits"),
    )

    reference: Mapped[str]
    part: Mapped[int]
    meter_id: Mapped[UUID]
    base: Mapped[str]
    tid: Mapped[int | None]
    units: Mapped[int]
    digits: Mapped[str]
    issued_at: Mapped[datetime]
    meter_key: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
