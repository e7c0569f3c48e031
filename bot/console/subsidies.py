"""Subsidies: who gets how much of which programme, and what came of each month."""

from typing import Any

from bot.api import subsidies as api
from bot.console.naming import customers_of, meter_numbers
from bot.console.readers import Reader
from bot.console.sections import MONEY, Section

subsidies = Section()

CHARGE_STATES = ("charging", "charged", "failed", "settled")


@subsidies.page("/subsidies", title="console.subsidies", template="subsidies.html", menu=MONEY)
def subsidy_list(reader: Reader) -> dict[str, Any]:
    """List subsidies, the newest first."""
    found = reader.listing(api.list_subsidies)
    return {"found": found, **_named(reader, found.items)}


@subsidies.page("/subsidies/months", title="console.subsidy_months", template="subsidy_months.html")
def subsidy_month_list(reader: Reader) -> dict[str, Any]:
    """List the quotas of months, the newest first."""
    found = reader.listing(api.list_subsidy_charges)
    return {"found": found, "states": CHARGE_STATES, **_named(reader, found.items)}


def _named(reader: Reader, items: Any) -> dict[str, Any]:
    return {
        "customers": customers_of(reader, [one.customer_id for one in items]),
        "meters": meter_numbers(reader, [one.meter_id for one in items]),
    }
