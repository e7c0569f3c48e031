"""What happens when an invoice isn't paid: the rules, seen and changed; and plans of instalments."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response
from werkzeug.datastructures import MultiDict

from bot.api import dunning as api
from bot.console.amounts import minor_of, typed
from bot.console.links import going_to, link_to
from bot.console.naming import customers_of, invoice_numbers
from bot.console.readers import Reader
from bot.console.sections import MONEY, SYSTEM, Section
from domain.dunning.tables import PLAN_STATES
from domain.ways import BEST_FIRST
from locales.text import Code

debts = Section()

_EXAMPLE: Final = Code("-3, 0, 7")
_NUMBERS: Final = ("late_fee_days", "notice_days", "cut_days", "instalments_most", "grace_days")
# By what it is called in the form, and in the API.
_AMOUNTS: Final = {"late_fee": "late_fee_minor", "instalments_from": "instalments_from_minor"}


@debts.page("/dunning", title="console.dunning", template="dunning.html", menu=SYSTEM)
def dunning_page(reader: Reader) -> dict[str, Any]:
    """Show what is done when an invoice isn't paid, and let who may change it."""
    shown = reader.ask(api.show_dunning_rules)
    return {
        "shown": shown,
        "values": _as_filled(shown, reader.business.currency),
        "channels": BEST_FIRST,
        "currency": reader.business.currency,
        "example": _EXAMPLE,
        "may_change": reader.may(api.change_dunning_rules),
    }


@debts.page("/instalment-plans", title="console.plans_of_parts", template="plans.html", menu=MONEY)
def plan_list(reader: Reader) -> dict[str, Any]:
    """List what was agreed with customers, the newest first."""
    found = reader.listing(api.list_instalment_plans)
    return {
        "found": found,
        "states": PLAN_STATES,
        "customers": customers_of(reader, [one.customer_id for one in found.items]),
        "invoices": invoice_numbers(reader, [one.invoice_id for one in found.items]),
        "may_cancel": reader.may(api.cancel_instalment_plan),
    }


def _as_filled(shown: api.DunningShown, currency: str) -> dict[str, str]:
    values: dict[str, Any] = shown.model_dump(mode="json")
    values |= {name: values[kept] and typed(values[kept], currency) for name, kept in _AMOUNTS.items()}
    values["reminder_days"] = ", ".join(map(str, shown.reminder_days))
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _read_rules(reader: Reader, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return the rules as they were filled in, all of them: what was left empty is not done. Raises Problem."""
    given = {name: value.strip() for name, value in filled.items()}
    body: dict[str, Any] = {name: given.get(name) or None for name in (*_NUMBERS, "remind_at")}
    for name, kept in _AMOUNTS.items():
        body[kept] = minor_of(given[name], reader.business.currency, name) if given.get(name) else None
    days = given.get("reminder_days", "").replace(chr(0x60C), ",").split(",")
    body["reminder_days"] = [day.strip() for day in days if day.strip()]
    body["channels"] = [one for one in BEST_FIRST if one in filled.getlist("channels")]
    body["reconnects"] = given.get("reconnects") == "true"
    return body


def _to_the_list(_: Reader, __: api.PlanShown, ___: Mapping[str, Any]) -> Response:
    return going_to(link_to("/instalment-plans", query={"done": "plan_cancelled"}))


debts.form("/dunning", does=api.change_dunning_rules, on=dunning_page, read=_read_rules, done="saved")
debts.form(
    "/instalment-plans/<uuid:plan_id>/cancel", does=api.cancel_instalment_plan, on=plan_list, finish=_to_the_list
)
