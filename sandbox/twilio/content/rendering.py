"""A prepared message made into the one that goes out: variables filled in, the type that the channel can show."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.twilio.content.model import Content
from sandbox.twilio.content.shelf import Shelf
from sandbox.twilio.content.types import (
    CALL_TO_ACTION,
    LIST_PICKER,
    MEDIA,
    QUICK_REPLY,
    TEXT,
    complaints,
    richest,
    session_complaints,
)
from sandbox.twilio.content.variables import fill, given_values, names_in
from sandbox.twilio.errors import ApiError

_KINDS = {QUICK_REPLY: "buttons", LIST_PICKER: "picker", CALL_TO_ACTION: "actions", TEXT: "text"}
# The error outside the 24 hours, where it is another than for whatever nobody approved.
_OUTSIDE = {"rejected": 63040, "paused": 63041, "disabled": 63042}
# What WhatsApp refuses inside a template's variable.
_NOT_IN_A_TEMPLATE = re.compile(r"[\n\t]| {5}")


class Rendering:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def render(self, account_sid: str, sid: str, variables: str, channel: str) -> Mapping[str, Any]:
        """What to put into the message: body, kind, media, extra; raises ApiError."""
        content = self._shelf.get(account_sid, sid)
        if content is None:
            raise ApiError(21655, f"The ContentSid {sid} is Invalid")
        if channel != "whatsapp" and TEXT not in content.types:
            raise ApiError(216602)
        kind = richest(content.types) if channel == "whatsapp" else TEXT
        values = given_values(variables)
        document = _filled(content, kind, values)
        extra: dict[str, Any] = {
            "content_sid": sid,
            "approved": content.approved and kind != LIST_PICKER,
            "outside": _OUTSIDE.get(content.approval.status, 63016),
        }
        if channel == "whatsapp" and (trouble := _trouble(content, kind, document, values)):
            extra["trouble"] = trouble
        if kind not in {TEXT, MEDIA}:
            extra["interactive"] = _interactive(kind, document)
        return {
            "body": document.get("body") or "",
            "kind": _KINDS.get(kind),
            "media": document.get("media") or [],
            "extra": extra,
        }


def _filled(content: Content, kind: str, values: dict[str, str]) -> dict[str, Any]:
    known = content.variables | values
    if not all(known.get(name) for name in names_in(content.types[kind])):
        raise ApiError(21656)
    document: dict[str, Any] = fill(content.types[kind], known)
    return document


def _trouble(content: Content, kind: str, document: dict[str, Any], values: dict[str, str]) -> dict[str, Any] | None:
    """The error that WhatsApp will answer with: it sees only what the variables have become."""
    found = complaints(kind, document, len)
    if not content.approved:
        found += session_complaints(kind, document)
    if kind == MEDIA and len(document["media"]) > 1:
        found.append(f"{len(document['media'])} files, at most 1 is allowed")
    if found:
        return {"code": 63021, "text": "; ".join(found)}
    if content.approved and any(_NOT_IN_A_TEMPLATE.search(value) for value in values.values()):
        return {"code": 63013, "text": "A template's variable holds a line break, a tab or more than four spaces"}
    return None


def _interactive(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """What can be tapped: entries with id and title, and what else each kind has."""
    rows = document["items"] if kind == LIST_PICKER else document["actions"]
    entries = [{**row, "title": row.get("title") or row.get("item", "")} for row in rows]
    return {"type": kind, "button": document.get("button", ""), "entries": entries}
