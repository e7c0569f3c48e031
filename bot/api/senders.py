"""Senders: the numbers of the business."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from bot.problems import Problem
from domain.health import SenderHealth, queued_at
from domain.senders import Sender
from domain.staff import ADMIN, VIEWER

senders = Resource("senders", "Senders: the numbers of the business, and how fast they may send.")

_ORDER = Order((Sender.id,), ("id",), descending=False)
# A number in JSON: a pace is measured, not counted in money.
Pace = Annotated[Decimal, PlainSerializer(float, return_type=float)]


class HealthShown(Shape):
    """How a sender does: its `state`, `since` when, and the `reason` of a bad one.

    Of the messages that it `tried` within a quarter of an hour before `checked_at` so many `failed`, not counting what
    is the recipient's affair; `error_rate` is that part of them, null where nothing was tried. `provider_status` and
    `quality` are what Twilio says of a WhatsApp number.
    """

    state: Literal["unknown", "healthy", "at_risk", "unhealthy"]
    reason: Literal["offline", "failing", "stuck", "low_quality"] | None
    since: datetime
    checked_at: datetime | None
    tried: int
    failed: int
    error_rate: float | None
    last_success_at: datetime | None
    provider_status: str | None
    quality: str | None


class SenderShown(Shape):
    """A number of ours, or a name that only sends; for e-mail the business.

    `messages_per_second` is its pace, `queued` how many messages wait.

    `account_sid_var` names the variable that holds its Twilio account, where that is not the deployment's own. To
    `messaging_limit` people it may write within a day who did not write first; null is no limit. Until `paused_until`
    nothing is sent from it, for `paused_for`.
    """

    id: UUID
    address: str
    channel: Literal["whatsapp", "sms", "email"]
    account_sid_var: str | None
    messages_per_second: Pace
    messaging_limit: int | None
    enabled: bool
    paused_until: datetime | None
    paused_for: str | None
    queued: int
    health: HealthShown


class SenderChange(Shape):
    """What is to change of a sender; what is left out stays."""

    enabled: bool | None = None
    messages_per_second: float | None = Field(None, ge=0.001, le=10_000, allow_inf_nan=False)


@senders.get("/senders", role=VIEWER, query=PageQuery, answer=Page[SenderShown])
def list_senders(call: Call, query: PageQuery) -> Page[SenderShown]:
    """List the senders, and how they do."""
    return page(call, listing(call.business_id), _ORDER, query, _shown)


@senders.get("/senders/<uuid:sender_id>", role=VIEWER, answer=SenderShown)
def show_sender(call: Call, sender_id: UUID) -> SenderShown:
    """Show a sender, and how it does."""
    return _in_full(call, sender_id)


@senders.patch("/senders/<uuid:sender_id>", role=ADMIN, body=SenderChange, answer=SenderShown)
def change_sender(call: Call, sender_id: UUID, body: SenderChange) -> SenderShown:
    """Enable or disable a sender, or change its pace.

    From one that is disabled nothing goes out. What may come from another sender moves there within a minute.
    """
    sender = _found(call, sender_id)
    before = _facts(sender)
    if body.enabled is not None:
        sender.enabled = body.enabled
    if body.messages_per_second is not None:
        sender.messages_per_second = round(Decimal(body.messages_per_second), 3)
    call.record("sender.changed", ("sender", sender.id), before, _facts(sender))
    return _in_full(call, sender_id)


def listing(business_id: UUID) -> Any:
    """Return the statement that finds the senders of a business, how they do, and how many messages wait."""
    return (
        select(Sender, SenderHealth, queued_at(Sender.id).label("queued"))
        .join(SenderHealth, SenderHealth.sender_id == Sender.id)
        .where(Sender.business_id == business_id)
    )


def _in_full(call: Call, sender_id: UUID) -> SenderShown:
    row = call.session.execute(listing(call.business_id).where(Sender.id == sender_id)).one_or_none()
    if row is None:
        raise _no_such()
    return _shown(row)


def _shown(row: Any) -> SenderShown:
    sender, health, queued = row
    own = {name: getattr(sender, name) for name in SenderShown.model_fields if name not in {"queued", "health"}}
    return SenderShown(**own, queued=queued, health=_health(health))


def _health(health: SenderHealth) -> HealthShown:
    known = {name: getattr(health, name) for name in HealthShown.model_fields if name != "error_rate"}
    return HealthShown(**known, error_rate=round(health.failed / health.tried, 4) if health.tried else None)


def _facts(sender: Sender) -> dict[str, Any]:
    return {"enabled": sender.enabled, "messages_per_second": str(sender.messages_per_second)}


def _found(call: Call, sender_id: UUID) -> Sender:
    statement = select(Sender).where(Sender.business_id == call.business_id, Sender.id == sender_id)
    found = call.session.scalars(statement.with_for_update(key_share=True)).one_or_none()
    if found is None:
        raise _no_such()
    return found


def _no_such() -> Problem:
    return Problem(404, "not_found", "there is no sender with this id")
