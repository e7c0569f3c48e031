"""The business itself: the rules by which it works, when somebody is there, and on which days nobody is."""

from typing import Any, Final

from werkzeug.datastructures import MultiDict

from bot.api.business import BusinessInFull, change_business, show_business
from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section
from domain.hours import WEEKDAYS
from domain.staff import ADMIN, VIEWER

company = Section()

# In the order of the page: what is a yes or no, what may be empty, and what else is a number.
SWITCHES: Final = ("pause_when_overdue", "refund_on_stop", "buy_for_others")
OPTIONAL: Final = ("emergency_number", "overdue_pause_days")
GROUPS: Final = {
    "customers": ("emergency_number", "answer_minutes", "campaigns_a_week", "code_countries"),
    "subscriptions": (
        "pause_shortest_days", "pause_longest_days", "pauses_per_period", "pause_when_overdue", "overdue_pause_days",
        "long_pause_notice_days", "renewal_offer_days", "refund_on_stop",
    ),
    "electricity": ("arrears_percent", "low_credit_kwh", "buy_for_others"),
}  # fmt: skip
# How many times a day opens, at least, and how many empty lines there are for holidays, in the forms.
_OPENINGS: Final = 2
_EMPTY: Final = 3
_ARABIC_COMMA: Final = chr(0x60C)


@company.page("/business", title="console.business", template="business.html", menu=SYSTEM, role=VIEWER)
def business_page(reader: Reader) -> dict[str, Any]:
    """Show the rules, the hours and the holidays."""
    shown = reader.ask(show_business)
    return {"shown": shown, "groups": GROUPS, "week": _week(shown), "may_change": reader.may(change_business)}


@company.page("/business/rules", title="console.rules", template="business_rules.html", role=ADMIN)
def rules_page(reader: Reader) -> dict[str, Any]:
    """Ask for the rules."""
    return {"shown": reader.ask(show_business), "groups": GROUPS, "switches": SWITCHES, "optional": OPTIONAL}


@company.page("/business/hours", title="console.hours", template="business_hours.html", role=ADMIN)
def hours_page(reader: Reader) -> dict[str, Any]:
    """Ask from when until when somebody is there on each day of the week."""
    week = [(day, [(f"{one.opens:%H:%M}", f"{one.closes:%H:%M}") for one in hours])
            for day, hours in _week(reader.ask(show_business))]  # fmt: skip
    most = max(_OPENINGS, *(len(hours) for _, hours in week))
    return {"week": [(day, [*hours, *[("", "")] * (most - len(hours))]) for day, hours in week]}


@company.page("/business/holidays", title="console.holidays", template="business_holidays.html", role=ADMIN)
def holidays_page(reader: Reader) -> dict[str, Any]:
    """Ask for the days on which nobody comes."""
    shown = reader.ask(show_business).holidays
    kept = [(one.date.isoformat(), one.name_ar, one.name_en) for one in shown]
    return {"holidays": [*kept, *[("", "", "")] * _EMPTY]}


def _week(shown: BusinessInFull) -> list[tuple[str, list[Any]]]:
    return [(day, [one for one in shown.hours if one.weekday == number]) for number, day in enumerate(WEEKDAYS)]


def _rules(_: Any, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return the rules that were filled in. What may be empty and is, is taken away."""
    body: dict[str, Any] = {}
    for name in (name for group in GROUPS.values() for name in group if name in filled):
        written = filled[name].strip()
        if name == "code_countries":
            body[name] = written.upper().replace(_ARABIC_COMMA, " ").replace(",", " ").split()
        elif written or name in OPTIONAL:
            body[name] = written or None
    return body


def _hours(_: Any, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return the hours. A line of which half is filled in is wrong, not forgotten."""
    hours = []
    for weekday, day in enumerate(WEEKDAYS):
        for opens, closes in zip(filled.getlist(f"{day}.opens"), filled.getlist(f"{day}.closes"), strict=False):
            if opens or closes:
                hours.append({"weekday": weekday, "opens": opens, "closes": closes})
    return {"hours": hours}


def _holidays(_: Any, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return the holidays. A line without anything is none."""
    lines = zip(*(filled.getlist(name) for name in ("date", "name_ar", "name_en")), strict=False)
    return {"holidays": [{"date": date, "name_ar": name_ar, "name_en": name_en}
                         for date, name_ar, name_en in lines if date or name_ar or name_en]}  # fmt: skip


for _path, _on, _read in (
    ("rules", rules_page, _rules),
    ("hours", hours_page, _hours),
    ("holidays", holidays_page, _holidays),
):
    company.form(f"/business/{_path}", does=change_business, on=_on, done="saved", then=business_page, read=_read)
