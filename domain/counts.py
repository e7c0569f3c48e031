"""What workers count, added up over all of them on all hosts: they share no memory with whoever is asked for it."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, Double, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql import bindparam

from domain.base import Base


class Count(Base):
    """How often something happened (`number`), and the sum of what was measured then. It belongs to no business.

    `label` tells what it happened to; `bucket` is the upper bound of a histogram's bucket, and empty elsewhere.
    """

    __tablename__ = "count"

    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[float] = mapped_column(Double)


Key = tuple[str, str, str]

# In order, so that two that add at once never wait for each other crosswise.
_ADD: Final = text(
    """
    INSERT INTO count (name, label, bucket, number, total)
    SELECT name, label, bucket, number, total
    FROM jsonb_to_recordset(:counts) AS given (name text, label text, bucket text, number bigint, total float)
    ORDER BY name, label, bucket
    ON CONFLICT (name, label, bucket) DO UPDATE
    SET number = count.number + excluded.number, total = count.total + excluded.total
    """
).bindparams(bindparam("counts", type_=JSONB))


def add_counts(session: Session, counts: Mapping[Key, tuple[int, float]]) -> None:
    """Add what was counted: by name, label and bucket, how often and the sum of what was measured."""
    rows = [
        {"name": name, "label": label, "bucket": bucket, "number": number, "total": total}
        for (name, label, bucket), (number, total) in counts.items()
    ]
    session.execute(_ADD, {"counts": rows})


def all_counts(session: Session) -> list[Count]:
    """Return everything that was counted."""
    return list(session.scalars(select(Count).order_by(Count.name, Count.label, Count.bucket)))
