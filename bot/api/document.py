"""The API tells about itself: the OpenAPI document, and a page made of it that loads nothing from elsewhere."""

import base64
import json
from functools import cache
from hashlib import sha256
from typing import Any, Final

from flask import Response
from jinja2 import Environment, PackageLoader, select_autoescape

from bot.api.calls import Visitor
from bot.api.openapi import openapi
from bot.api.routes import PUBLIC, Resource

document = Resource("document", "What the API tells about itself.")

_PAGES: Final = Environment(loader=PackageLoader("bot.api"), autoescape=select_autoescape(default=True))
_HOUR: Final = "public, max-age=3600"


@document.get("/openapi.json", role=PUBLIC, answer=None)
def show_openapi(_: Visitor) -> Response:
    """Give the OpenAPI document."""
    body = json.dumps(the_document(), ensure_ascii=False)
    return Response(body, content_type="application/json", headers={"Cache-Control": _HOUR})


@document.get("/docs", role=PUBLIC, answer=None)
def show_docs(_: Visitor) -> Response:
    """Give the page about the API."""
    page, policy = _page()
    headers = {
        "Cache-Control": _HOUR,
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(page, content_type="text/html; charset=utf-8", headers=headers)


@cache
def the_document() -> dict[str, Any]:
    """Return the OpenAPI document of this API. It doesn't tell of itself."""
    from bot.api.book import RESOURCES

    return openapi([one for one in RESOURCES if one is not document])


@cache
def _page() -> tuple[str, str]:
    """Return the page, and the policy under which it may be shown: its own style, and nothing else."""
    style = _PAGES.get_template("docs.css").render()
    page = _PAGES.get_template("docs.html").render(document=the_document(), style=style)
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return page, f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
