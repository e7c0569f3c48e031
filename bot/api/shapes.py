"""What the bodies of the API have in common."""

import re
from datetime import datetime, time
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from bot.importer.fields import EMAIL
from domain.staff import as_email

Item = TypeVar("Item")
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _wall_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(_CLOCK, value):
        raise ValueError("a time of day is written as 09:00")
    return time.fromisoformat(value)


# A time of day by the clock of the business: hours and minutes.
WallTime = Annotated[
    time,
    BeforeValidator(_wall_time),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": _CLOCK, "examples": ["09:00"]}),
]


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
