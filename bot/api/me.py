"""Who asks."""

from uuid import UUID

from bot.api.calls import Call
from bot.api.routes import Resource
from bot.api.shapes import Shape
from domain.businesses import Business
from domain.staff import ANYBODY

me = Resource("me", "Who asks.")


class BusinessShown(Shape):
    """A business."""

    id: UUID
    code: str
    name_en: str
    name_ar: str
    currency: str
    timezone: str
    language: str


class Me(Shape):
    """Who asks: somebody of staff, or an API key, which has scopes."""

    kind: str
    id: UUID
    name: str
    email: str | None
    role: str | None
    language: str | None
    scopes: list[str]
    business: BusinessShown


@me.get("/me", role=ANYBODY, answer=Me)
def show_me(call: Call) -> Me:
    """Tell who asks, and for which business."""
    who = call.principal
    return Me(
        kind=who.kind,
        id=who.id,
        name=who.name,
        email=who.email,
        role=who.role,
        language=who.language,
        scopes=list(who.scopes),
        business=BusinessShown.model_validate(call.session.get_one(Business, who.business_id)),
    )
