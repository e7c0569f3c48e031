"""Plans: what is sold by days."""

from uuid import UUID

from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Money, Page, PageQuery, Shape
from domain.staff import VIEWER
from domain.subscriptions import Plan

plans = Resource("plans", "Plans: so many days of service for a price.")

_ORDER = Order((Plan.code,), ("code",), descending=False)


class PlanShown(Shape):
    """A plan."""

    id: UUID
    code: str
    name_en: str
    name_ar: str
    days: int
    price: Money


@plans.get("/plans", role=VIEWER, query=PageQuery, answer=Page[PlanShown])
def list_plans(call: Call, query: PageQuery) -> Page[PlanShown]:
    """List plans, by their code."""
    statement = select(Plan).where(Plan.business_id == call.business_id)
    return page(call, statement, _ORDER, query, lambda row: _shown(row[0]))


def _shown(plan: Plan) -> PlanShown:
    return PlanShown(
        id=plan.id,
        code=plan.code,
        name_en=plan.name_en,
        name_ar=plan.name_ar,
        days=plan.days,
        price=Money(minor=plan.price_minor, currency=plan.currency),
    )
