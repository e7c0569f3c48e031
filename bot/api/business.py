"""The business itself: by which rules it works, when somebody is there, and on which days nobody is."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import delete, select

from bot.api.calls import Call
from bot.api.routes import Resource
from bot.api.shapes import Shape, WallTime
from bot.problems import Problem
from domain.businesses import Business
from domain.hours import Holiday, OpeningHours
from domain.staff import ADMIN, VIEWER

business = Resource("business", "The business itself: its rules, its hours and its holidays.")

_Days = Annotated[int, Field(ge=1, le=3650)]
_Count = Annotated[int, Field(ge=0, le=1000)]
_Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9 ]{2,20}$")]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class HoursShown(Shape):
    """From when until when somebody is there on a weekday, 0 is Monday; on the day after, where it closes no later."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    opens: WallTime
    closes: WallTime


class HolidayShown(Shape):
    """A day on which nobody comes."""

    date: date
    name_en: _Named
    name_ar: _Named


class Rules(Shape):
    """The rules of a business.

    `campaigns_a_week`: how many campaign messages a person gets within seven days. Then those of subscriptions: how
    long a pause may be and must be, how many there may be in a period, whether with an overdue invoice, whether the
    days that a stopped one wastes are given back, after how many days overdue it is paused (null: never), when a long
    pause is mentioned, how many days before the end renewing is offered. Of electricity: `arrears_percent` of what is
    paid goes to what is overdue first; whether anybody may buy for another's meter; below how many kWh is reminded.
    `answer_minutes`: within how many minutes staff answer in a conversation that they have taken over.
    """

    emergency_number: _Phone | None = None
    code_countries: Annotated[list[_Country], Field(max_length=50)] | None = None
    campaigns_a_week: _Count | None = None
    pause_longest_days: _Days | None = None
    pause_shortest_days: _Days | None = None
    pauses_per_period: _Count | None = None
    pause_when_overdue: bool | None = None
    refund_on_stop: bool | None = None
    overdue_pause_days: _Days | None = None
    long_pause_notice_days: _Days | None = None
    renewal_offer_days: _Count | None = None
    arrears_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    buy_for_others: bool | None = None
    low_credit_kwh: Annotated[int, Field(ge=1, le=100_000)] | None = None
    answer_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None


class BusinessChange(Rules):
    """What is to change; what is left out stays. Hours and holidays are given whole."""

    hours: Annotated[list[HoursShown], Field(max_length=50)] | None = None
    holidays: Annotated[list[HolidayShown], Field(max_length=1000)] | None = None


class BusinessInFull(Rules):
    """The business. Its names, money and tax are what was imported."""

    id: UUID
    code: str
    name_en: str
    name_ar: str
    currency: str
    timezone: str
    country: str
    vat_rate: str
    vat_number: str | None
    language: str
    hours: list[HoursShown]
    holidays: list[HolidayShown]


_RULES: Final = tuple(Rules.model_fields)
_OPTIONAL: Final = frozenset({"emergency_number", "overdue_pause_days"})


@business.get("/business", role=VIEWER, answer=BusinessInFull)
def show_business(call: Call) -> BusinessInFull:
    """Show the business that you act for."""
    return _shown(call, call.session.get_one(Business, call.business_id))


@business.patch("/business", role=ADMIN, body=BusinessChange, answer=BusinessInFull)
def change_business(call: Call, body: BusinessChange) -> BusinessInFull:
    """Change rules, hours or holidays. What is on its way already goes by the rules of then."""
    row = call.session.get_one(Business, call.business_id, with_for_update={"key_share": True})
    before = _shown(call, row)
    given = {name: getattr(body, name) for name in _RULES if name in body.model_fields_set}
    _check(given, row)
    for name, value in given.items():
        setattr(row, name, value)
    _replace(call, OpeningHours, body.hours, "weekday", "opens")
    _replace(call, Holiday, body.holidays, "date")
    call.session.flush()
    after = _shown(call, row)
    call.record("business.changed", ("business", row.id), *_differences(before, after))
    return after


def _check(given: dict[str, Any], row: Business) -> None:
    empty = [name for name, value in given.items() if value is None and name not in _OPTIONAL]
    if empty:
        raise Problem(422, "invalid", f"{empty[0]} can't be empty")
    shortest = given.get("pause_shortest_days", row.pause_shortest_days)
    if shortest > given.get("pause_longest_days", row.pause_longest_days):
        raise Problem(422, "invalid", "the shortest pause is longer than the longest")


def _replace(call: Call, table: type[Any], wanted: Sequence[Shape] | None, *key: str) -> None:
    if wanted is None:
        return
    if len({tuple(getattr(one, name) for name in key) for one in wanted}) < len(wanted):
        raise Problem(422, "invalid", "the same day is given twice")
    call.session.execute(delete(table).where(table.business_id == call.business_id))
    call.session.add_all(table(business_id=call.business_id, **one.model_dump()) for one in wanted)


def _shown(call: Call, row: Business) -> BusinessInFull:
    listed = {"hours": _listed(call, OpeningHours, "weekday", "opens"), "holidays": _listed(call, Holiday, "date")}
    same = {name for name in BusinessInFull.model_fields if name not in {*listed, "vat_rate"}}
    return BusinessInFull(
        **{name: getattr(row, name) for name in same},
        vat_rate=f"{row.vat_rate.normalize():f}",
        hours=[HoursShown.model_validate(one) for one in listed["hours"]],
        holidays=[HolidayShown.model_validate(one) for one in listed["holidays"]],
    )


def _listed(call: Call, table: type[Any], *order: str) -> list[Any]:
    statement = select(table).where(table.business_id == call.business_id)
    return list(call.session.scalars(statement.order_by(*(getattr(table, name) for name in order))))


def _differences(before: BusinessInFull, after: BusinessInFull) -> tuple[dict[str, Any], dict[str, Any]]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changed = [name for name in new if new[name] != old[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}
