"""What the bodies of the API have in common."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from bot.importer.fields import EMAIL
from domain.staff import as_email

Item = TypeVar("Item")


class Shape(BaseModel):
    """A body, or a part of one. What it doesn't know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class FieldError(Shape):
    """What is wrong with one field."""

    field: str
    code: str
    detail: str


class ProblemShown(Shape):
    """A problem document (RFC 9457). `code` is for machines, and `detail` for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = []


class Page(Shape, Generic[Item]):
    """A page of a list; `next_cursor` asks for the next one, and is null on the last."""

    items: list[Item]
    next_cursor: str | None


class PageQuery(Shape):
    """Which page of a list, and how much of it."""

    limit: int = Field(50, ge=1, le=200, description="How many items at most.")
    cursor: str | None = Field(None, max_length=500, description="What the page before gave as `next_cursor`.")


class Money(Shape):
    """An amount in minor units of its currency."""

    minor: int
    currency: str


def _with_offset(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("the time has no offset")
    return instant


def _email(written: str) -> str:
    email = as_email(written)
    if not EMAIL.fullmatch(email):
        raise ValueError("this is not an e-mail address")
    return email


# An instant that somebody gives us: with its offset, and in years that can be meant.
Instant = Annotated[datetime, AfterValidator(_with_offset)]
Email = Annotated[
    str, Field(min_length=3, max_length=254, json_schema_extra={"format": "email"}), AfterValidator(_email)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
