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
from domain.senders import Sender
from domain.staff import ADMIN, VIEWER

senders = Resource("senders", "Senders: the numbers of the business, and how fast they may send.")

_ORDER = Order((Sender.id,), ("id",), descending=False)
# A number in JSON: a pace is measured, not counted in money.
Pace = Annotated[Decimal, PlainSerializer(float, return_type=float)]


class SenderShown(Shape):
    """A number of ours, or a name that only sends. `messages_per_second` is its pace.

    Until `paused_until` nothing is sent from it, for `paused_for`.
    """

    id: UUID
    address: str
    channel: Literal["whatsapp", "sms"]
    messages_per_second: Pace
    enabled: bool
    paused_until: datetime | None
    paused_for: str | None


class SenderChange(Shape):
    """What is to change of a sender; what is left out stays."""

    enabled: bool | None = None
    messages_per_second: float | None = Field(None, ge=0.001, le=10_000, allow_inf_nan=False)


@senders.get("/senders", role=VIEWER, query=PageQuery, answer=Page[SenderShown])
def list_senders(call: Call, query: PageQuery) -> Page[SenderShown]:
    """List the senders."""
    statement = select(Sender).where(Sender.business_id == call.business_id)
    return page(call, statement, _ORDER, query, lambda row: SenderShown.model_validate(row[0]))


@senders.get("/senders/<uuid:sender_id>", role=VIEWER, answer=SenderShown)
def show_sender(call: Call, sender_id: UUID) -> SenderShown:
    """Show a sender."""
    return SenderShown.model_validate(_found(call, sender_id))


@senders.patch("/senders/<uuid:sender_id>", role=ADMIN, body=SenderChange, answer=SenderShown)
def change_sender(call: Call, sender_id: UUID, body: SenderChange) -> SenderShown:
    """Enable or disable a sender, or change its pace."""
    sender = _found(call, sender_id, lock=True)
    before = _facts(sender)
    if body.enabled is not None:
        sender.enabled = body.enabled
    if body.messages_per_second is not None:
        sender.messages_per_second = round(Decimal(body.messages_per_second), 3)
    call.record("sender.changed", ("sender", sender.id), before, _facts(sender))
    return SenderShown.model_validate(sender)


def _facts(sender: Sender) -> dict[str, Any]:
    return {"enabled": sender.enabled, "messages_per_second": str(sender.messages_per_second)}


def _found(call: Call, sender_id: UUID, *, lock: bool = False) -> Sender:
    statement = select(Sender).where(Sender.business_id == call.business_id, Sender.id == sender_id)
    found = call.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no sender with this id")
    return found
