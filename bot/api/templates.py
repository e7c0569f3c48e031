"""Templates: what WhatsApp was asked to approve, each version of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from domain.staff import VIEWER
from domain.templates import Template

templates = Resource("templates", "Templates: what WhatsApp approves to be said at any time.")

_ORDER = Order((Template.id,), ("id",), descending=False)


class TemplateShown(Shape):
    """One version of a template, in one language, on one account. Its `body` has the `variables` as {{1}}, {{2}} …"""

    id: UUID
    name: str
    language: str
    version: int
    category: str
    body: str
    variables: list[str]
    status: str
    reason: str | None
    content_sid: str
    account_sid: str
    created_at: datetime
    checked_at: datetime


@templates.get("/templates", role=VIEWER, query=PageQuery, answer=Page[TemplateShown])
def list_templates(call: Call, query: PageQuery) -> Page[TemplateShown]:
    """List the templates, all versions of them."""
    statement = select(Template).where(Template.business_id == call.business_id)
    return page(call, statement, _ORDER, query, lambda row: TemplateShown.model_validate(row[0]))
