"""Templates: what is registered at Twilio so that messages can carry buttons and lists."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from domain.contents import Content
from domain.staff import VIEWER

templates = Resource("templates", "Templates: what is registered at Twilio.")

_ORDER = Order((Content.id,), ("id",), descending=False)


class TemplateShown(Shape):
    """A template, in one language, on one account."""

    id: UUID
    name: str
    language: str
    content_sid: str
    account_sid: str
    created_at: datetime


@templates.get("/templates", role=VIEWER, query=PageQuery, answer=Page[TemplateShown])
def list_templates(call: Call, query: PageQuery) -> Page[TemplateShown]:
    """List the templates that are registered."""
    statement = select(Content).where(Content.business_id == call.business_id)
    return page(call, statement, _ORDER, query, lambda row: TemplateShown.model_validate(row[0]))
