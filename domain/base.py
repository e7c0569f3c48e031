"""What all tables have in common."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, MetaData, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from domain.clock import now
from domain.ids import new_id

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# An amount in minor units of the currency beside it.
Minor = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    """A table."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: JSONB(),
    }


class Owned:
    """A row of one business. Row-level security shows it to that business only."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)

    @declared_attr
    def business_id(self) -> Mapped[UUID]:
        """The business that the row belongs to."""
        return mapped_column(ForeignKey("business.id"))


def referable(*columns: str) -> UniqueConstraint:
    """Let other rows of the same business, and of no other, point at a row of this table."""
    return UniqueConstraint("business_id", "id", *columns)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL condition that `column` holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"
