"""Staff at the console: a browser with its cookies, and what it fills in."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from bot.console.book import forms, pages
from bot.console.sections import Form, Page
from domain.door import Door
from domain.invoices import Invoice
from domain.signing_in import give_access
from tests.api.people import employed
from tests.api.things import everything

PAGES = {page.name: page for page in pages()}
FORMS = {form.name: form for form in forms()}
_SEAL = re.compile(r'name="seal" value="([^"]+)"')
# What each asking page of a subscription needs: one that stands where that may be done.
_STANDS = {
    "pause_page": "pause_subscription",
    "cancel_pause_page": "cancel_planned_pause",
    "resume_page": "resume_subscription",
    "reactivate_page": "reactivate_subscription",
    "stop_page": "stop_subscription",
    "cancel_page": "cancel_subscription",
    "confirm_payment_page": "confirm_payment",
    "message_file": "show_file",
}


@dataclass
class Visitor:
    """A browser, signed in as somebody or not."""

    client: FlaskClient
    id: UUID | None = None

    def opens(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(f"/console{path}", headers=headers)

    def fills_in(self, at: str, on: str, fields: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Open the page at `on`, fill its form in, and send it to `at`."""
        found = _SEAL.search(self.opens(on).text)
        data = {"seal": unescape(found[1]) if found else "", **(fields or {}), **more}
        answer = self.client.post(f"/console{at}", data=data)
        answer.request.environ["wsgi.input"].close()  # what is large lies in a file
        return answer

    def speaks(self, language: str) -> "Visitor":
        """Choose a language."""
        self.client.get(f"/console/language/{language}")
        return self


def visitor(app: Flask) -> Visitor:
    """Return a browser that nobody is signed in with."""
    return Visitor(app.test_client())


def at_work(app: Flask, business_id: UUID, role: str, email: str | None = None, language: str = "en") -> Visitor:
    """Return somebody of staff who is signed in."""
    door: Door = app.extensions["raseed"].door
    staff = employed(door, business_id, role, email, password=True)
    with door.for_business(business_id) as session:
        token, _ = give_access(session, staff.id, business_id)
    client = app.test_client()
    client.set_cookie("raseed", token)
    return Visitor(client, staff.id).speaks(language)


def things(app: Flask, business_id: UUID) -> dict[str, UUID]:
    """Let there be one of everything that a page may be about."""
    ids = everything(app, business_id)
    door: Door = app.extensions["raseed"].door
    with door.for_business(business_id) as session:
        ids["invoice_id"] = session.scalars(select(Invoice.id).order_by(Invoice.invoice_no)).first()  # type: ignore[assignment]
    return ids


def path_of(declared: Page | Form, ids: dict[str, UUID]) -> str:
    """Return the path of a page or a form: with what suits it, where not everything does."""
    ids = {**ids, "place": 0}  # type: ignore[dict-item]
    page = declared.on if isinstance(declared, Form) else declared
    stands = declared.operation.name if isinstance(declared, Form) and page is declared.on else ""
    stands = _STANDS.get(page.name, stands)
    return re.sub(
        r"<(?:uuid:)?(\w+)>", lambda found: str(ids.get(f"{stands}.{found[1]}", ids.get(found[1]))), declared.path
    )
