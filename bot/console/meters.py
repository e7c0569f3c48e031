"""Meters, what they are told to do, and how far that has come."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Response
from sqlalchemy import select

from bot.api import meters as api
from bot.api.customers import show_customer
from bot.console.links import going_to, link_to
from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section, operation_of
from domain.meters import Meter

meters = Section()

_ONE: Final = "/meters/<meter_no>"
COMMAND_STATES: Final = ("queued", "sent", "acknowledged", "confirmed", "failed", "in_doubt")
# What a meter may be told, by what it is called in an address.
TOLD: Final[dict[str, Callable[..., Any]]] = {
    "turn-on": api.turn_meter_on,
    "reconnect": api.reconnect_meter,
    "increase-amperage": api.increase_amperage,
    "reduce-amperage": api.reduce_amperage,
    "turn-off": api.turn_meter_off,
    "disconnect": api.disconnect_meter,
}
TAKES_AWAY: Final = frozenset({"turn-off", "disconnect", "reduce-amperage"})


@meters.page("/meters", title="console.meters", template="meters.html", menu=SYSTEM)
def meter_list(reader: Reader) -> dict[str, Any]:
    """List meters, by number."""
    return {"found": reader.listing(api.list_meters)}


@meters.page(_ONE, title="console.meter", template="meter.html")
def meter_page(reader: Reader, meter_no: str) -> dict[str, Any]:
    """Show a meter, what it was told, and what it may be told."""
    shown = reader.ask(api.show_meter, meter_no=meter_no)
    return {
        "shown": shown,
        "customer": reader.ask(show_customer, customer_id=shown.customer_id),
        "commands": reader.listing(api.list_meter_commands, {"meter_id": shown.id, "limit": 10}).items,
        "may": [name for name, view in TOLD.items() if reader.may(view)],
    }


@meters.page("/meter-commands", title="console.meter_commands", template="meter_commands.html", menu=SYSTEM)
def command_list(reader: Reader) -> dict[str, Any]:
    """List commands to meters, the newest first."""
    found = reader.listing(api.list_meter_commands)
    numbers = select(Meter.id, Meter.meter_no).where(
        Meter.business_id == reader.call.business_id, Meter.id.in_([one.meter_id for one in found.items])
    )
    known = {row.id: row.meter_no for row in reader.session.execute(numbers)}
    return {"found": found, "states": COMMAND_STATES, "numbers": known}


def _asking(name: str, view: Callable[..., Any]) -> None:
    """Declare the page that asks for the reason of a command, and for confirmation, and the form on it."""

    def asking(reader: Reader, meter_no: str) -> dict[str, Any]:
        shown = reader.ask(api.show_meter, meter_no=meter_no)
        customer = reader.ask(show_customer, customer_id=shown.customer_id)
        return {"shown": shown, "customer": customer, "action": name, "takes_away": name in TAKES_AWAY}

    asking.__name__ = f"{name.replace('-', '_')}_meter_page"
    path, role = f"{_ONE}/{name}", operation_of(view).role
    meters.page(path, title="console.meter", template="meter_asks.html", role=role)(asking)
    meters.form(path, does=view, on=asking, finish=_to_the_meter)


def _to_the_meter(_: Reader, __: Any, path: Mapping[str, Any]) -> Response:
    return going_to(link_to(_ONE, dict(path), {"done": "meter_told"}))


for one, does in TOLD.items():
    _asking(one, does)
