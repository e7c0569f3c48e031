"""Prepared messages as Twilio's JSON, alone and in pages."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from sandbox.twilio.clock import iso_seconds
from sandbox.twilio.content.model import Content
from sandbox.twilio.content.types import richest
from sandbox.twilio.listing import DEFAULT_PAGE, MAX_PAGE, after_token, whole_number


def content_document(content: Content, base: str) -> dict[str, Any]:
    url = f"{base}/v1/Content/{content.sid}"
    links = {"approval_create": f"{url}/ApprovalRequests/whatsapp", "approval_fetch": f"{url}/ApprovalRequests"}
    return {**_common(content), "url": url, "links": links}


def with_approval(content: Content) -> dict[str, Any]:
    return {**_common(content), "approval_requests": approval_document(content)}


def approval_document(content: Content) -> dict[str, Any]:
    return {
        "name": content.approval.name,
        "category": content.approval.category,
        "content_type": richest(content.types),
        "status": content.approval.status,
        "rejection_reason": content.approval.rejection_reason,
        "allow_category_change": True,
    }


def _common(content: Content) -> dict[str, Any]:
    return {
        "sid": content.sid,
        "account_sid": content.account_sid,
        "friendly_name": content.friendly_name,
        "language": content.language,
        "variables": content.variables,
        "types": content.types,
        "date_created": iso_seconds(content.created),
        "date_updated": iso_seconds(content.updated),
    }


def page_of(
    contents: list[Content], base: str, path: str, query: dict[str, str], show: Callable[[Content], dict[str, Any]]
) -> dict[str, Any]:
    """One page, newest first. Its addresses are absolute, as those of the newer APIs are."""
    size = max(1, min(whole_number(query.get("PageSize"), DEFAULT_PAGE), MAX_PAGE))
    page = whole_number(query.get("Page"), 0)
    rest = after_token(contents, query.get("PageToken", ""), page * size)
    rows, more = rest[:size], len(rest) > size

    def url(number: int, token: str | None = None) -> str:
        wanted = {"PageSize": str(size), "Page": str(number)} | ({"PageToken": token} if token else {})
        return f"{base}{path}?{urlencode(wanted)}"

    meta = {
        "page": page,
        "page_size": size,
        "first_page_url": url(0),
        "previous_page_url": url(page - 1) if page > 0 else None,
        "url": url(page, query.get("PageToken")),
        "next_page_url": url(page + 1, f"PA{rows[-1].sid}") if more else None,
        "key": "contents",
    }
    return {"contents": [show(content) for content in rows], "meta": meta}
