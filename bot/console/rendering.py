"""How a page becomes HTML: its template, within the frame that all pages have."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import func, select

from bot.console import cookies
from bot.console.book import page_named, pages
from bot.console.links import ROOT, base, link_to
from bot.console.readers import Guest, Reader
from bot.console.sections import MENU, Page
from bot.console.words import Words
from bot.services import services
from domain.clock import now
from domain.notifications import Notification
from locales.catalogue import catalogue

STATIC: Final = Path(__file__).parent / "static"
# What is loaded comes from here, nothing runs that stands in a page itself, and nobody frames it.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'{events}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
EVENTS: Final = "/api/v1/events"
_MOST_UNREAD: Final = 99


def policy() -> str:
    """Return what a page may load, and from where: events also come from where their process is reached."""
    base = services().settings.events_base_url
    return POLICY.format(events=" " + "/".join(base.split("/")[:3]) if base else "")


def rendered(page: Page, reader: Reader | Guest, found: Mapping[str, Any]) -> Response:
    """Return a page."""
    status = reader.form.problem.status if reader.form else reader.status
    frame = {**_frame(reader.words, page), "form": reader.form, "page": page}
    if isinstance(reader, Reader):
        frame |= _signed_in(reader, page)
    return _html(page.template, {**frame, **found}, status)


def sorry(status: int, language: str) -> Response:
    """Return a page that says why there is none."""
    words = Words(language)
    name = _SORRY.get(status, "broken")
    frame = {**_frame(words, None), "title": words.say(f"sorry.{name}"), "text": words.say(f"sorry.{name}_text")}
    return _html("sorry.html", frame, status)


_SORRY: Final = {
    400: "bad_form",
    403: "not_allowed",
    404: "not_found",
    405: "not_found",
    409: "in_the_way",
    413: "too_large",
    422: "bad_form",
    429: "too_often",
    503: "away",
}


def _html(template: str, context: dict[str, Any], status: int) -> Response:
    response = Response(_templates().get_template(template).render(context), status)
    response.content_type = "text/html; charset=utf-8"
    response.headers["Content-Language"] = context["words"].language
    return response


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(to=to, fixed=fixed, outside=outside)
    return environment


def to(name: str, /, _query: Mapping[str, Any] | None = None, **values: Any) -> str:
    """Return the address of the page called `name`."""
    return link_to(page_named(name).path, values, dict(_query or {}))


def outside(address: str) -> str:
    """Return an address of ours as others reach it."""
    return urljoin(services().settings.public_base_url, address)


def fixed(name: str) -> str:
    """Return the address of a file that pages load. It changes with the file, so it may be kept for ever."""
    return f"{base()}/static/{_digest(name)}/{name}"


@cache
def _digest(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def _frame(words: Words, page: Page | None) -> dict[str, Any]:
    other = {"ar": "en", "en": "ar"}[words.language]
    done = request.args.get("done", "")
    return {
        "words": words,
        "say": words.say,
        "page": page,
        "title": words.say(page.title) if page else "",
        "form": None,
        "me": None,
        "seal": cookies.seal(),
        "args": request.args,
        "here": request.full_path.rstrip("?"),
        "other_language": link_to("/language/<language>", {"language": other}, {"back": _here()}),
        "other": other,
        "done": words.say(f"done.{done}") if catalogue(words.language).has(f"done.{done}") else "",
    }


def _here() -> str:
    """Return the address that is shown, as the browser knows it. What was done is not said again."""
    query = "&".join(part for part in request.query_string.decode("latin-1").split("&") if part[:5] != "done=")
    path = base() + request.path.removeprefix("/console")
    return f"{path}?{query}" if query else path


def _signed_in(reader: Reader, page: Page) -> dict[str, Any]:
    return {
        "me": reader.call.principal,
        "business": reader.business,
        "listens_at": base().removesuffix(ROOT) + EVENTS,
        "about": next(iter((request.view_args or {}).values()), ""),
        "may": reader.may,
        "menu": list(_menu(reader, page)),
        "unread": _unread(reader),
        "now": now(),
    }


def _menu(reader: Reader, shown: Page) -> Any:
    """Yield the groups of the menu, with those pages that the reader may see."""
    who = reader.call.principal
    for group in MENU:
        entries = [page for page in pages() if page.menu == group and who.may(page.role, "")]
        if entries:
            yield reader.words.say(f"menu_group.{group}"), [(page, _leads_to(page, shown)) for page in entries]


def _leads_to(page: Page, shown: Page) -> bool:
    """Tell whether what is shown is this page, or one below it."""
    return page is shown or (page.path != "" and shown.path.startswith(f"{page.path}/"))


def _unread(reader: Reader) -> int:
    first = select(Notification.id).where(
        Notification.business_id == reader.call.business_id, Notification.read_at.is_(None)
    )
    return reader.session.scalar(select(func.count()).select_from(first.limit(_MOST_UNREAD + 1).subquery())) or 0
