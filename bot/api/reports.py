"""Reports: what happened in a month, in figures."""

import csv
import io
from datetime import date
from typing import Final, Literal
from uuid import UUID

from flask import Response
from pydantic import Field

from bot.api.calls import Call
from bot.api.routes import Resource
from bot.api.shapes import Money, Shape
from domain import clock
from domain.businesses import Business
from domain.staff import VIEWER
from domain.subscriptions.reports import PauseReport, pauses_of

reports = Resource("reports", "Reports: what happened in a month, in figures.")

_CSV: Final = "text/csv"
# A spreadsheet takes what begins with one of these for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class ReasonShown(Shape):
    """The pauses that had one reason."""

    reason: str | None
    pauses: int
    days: int


class PauserShown(Shape):
    """A customer who paused, and how often."""

    customer_id: UUID
    account_no: str
    pauses: int
    days: int


class PausesShown(Shape):
    """The pauses that began in a month. `value_of_days` is what the days cost that they moved."""

    month: str
    pauses: int
    days: int
    average_days: float
    value_of_days: Money
    by_reason: list[ReasonShown]
    most_often: list[PauserShown]


class MonthQuery(Shape):
    """Which month, and how it is told."""

    month: str | None = Field(
        None, pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="As 2026-11; the present one if nothing is said."
    )
    format: Literal["json", "csv"] = "json"


@reports.get("/reports/pauses", role=VIEWER, query=MonthQuery, answer=PausesShown, also=_CSV)
def report_pauses(call: Call, query: MonthQuery) -> PausesShown | Response:
    """Report on the pauses that began in a month, as JSON or as CSV."""
    business = call.session.get_one(Business, call.business_id)
    month = query.month or f"{clock.today(business.timezone):%Y-%m}"
    first = date.fromisoformat(f"{month}-01")
    found = pauses_of(call.visit(), call.business_id, business.timezone, first)
    if query.format == "csv":
        return Response(_table(month, found, business.currency), content_type=f"{_CSV}; charset=utf-8")
    return PausesShown(
        month=month,
        pauses=found.pauses,
        days=found.days,
        average_days=found.average_days,
        value_of_days=Money(minor=found.value_minor, currency=business.currency),
        by_reason=[ReasonShown.model_validate(one) for one in found.by_reason],
        most_often=[PauserShown.model_validate(one) for one in found.most_often],
    )


def _table(month: str, found: PauseReport, currency: str) -> str:
    """Return the report as one table: a line for the month, for each reason, and for who paused most often."""
    file = io.StringIO()
    write = csv.writer(file).writerow
    write(["month", "of", "which", "pauses", "days", "average_days", "value_minor", "currency"])
    write([month, "all", "", found.pauses, found.days, found.average_days, found.value_minor, currency])
    for reason in found.by_reason:
        write([month, "reason", _harmless(reason.reason or ""), reason.pauses, reason.days, "", "", ""])
    for one in found.most_often:
        write([month, "account", _harmless(one.account_no), one.pauses, one.days, "", "", ""])
    return file.getvalue()


def _harmless(words: str) -> str:
    return f"'{words}" if words.startswith(_FORMULA) else words
