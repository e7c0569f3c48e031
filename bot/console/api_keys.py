"""API keys: how machines sign in."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from werkzeug.datastructures import MultiDict

from bot.api.api_keys import list_api_keys, make_api_key, revoke_api_key
from bot.api.scopes import known_scopes
from bot.console.links import going_to, link_to
from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section
from bot.problems import FieldProblem, Problem
from domain.staff import ADMIN

api_keys = Section()


@api_keys.page("/api-keys", title="console.api_keys", template="api_keys.html", menu=SYSTEM, role=ADMIN)
def api_key_list(reader: Reader) -> dict[str, Any]:
    """List the API keys, and let one be made or revoked."""
    return {"found": reader.listing(list_api_keys), "scopes": known_scopes()}


def _new_key(reader: Reader, filled: "MultiDict[str, str]") -> dict[str, Any]:
    given: dict[str, Any] = {"name": filled.get("name", ""), "scopes": filled.getlist("scopes")}
    return {**given, "expires_at": _end_of(day, reader)} if (day := filled.get("expires_at")) else given


def _end_of(written: str, reader: Reader) -> datetime:
    """Return the end of a day where the business is."""
    try:
        following = date.fromisoformat(written) + timedelta(days=1)
    except (ValueError, OverflowError):
        error = FieldProblem("expires_at", "date_parsing", "this is not a day")
        raise Problem(422, "invalid", "something in the request is not valid", [error]) from None
    return datetime.combine(following, time(), ZoneInfo(reader.business.timezone))


def _revoked(_: Reader, __: None, ___: Mapping[str, Any]) -> Response:
    return going_to(link_to("/api-keys", query={"done": "key_revoked"}))


api_keys.form("/api-keys", does=make_api_key, on=api_key_list, finish="made_key.html", read=_new_key)
api_keys.form("/api-keys/<uuid:key_id>/revoke", does=revoke_api_key, on=api_key_list, finish=_revoked)
