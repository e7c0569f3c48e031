"""Numbers of documents: one after the other in each series, without a gap, whatever dies in between.

The counter is a row that is locked until the commit; so a number is taken and its document written together or not at
all, and whoever wants the next one waits.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.door import Visit

_DIGITS: Final = 6


class NumberSeries(Base):
    """A series of a business, and the last number that was given out in it."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("last >= 0", "last"),)

    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


_TAKE: Final = """
    INSERT INTO number_series AS series (business_id, name, last) VALUES (%(business_id)s, %(name)s, %(count)s)
    ON CONFLICT (business_id, name) DO UPDATE SET last = series.last + excluded.last
    RETURNING last
"""


def take_numbers(visit: Visit, business_id: UUID, series: str, count: int = 1) -> range:
    """Take the next `count` numbers of a series, for documents that the same transaction writes."""
    ((last,),) = visit.ask(_TAKE, {"business_id": business_id, "name": series, "count": count})
    return range(last - count + 1, last + 1)


def written(series: str, number: int) -> str:
    """Return a number as it stands on a document: INV-2026-000042."""
    return f"{series}-{number:0{_DIGITS}}"
