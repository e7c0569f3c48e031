"""Files of messages: `/f/<signed>`, where Twilio fetches what staff sends; and what customers sent, for staff."""

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID

import requests
import structlog
from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.http import dump_options_header

from bot.channels.twilio_accounts import Account
from bot.errors import one_line
from bot.links import WrongLink, read_file_link
from bot.pages import SAFE
from bot.services import Services, services
from domain.message_files import KeptFile, Place, file_at, file_with, keep_file, kind_of_file
from domain.messages import INBOUND, Message
from domain.senders import Sender

log = structlog.get_logger()
files = Blueprint("files", __name__)

_PRIVATE: Final = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex, nofollow"}
_FETCHED_WITHIN: Final = 8.0
# WhatsApp brings nothing larger.
_LARGEST: Final = 16 * 1024 * 1024
_PIECE: Final = 64 * 1024
# What a browser plays or shows where nothing in it can run. Anything else is saved.
_PLAYED: Final = ("audio/ogg", "audio/mpeg", "audio/amr", "audio/mp4", "audio/aac", "video/mp4", "video/3gpp")
_ANYTHING: Final = "application/octet-stream"


@files.get("/f/<signed>")
def file(signed: str) -> Response:
    """Answer the file that a link leads to. What is no link of ours, or is one no longer, is all the same: 404."""
    try:
        business_id, file_id = read_file_link(services().settings, signed)
    except WrongLink:
        return Response(status=404)
    with services().door.for_business(business_id) as session:
        found = file_with(session, file_id)
    return answered(found) if found else Response(status=404)


def answered(found: KeptFile) -> Response:
    """Answer a file, to be shown where it can't do anything and else to be saved, and kept by nobody on the way."""
    known = kind_of_file(found.content)
    kind = known or (found.content_type if found.content_type in _PLAYED else _ANYTHING)
    how = "attachment" if kind == _ANYTHING else "inline"
    answer = Response(found.content, content_type=kind)
    answer.headers.update({**SAFE, **_PRIVATE})
    answer.headers["Content-Disposition"] = dump_options_header(how, _named(found.name))
    return answer


def _named(name: str) -> dict[str, str]:
    """Return how a header says a name: a header has Latin letters only, so other letters are written as their bytes."""
    if not name:
        return {}
    plain = name.encode("ascii", "ignore").decode()
    return {"filename": plain} if plain == name else {"filename*": f"UTF-8''{quote(name, safe='')}"}


def file_of_message(ours: Services, business_id: UUID, message_id: UUID, place: int) -> KeptFile | None:
    """Return a file of a message; None where there is none, or it can't be had. What Twilio has is kept then.

    Twilio is asked while nothing of the database is held.
    """
    with ours.door.for_business(business_id) as session:
        kept = file_at(session, message_id, place)
        wanted = None if kept else _at_twilio(session, ours, message_id, place)
    if wanted is None:
        return kept
    found = _fetched(ours.settings.twilio_api_base_url, *wanted)
    if found is not None:
        with ours.door.for_business(business_id) as session:
            keep_file(session, Place(business_id, message_id, place), found)
    return found


def _at_twilio(session: Session, ours: Services, message_id: UUID, place: int) -> tuple[str, str, Account] | None:
    """Return where Twilio has a file that a customer sent, what it is said to be, and the account that may fetch it."""
    row = session.execute(
        select(Message.media, Sender.account_sid_var, Sender.auth_token_var)
        .join(Sender, Sender.id == Message.sender_id)
        .where(Message.id == message_id, Message.direction == INBOUND)
    ).one_or_none()
    if row is None or not 0 <= place < len(row.media):
        return None
    account = ours.accounts.of_sender(row.account_sid_var, row.auth_token_var)
    one = row.media[place]
    return (one.get("url", ""), one.get("content_type", ""), account) if account else None


def _fetched(base_url: str | None, url: str, said_to_be: str, account: Account) -> KeptFile | None:
    """Fetch a file from Twilio; from nowhere else, whatever the message says. It sends us on to where the file lies."""
    address, headers = _routed(base_url, url)
    if address is None:
        return None
    try:
        with requests.get(
            address, auth=(account.sid, account.tokens[0]), headers=headers, timeout=_FETCHED_WITHIN, stream=True
        ) as answer:
            answer.raise_for_status()
            content = b""
            for piece in answer.iter_content(_PIECE):
                content += piece
                if len(content) > _LARGEST:
                    return None
    except requests.RequestException as error:
        log.warning("a customer's file can't be had from Twilio", error=one_line(error))
        return None
    return KeptFile("", kind_of_file(content) or said_to_be.partition(";")[0], content)


def _routed(base_url: str | None, url: str) -> tuple[str | None, dict[str, str]]:
    parts, base = urlsplit(url), urlsplit(base_url or "")
    if (parts.hostname or "").endswith(".twilio.com") and parts.scheme == "https":
        if not base_url:
            return url, {}
        path = base.path.rstrip("/") + parts.path
        return urlunsplit((base.scheme, base.netloc, path, parts.query, "")), {"X-Emulated-Host": parts.netloc}
    return (url, {}) if base_url and (parts.scheme, parts.netloc) == (base.scheme, base.netloc) else (None, {})
