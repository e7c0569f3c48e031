"""Messages as Twilio's JSON, alone and in pages."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from sandbox.twilio.clock import parse_instant, rfc2822
from sandbox.twilio.errors import ApiError, text_of
from sandbox.twilio.fields import Fields
from sandbox.twilio.model import Media, Message

DEFAULT_PAGE, MAX_PAGE = 50, 1000
_DAY = 86_400.0

Filter = Callable[[Message], bool]


class _Listed(Protocol):
    sid: str


Row = TypeVar("Row", bound=_Listed)


def message_document(message: Message, *, created: bool = False) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}"
    parts = {"media": f"{uri}/Media.json"}
    if not created:
        parts["feedback"] = f"{uri}/Feedback.json"
    return {
        "account_sid": message.account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": text_of(message.error_code) if message.error_code else None,
        "from": message.sender,
        "messaging_service_sid": message.service_sid,
        "num_media": str(len(message.media)),
        "num_segments": str(message.num_segments),
        "price": message.price,
        "price_unit": "USD" if message.price else None,
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": parts,
        "to": message.to,
        "uri": f"{uri}.json",
    }


def media_document(message: Message, media: Media) -> dict[str, Any]:
    return {
        "account_sid": message.account_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created),
        "date_updated": rfc2822(media.created),
        "parent_sid": message.sid,
        "sid": media.sid,
        "uri": f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}/Media/{media.sid}.json",
    }


def filters_of(query: Fields) -> list[Filter]:
    """To, From and the three forms of DateSent; a bare date means its whole day."""
    found: list[Filter] = []
    if to := query.get("To"):
        found.append(lambda m: m.to == to)
    if sender := query.get("From"):
        found.append(lambda m: m.sender == sender)
    if day := query.get("DateSent"):
        start = _instant(day)
        found.append(lambda m: start <= _dated(m) < start + _DAY)
    if before := query.get("DateSent<"):
        end = _instant(before) + (_DAY - 1 if len(before) == 10 else 0)
        found.append(lambda m: _dated(m) <= end)
    if after := query.get("DateSent>"):
        begin = _instant(after)
        found.append(lambda m: _dated(m) >= begin)
    return found


def _dated(message: Message) -> float:
    """Whole seconds, as Twilio's dates have no finer grain; what isn't sent yet goes by when it was made."""
    return float(int(message.created if message.sent is None else message.sent))


def _instant(text: str) -> float:
    try:
        return parse_instant(text)
    except ValueError as exc:
        raise ApiError(20001, f"Invalid date: {text}") from exc


def page_document(path: str, query: dict[str, str], messages: list[Message], key: str) -> dict[str, Any]:
    """One page of `messages`, newest first. A page token names the last message of the page before it, so that
    what arrives meanwhile moves nothing."""
    size = max(1, min(whole_number(query.get("PageSize"), DEFAULT_PAGE), MAX_PAGE))
    page = whole_number(query.get("Page"), 0)
    rest = after_token(messages, query.get("PageToken", ""), page * size)
    rows, more = rest[:size], len(rest) > size
    kept = {name: value for name, value in query.items() if name not in {"Page", "PageToken", "PageSize"}}

    def uri(number: int, token: str | None = None) -> str:
        wanted = kept | {"PageSize": str(size), "Page": str(number)}
        return f"{path}?{urlencode(wanted | ({'PageToken': token} if token else {}))}"

    start = page * size
    return {
        key: [message_document(message) for message in rows],
        "end": start + len(rows) - 1 if rows else start,
        "start": start,
        "page": page,
        "page_size": size,
        "uri": uri(page, query.get("PageToken")),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1, f"PA{rows[-1].sid}") if more else None,
        "previous_page_uri": uri(page - 1) if page > 0 else None,
    }


def after_token(rows: list[Row], token: str, start: int) -> list[Row]:
    """What follows the row that the token names; without it, what follows the first `start`."""
    if not token:
        return rows[start:]
    for n, row in enumerate(rows):
        if row.sid == token.removeprefix("PA"):
            return rows[n + 1 :]
    return rows[start:]


def whole_number(text: str | None, default: int) -> int:
    """Raises 20001."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise ApiError(20001, f"Invalid number: {text}")
    return int(text)
