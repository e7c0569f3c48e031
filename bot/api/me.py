"""Who asks."""

from datetime import datetime
from uuid import UUID

from bot.api.calls import Call
from bot.api.routes import Resource
from bot.api.shapes import Shape
from bot.problems import Problem
from domain.businesses import Business
from domain.clock import now
from domain.staff import AGENT, ANYBODY, Staff

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
    """Who asks: somebody of staff, or an API key, which has scopes.

    Since `available_at` those who wait for a person are given to them.
    """

    kind: str
    id: UUID
    name: str
    email: str | None
    role: str | None
    language: str | None
    available_at: datetime | None
    scopes: list[str]
    business: BusinessShown


@me.get("/me", role=ANYBODY, answer=Me)
def show_me(call: Call) -> Me:
    """Tell who asks, and for which business."""
    who = call.principal
    somebody = call.session.get(Staff, who.id)
    return Me(
        kind=who.kind,
        id=who.id,
        name=who.name,
        email=who.email,
        role=who.role,
        language=who.language,
        available_at=somebody.available_at if somebody else None,
        scopes=list(who.scopes),
        business=BusinessShown.model_validate(call.session.get_one(Business, who.business_id)),
    )


class Availability(Shape):
    """Whether somebody is there for those who wait for a person."""

    available: bool


@me.post("/me/availability", role=AGENT, body=Availability, answer=Me, problems={403: "An API key is no person."})
def change_availability(call: Call, body: Availability) -> Me:
    """Say whether you are there. Those who wait for a person are given to the least busy of those who are."""
    somebody = call.session.get(Staff, call.principal.id)
    if somebody is None:
        raise Problem(403, "not_allowed", "only somebody of staff can be there for others")
    before = {"available_at": somebody.available_at}
    somebody.available_at = (somebody.available_at or now()) if body.available else None
    call.record("staff.availability", ("staff", somebody.id), before, {"available_at": somebody.available_at})
    return show_me(call)
