"""Billing runs: asked for, watched, and what they held back."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Response
from werkzeug.datastructures import MultiDict

from bot.api import billing_runs as api
from bot.console.links import going_to, link_to
from bot.console.readers import Reader
from bot.console.sections import MONEY, Section
from domain import clock
from domain.billing.months import first_of_month, month_before
from domain.billing.states import ITEM_STATES, OPEN
from domain.staff import ADMIN

billing = Section()

_ONE: Final = "/billing-runs/<uuid:run_id>"
# So many months back one may be billed from here.
_MONTHS: Final = 12


@billing.page("/billing-runs", title="console.billing_runs", template="billing_runs.html", menu=MONEY)
def run_list(reader: Reader) -> dict[str, Any]:
    """List runs, the newest first."""
    return {"found": reader.listing(api.list_billing_runs), "may_ask": reader.may(api.ask_billing_run)}


@billing.page("/billing-runs/new", title="console.new_run", template="billing_run_new.html", role=ADMIN)
def new_run_page(reader: Reader) -> dict[str, Any]:
    """Ask which month is to be billed, and whether it is only to be reckoned."""
    months = [month_before(first_of_month(clock.today(reader.business.timezone)))]
    while len(months) < _MONTHS:
        months.append(month_before(months[-1]))
    return {"periods": [f"{month:%Y-%m}" for month in months]}


@billing.page(_ONE, title="console.billing_run", template="billing_run.html")
def run_page(reader: Reader, run_id: UUID) -> dict[str, Any]:
    """Show a run: how far it is, what came of it, and what it held back."""
    shown = reader.ask(api.show_billing_run, run_id=run_id)
    return {
        "shown": shown,
        "is_open": shown.state in OPEN,
        "items": reader.listing(api.list_billing_items, run_id=run_id),
        "states": ITEM_STATES,
    }


def _read_run(_: Reader, filled: "MultiDict[str, str]") -> dict[str, Any]:
    return {"period": filled.get("period", ""), "dry_run": filled.get("how") != "real"}


def _to_it(_: Reader, answer: api.RunShown, __: Mapping[str, Any]) -> Response:
    return going_to(link_to(_ONE, {"run_id": answer.id}, {"done": "run_asked"}))


billing.form("/billing-runs/new", does=api.ask_billing_run, on=new_run_page, read=_read_run, finish=_to_it)
