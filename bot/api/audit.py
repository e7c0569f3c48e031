"""The audit log: every write by staff or an API key."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Instant, Page, PageQuery, Shape
from domain.audit import AuditEntry, AuditPersonal, in_the_clear
from domain.seals import AuditSeal
from domain.staff import ADMIN

audit = Resource("audit", "The audit log: every write by staff or an API key.")

_ORDER = Order((AuditEntry.created_at, AuditEntry.id), ("created_at", "id"))


class AuditShown(Shape):
    """One write: who, from where, what, and what of it was before and after. `sealed_at` is set once it has its seal.

    What is about a person who was forgotten is null.
    """

    id: UUID
    created_at: datetime
    actor_kind: Literal["staff", "api_key", "operator"]
    actor_id: UUID | None
    action: str
    subject_type: str
    subject_id: UUID
    ip: str | None
    user_agent: str | None
    request_id: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    sealed_at: datetime | None


class AuditQuery(PageQuery):
    """Which entries: all that is given must hold."""

    actor_id: UUID | None = None
    action: str | None = Field(None, max_length=64)
    subject_type: str | None = Field(None, max_length=64)
    subject_id: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None


@audit.get("/audit", role=ADMIN, query=AuditQuery, answer=Page[AuditShown])
def list_audit(call: Call, query: AuditQuery) -> Page[AuditShown]:
    """List what staff and API keys did, the newest first."""
    statement = (
        select(AuditEntry, AuditPersonal.facts, AuditSeal.created_at)
        .outerjoin(AuditPersonal, AuditPersonal.entry_id == AuditEntry.id)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditEntry.business_id == call.business_id)
    )
    for name in ("actor_id", "action", "subject_type", "subject_id"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(AuditEntry, name) == value)
    if query.since is not None:
        statement = statement.where(AuditEntry.created_at >= query.since)
    if query.until is not None:
        statement = statement.where(AuditEntry.created_at < query.until)
    return page(call, statement, _ORDER, query, _shown)


def _shown(row: Any) -> AuditShown:
    entry, facts, sealed_at = row
    origin = in_the_clear("origin", entry.origin, facts or {})
    return AuditShown(
        id=entry.id,
        created_at=entry.created_at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        action=entry.action,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        ip=origin.get("ip"),
        user_agent=origin.get("user_agent"),
        request_id=origin.get("request_id"),
        before=in_the_clear("before", entry.before, facts or {}),
        after=in_the_clear("after", entry.after, facts or {}),
        sealed_at=sealed_at,
    )
