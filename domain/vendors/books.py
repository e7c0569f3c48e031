"""The embedded vendor's book: every token that it issued, in the order of issue. Rows are only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from domain.base import Base, Owned


class VendedToken(Owned, Base):
    """A token. `part` counts from 1 within the charge of that `reference`; `units` are tenths of a kWh; 0 for a
    maintenance code, which brings none.

    A meter accepts an identifier once, so none is given twice for a meter and a base date.
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
        CheckConstraint("digits ~ '^[0-9]{20}$'", "digits"),
    )

    reference: Mapped[str]
    part: Mapped[int]
    meter_id: Mapped[UUID]
    base: Mapped[str]
    tid: Mapped[int]
    units: Mapped[int]
    digits: Mapped[str]
    issued_at: Mapped[datetime]
