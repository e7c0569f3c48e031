"""What somebody of staff may do in a conversation: take it over, answer, hand it back."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from bot.api.conversations import ConversationShown
from bot.api.handovers import take_conversation
from bot.console.readers import Reader
from domain.clock import now
from domain.senders import WHATSAPP
from domain.templates import Template, wordings_of

_VARIABLE = "variables."
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Offered:
    """A template that may be sent: what it says, and the names of its values."""

    name: str
    body: str
    variables: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether the reader may answer, has taken it over, and what WhatsApp lets them write.

    `left` is how long one may still write freely, in hours and minutes; once it is `closed`, `templates` are what is
    left. `files`: whether files can be sent.
    """

    may: bool
    mine: bool
    left: tuple[int, int] | None
    closed: bool
    files: bool
    templates: Sequence[Offered]


def answering(reader: Reader, shown: ConversationShown) -> Answering:
    """Return what the reader may do in a conversation."""
    mine = shown.taken_by == reader.call.principal.id
    closed = shown.channel == WHATSAPP and shown.window_closes_at is None
    return Answering(
        reader.may(take_conversation),
        mine,
        _left(shown),
        closed,
        shown.channel == WHATSAPP,
        _templates(reader) if mine and closed else (),
    )


def _left(shown: ConversationShown) -> tuple[int, int] | None:
    if shown.window_closes_at is None:
        return None
    minutes = max(int((shown.window_closes_at - now()).total_seconds()) // 60, 0)
    return minutes // 60, minutes % 60


def _templates(reader: Reader) -> list[Offered]:
    """Return the approved templates, each in the words that the reader reads, if it has such."""
    own = reader.call.business_id
    names = select(Template.name).where(Template.business_id == own, Template.status == "approved").distinct()
    found = []
    for name in sorted(reader.session.scalars(names)):
        wordings = wordings_of(reader.session, own, name)
        ours = next((one for one in wordings if one.language == reader.words.language), wordings[0])
        found.append(Offered(name, ours.body, ours.variables))
    return found


def read_reply(_: Any, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return a reply as the API takes it: what was left empty was not given."""
    file = request.files.get("file")
    body: dict[str, Any] = {
        name: filled[name] for name in ("text", "template", "media_url") if filled.get(name, "").strip()
    }
    values = {name.removeprefix(_VARIABLE): value for name, value in filled.items() if name.startswith(_VARIABLE)}
    if file is not None and file.filename:
        body["file"] = {"name": file.filename[-_LONGEST_NAME:], "content": b64encode(file.read())}
    return body | ({"variables": values} if values else {})
