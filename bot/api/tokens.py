"""The tokens that were issued."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from domain.meters import Meter
from domain.purchases import Token
from domain.staff import AGENT

tokens = Resource("tokens", "Tokens: the digits that meters accept, as they were issued.")

_ORDER: Final = Order((Token.id,), ("id",))


class TokenShown(Shape):
    """A token: the `part`th of its purchase, in the order in which they are entered. Key changes bring no credit."""

    id: UUID
    purchase_id: UUID
    meter_id: UUID
    meter_no: str
    part: int
    kind: Literal["key_change", "credit"]
    digits: str
    kwh: Decimal
    issued_at: datetime


class TokenQuery(PageQuery):
    """Which tokens: all that is given must hold."""

    purchase_id: UUID | None = None
    meter_id: UUID | None = None
    digits: Annotated[str, Field(pattern="^[0-9]{20}$")] | None = None


@tokens.get("/tokens", role=AGENT, query=TokenQuery, answer=Page[TokenShown])
def list_tokens(call: Call, query: TokenQuery) -> Page[TokenShown]:
    """List tokens, the newest first. They are worth money until they are entered, so viewers don't see them."""
    statement = select(Token, Meter.meter_no).join(Meter, Meter.id == Token.meter_id)
    statement = statement.where(Token.business_id == call.business_id)
    for name in ("purchase_id", "meter_id", "digits"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(Token, name) == value)
    return page(call, statement, _ORDER, query, lambda row: _shown(*row))


def _shown(row: Token, meter_no: str) -> TokenShown:
    same = ("id", "purchase_id", "meter_id", "part", "kind", "digits", "issued_at")
    facts = {name: getattr(row, name) for name in same}
    return TokenShown(**facts, meter_no=meter_no, kwh=Decimal(row.units).scaleb(-1))
