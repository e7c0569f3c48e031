"""Readings: what meters counted, and those that wait for staff, to be confirmed or rejected."""

from typing import Any, Final
from uuid import UUID

from werkzeug.datastructures import MultiDict

from bot.api import readings as api
from bot.console.readers import Reader, argument, arguments
from bot.console.sections import MONEY, Section
from bot.problems import FieldProblem, Problem
from domain.readings.tables import ACCEPTED, HELD, READING_STATES, REJECTED

readings = Section()

_ONE: Final = "/readings/<uuid:reading_id>"
_EVERY: Final = "every"
_BESIDE: Final = 8


@readings.page("/readings", title="console.readings", template="readings.html", menu=MONEY)
def reading_list(reader: Reader) -> dict[str, Any]:
    """List readings, the newest first: those that wait, unless others are asked for."""
    asked = arguments(api.list_readings)
    chosen = argument("state") or (_EVERY if "meter_no" in asked else HELD)
    asked.pop("state", None)
    if chosen != _EVERY:
        asked["state"] = chosen
    return {"found": reader.listing(api.list_readings, asked), "chosen": chosen, "ways": (*READING_STATES, _EVERY)}


@readings.page(_ONE, title="console.reading", template="reading.html")
def reading_page(reader: Reader, reading_id: UUID) -> dict[str, Any]:
    """Show a reading beside others of its meter, and let who may decide on it."""
    shown = reader.ask(api.show_reading, reading_id=reading_id)
    others = reader.listing(api.list_readings, {"meter_id": shown.meter_id, "limit": _BESIDE}).items
    may = reader.may(api.confirm_reading) and shown.source == "actual"
    return {
        "shown": shown,
        "others": others,
        "may_confirm": may and shown.state != ACCEPTED,
        "may_reject": may and shown.state != REJECTED,
    }


def _with_a_reason(_: Reader, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return what was filled in. Here somebody looks at it: they say why. Raises Problem."""
    reason = filled.get("reason", "").strip()
    if not reason:
        error = FieldProblem("reason", "missing", "say why")
        raise Problem(422, "invalid", error.detail, [error])
    return {"reason": reason}


for name, does in (("confirm", api.confirm_reading), ("reject", api.reject_reading)):
    readings.form(f"{_ONE}/{name}", does=does, on=reading_page, read=_with_a_reason, done=f"reading_{name}")
