"""Subsidies: who gets what of which programme, and what came of each month."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from domain.staff import VIEWER
from domain.subsidies.tables import Subsidy, SubsidyCharge

subsidies = Resource("subsidies", "Subsidies: quotas that the state pays for, and what it owes for them.")

_SUBSIDIES: Final = Order((Subsidy.id,), ("id",))
_CHARGES: Final = Order((SubsidyCharge.id,), ("id",))
_Programme = Annotated[str, Field(max_length=100)]


class SubsidyShown(Shape):
    """So many kWh a month for a customer at a meter, from a day on."""

    id: UUID
    programme: str
    customer_id: UUID
    meter_id: UUID
    valid_from: date
    valid_to: date | None
    monthly_kwh: Decimal


class SubsidyQuery(PageQuery):
    """Which subsidies: all that is given must hold."""

    programme: _Programme | None = None
    customer_id: UUID | None = None


class ChargeShown(Shape):
    """A month's quota of a customer (`month` is its first day). `command_id` is the command that told the meter.

    `settled`: the month is over, `consumed_wh` of the quota was used, and `net_minor` and `vat_minor` are the state's
    debt. `detail` says why it can't be settled yet, or has failed.
    """

    id: UUID
    created_at: datetime
    programme: str
    customer_id: UUID
    meter_id: UUID
    month: date
    quota_wh: int
    state: Literal["charging", "charged", "failed", "settled"]
    command_id: UUID | None
    consumed_wh: int | None
    net_minor: int | None
    vat_minor: int | None
    currency: str
    detail: str | None


class ChargeQuery(PageQuery):
    """Which charges: all that is given must hold."""

    programme: _Programme | None = None
    customer_id: UUID | None = None
    month: date | None = None
    state: Literal["charging", "charged", "failed", "settled"] | None = None


@subsidies.get("/subsidies", role=VIEWER, query=SubsidyQuery, answer=Page[SubsidyShown])
def list_subsidies(call: Call, query: SubsidyQuery) -> Page[SubsidyShown]:
    """List subsidies."""
    statement = _filtered(select(Subsidy).where(Subsidy.business_id == call.business_id), Subsidy, query)
    return page(call, statement, _SUBSIDIES, query, lambda row: SubsidyShown.model_validate(row[0]))


@subsidies.get("/subsidy-charges", role=VIEWER, query=ChargeQuery, answer=Page[ChargeShown])
def list_subsidy_charges(call: Call, query: ChargeQuery) -> Page[ChargeShown]:
    """List the quotas of months, the newest first."""
    own = select(SubsidyCharge).where(SubsidyCharge.business_id == call.business_id)
    statement = _filtered(own, SubsidyCharge, query)
    return page(call, statement, _CHARGES, query, lambda row: ChargeShown.model_validate(row[0]))


def _filtered(statement: Any, table: Any, query: PageQuery) -> Any:
    for name in set(type(query).model_fields) - set(PageQuery.model_fields):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(table, name) == value)
    return statement
