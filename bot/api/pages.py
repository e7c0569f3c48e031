"""Lists, a page at a time: a cursor says after which row the next page begins, and nobody can make one up."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import ColumnElement, literal, tuple_

from bot.api.calls import Call
from bot.api.shapes import Page, PageQuery, Shape
from bot.problems import FieldProblem, Problem

Shown = TypeVar("Shown", bound=Shape)

_SIGNATURE: Final = 16
_READ: Final[dict[type, Callable[[Any], Any]]] = {
    datetime: datetime.fromisoformat,
    UUID: UUID,
    int: int,
    str: str,
}


@dataclass(frozen=True, slots=True)
class Order:
    """By which columns a list is ordered, together unique, and what they are called in what is shown."""

    columns: Sequence[Any]
    fields: Sequence[str]
    descending: bool = True


def page(call: Call, statement: Any, order: Order, query: PageQuery, shown: Callable[[Any], Shown]) -> Page[Shown]:
    """Return the page of `statement` that `query` asks for."""
    after = read_cursor(call, query.cursor, order)
    if after is not None:
        statement = statement.where(beyond(order, after))
    ordered = [column.desc() if order.descending else column.asc() for column in order.columns]
    rows = call.session.execute(statement.order_by(*ordered).limit(query.limit + 1)).all()
    return as_page(call, order, query, [shown(row) for row in rows])


def as_page(call: Call, order: Order, query: PageQuery, items: list[Shown]) -> Page[Shown]:
    """Return as a page what was found: one item more than were asked for tells that there is a next page."""
    cursor = None
    if len(items) > query.limit:
        items = items[: query.limit]
        cursor = _written(call, [getattr(items[-1], name) for name in order.fields])
    return Page(items=items, next_cursor=cursor)


def beyond(order: Order, after: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one with the values `after`."""
    values = tuple_(*(literal(value, column.type) for value, column in zip(after, order.columns, strict=True)))
    columns = tuple_(*order.columns)
    return columns < values if order.descending else columns > values


def read_cursor(call: Call, cursor: str | None, order: Order) -> list[Any] | None:
    """Return the values that a cursor holds; None for the first page."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise _bad_cursor() from None
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(call, payload)):
        raise _bad_cursor()
    given = zip(json.loads(payload), order.columns, strict=True)
    return [_READ[column.type.python_type](value) for value, column in given]


def _bad_cursor() -> Problem:
    error = FieldProblem("cursor", "bad_cursor", "this cursor is not one that this list gave")
    return Problem(422, "bad_cursor", error.detail, [error])


def _written(call: Call, values: list[Any]) -> str:
    payload = json.dumps(to_jsonable_python(values), separators=(",", ":")).encode()
    return base64.b64encode(_signature(call, payload) + payload, altchars=b"-_").decode()


def _signature(call: Call, payload: bytes) -> bytes:
    about = f"{call.operation} {call.business_id} ".encode()
    return hmac.digest(call.keys.cursors, about + payload, sha256)[:_SIGNATURE]
