"""Tariffs: what a kWh costs, from a day on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Money, Name, Page, PageQuery, Shape
from bot.problems import Problem
from domain.businesses import Business
from domain.clock import now
from domain.ids import new_id
from domain.rating import blocks_of
from domain.staff import ADMIN, VIEWER
from domain.tariffs import MOST_BLOCKS, Tariff

tariffs = Resource("tariffs", "Tariffs: what a kWh costs from a day on. What was billed by never changes.")

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Mode = Literal["graduated", "volume"]
Covers = Literal["energy", "energy_and_fee"]
_ORDER: Final = Order((Tariff.code, Tariff.id), ("code", "id"), descending=False)
_MOST_MINOR: Final = 10**12


class BlockGiven(Shape):
    """From so many kWh in a month on a kWh costs so much, in whole units of the currency, without tax."""

    from_kwh: Annotated[Decimal, Field(ge=0, le=10**9, decimal_places=1)]
    price: Annotated[Decimal, Field(gt=0, le=10**5, decimal_places=6)]


class BlockShown(Shape):
    """The same, as it is kept."""

    from_kwh: Decimal
    price: Decimal


class TariffFacts(Shape):
    """A tariff. `minimum_charge` and `fixed_fee` are for a month; `minimum_covers` is what has to reach the minimum."""

    code: Code
    valid_from: date
    name_en: Name
    name_ar: Name
    mode: Mode = "graduated"
    minimum_covers: Covers = "energy"


class TariffMade(TariffFacts):
    """A tariff, with its amounts in minor units."""

    blocks: list[BlockGiven] = Field(min_length=1, max_length=MOST_BLOCKS)
    fixed_fee_minor: int = Field(0, ge=0, le=_MOST_MINOR)
    minimum_charge_minor: int = Field(0, ge=0, le=_MOST_MINOR)


class TariffShown(TariffFacts):
    """A tariff, from when it has been billed by (`used_at`)."""

    id: UUID
    blocks: list[BlockShown]
    fixed_fee: Money
    minimum_charge: Money
    used_at: datetime | None


class TariffQuery(PageQuery):
    """Which tariffs."""

    code: Code | None = None


@tariffs.get("/tariffs", role=VIEWER, query=TariffQuery, answer=Page[TariffShown])
def list_tariffs(call: Call, query: TariffQuery) -> Page[TariffShown]:
    """List tariffs, by their code."""
    statement = select(Tariff).where(Tariff.business_id == call.business_id)
    if query.code is not None:
        statement = statement.where(Tariff.code == query.code)
    return page(call, statement, _ORDER, query, lambda row: _shown(row[0]))


@tariffs.post(
    "/tariffs",
    role=ADMIN,
    body=TariffMade,
    answer=TariffShown,
    status=201,
    problems={409: "There is a tariff with this code from this day on."},
)
def make_tariff(call: Call, body: TariffMade) -> TariffShown:
    """Make a tariff, or a new version of one from a day on."""
    blocks = [[int(one.from_kwh.scaleb(1)), int(one.price.scaleb(6))] for one in body.blocks]
    try:
        blocks_of(blocks)
    except ValueError as error:
        raise Problem(422, "invalid", f"blocks: {error}") from None
    currency = call.session.scalar(select(Business.currency).where(Business.id == call.business_id))
    values = {**body.model_dump(exclude={"blocks"}), "blocks": blocks, "currency": currency}
    tariff_id = new_id()
    statement = insert(Tariff).values(id=tariff_id, created_at=now(), business_id=call.business_id, **values)
    made = call.session.scalar(statement.on_conflict_do_nothing().returning(Tariff.id))
    if made is None:
        raise Problem(409, "exists", "there is a tariff with this code from this day on")
    call.record("tariff.made", ("tariff", tariff_id), {}, values)
    return _shown(call.session.get_one(Tariff, tariff_id))


def _shown(row: Tariff) -> TariffShown:
    same = ("id", "code", "valid_from", "name_en", "name_ar", "mode", "minimum_covers", "used_at")
    facts: dict[str, Any] = {name: getattr(row, name) for name in same}
    return TariffShown(
        **facts,
        blocks=[
            BlockShown(from_kwh=Decimal(start).scaleb(-1), price=Decimal(price).scaleb(-6))
            for start, price in row.blocks
        ],
        fixed_fee=Money(minor=row.fixed_fee_minor, currency=row.currency),
        minimum_charge=Money(minor=row.minimum_charge_minor, currency=row.currency),
    )
