"""The audit log: who wrote what, from where."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.api.audit import AuditShown, list_audit
from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section
from domain.bearers import ApiKey
from domain.staff import ADMIN, Staff

audit = Section()


@audit.page("/audit", title="console.audit", template="audit.html", menu=SYSTEM, role=ADMIN)
def audit_list(reader: Reader) -> dict[str, Any]:
    """List what was written, the newest first."""
    found = reader.listing(list_audit)
    return {"found": found, "actors": _actors(reader, found.items), "changes": _changes}


def _actors(reader: Reader, entries: Any) -> dict[UUID, str]:
    """Return what those who wrote are called."""
    ids = {one.actor_id for one in entries if one.actor_id is not None}
    own = reader.call.business_id
    people = select(Staff.id, Staff.name).where(Staff.business_id == own, Staff.id.in_(ids))
    keys = select(ApiKey.id, ApiKey.name).where(ApiKey.business_id == own, ApiKey.id.in_(ids))
    return {row[0]: row[1] for statement in (people, keys) for row in reader.session.execute(statement)}


def _changes(entry: AuditShown) -> list[tuple[str, Any, Any]]:
    """Return what an entry changed: each field, before and after."""
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    pairs = ((name, entry.before.get(name), entry.after.get(name)) for name in names)
    return [(name, before, after) for name, before, after in pairs if before != after]
