"""The form of a campaign: what is filled in becomes what the API takes, and the other way round."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from bot.api.campaign_shapes import CampaignInFull
from bot.console.amounts import minor_of, typed
from domain.businesses import Business

_PLAIN: Final = ("name", "channel", "media_url", "schedule_at", "messages_per_second")
_AUDIENCE: Final = ("language", "overdue", "subscription_status", "meter_kind")


def read_campaign(reader: Any, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return a campaign as the API takes it. What was left empty was not given. Raises Problem."""
    given = {name: value.strip() for name, value in filled.items() if value.strip()}
    body: dict[str, Any] = {name: given[name] for name in _PLAIN if name in given}
    body["schedule_at"] = body.get("schedule_at")
    texts = {language: given[language] for language in ("ar", "en") if language in given}
    if "template" in given:
        body |= {"template": given["template"], "variables": _pairs(given.get("variables", ""))}
    else:
        body["texts"] = texts
    if "from" in given or "until" in given:
        body["send_between"] = {name: given[name] for name in ("from", "until") if name in given}
    return {**body, "audience": _audience(given, reader.business.currency)}


def _audience(given: dict[str, str], currency: str) -> dict[str, Any]:
    audience: dict[str, Any] = {name: given[name] for name in _AUDIENCE if name in given and name != "language"}
    if "reads" in given:
        audience["language"] = given["reads"]
    if "reached" in given:
        audience["channel"] = given["reached"]
    for name, kept in (("tags", "tags"), ("phones", "phones")):
        if name in given:
            audience[kept] = [one.strip() for one in given[name].replace(chr(0x60C), ",").replace("\n", ",").split(",")
                              if one.strip()]  # fmt: skip
    if "due_over" in given:
        audience["due_over"] = minor_of(given["due_over"], currency, "audience.due_over")
    if "without_tags" in given:
        audience["exclude"] = {"tags": [one.strip() for one in given["without_tags"].split(",") if one.strip()]}
    return audience


def _pairs(written: str) -> dict[str, str]:
    """Return the values of a template's variables, one a line: its name, a colon, the value."""
    pairs = (line.partition(":") for line in written.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs if value.strip()}


def as_filled(shown: CampaignInFull, business: Business) -> dict[str, str]:
    """Return what the form shows of a draft."""
    audience, hours = shown.audience, shown.send_between
    due = audience.get("due_over")
    values: dict[str, Any] = {
        "name": shown.name,
        "channel": shown.channel,
        "media_url": shown.media_url,
        "template": shown.template,
        "variables": "\n".join(f"{name}: {value}" for name, value in shown.variables.items()),
        **(shown.texts or {}),
        "reads": audience.get("language"),
        "reached": audience.get("channel"),
        "tags": ", ".join(audience.get("tags") or ()),
        "without_tags": ", ".join(audience.get("exclude", {}).get("tags", ())),
        "phones": "\n".join(audience.get("phones") or ()),
        "due_over": typed(due["minor"], due["currency"]) if due else None,
        "overdue": {True: "true", False: "false"}.get(audience.get("overdue")),  # type: ignore[arg-type]
        "subscription_status": audience.get("subscription_status"),
        "meter_kind": audience.get("meter_kind"),
        "from": hours.from_,
        "until": hours.until,
        "messages_per_second": shown.messages_per_second and f"{float(shown.messages_per_second):g}",
        "schedule_at": shown.schedule_at
        and f"{shown.schedule_at.astimezone(ZoneInfo(business.timezone)):%Y-%m-%dT%H:%M}",
    }
    return {name: value or "" for name, value in values.items()}
