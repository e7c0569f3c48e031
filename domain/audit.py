"""The audit log: every write by staff or an API key, kept for ever. Who, from where, what, before and after.

What is about a person stands in the entry as a keyed digest only, and in the clear beside it, in `audit_personal`. So
a person can be forgotten while the entry, and the chain that seals it (domain/seals.py), stay as they were.
"""

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned, one_of
from domain.bearers import PRINCIPALS
from domain.clock import now
from domain.ids import new_id

# The names of values that are about a person, wherever they stand in what an entry holds.
PERSONAL: Final = frozenset(
    ("address", "email", "ip", "name", "name_ar", "note", "phone", "place", "reporter", "text", "user_agent", "words")
)
_SALT: Final = 16


class AuditEntry(Owned, Base):
    """One write. `seq` orders the entries; `before` and `after` are what of the subject was changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint(one_of("actor_kind", PRINCIPALS), "actor_kind"),
        CheckConstraint("(actor_kind = 'operator') = (actor_id IS NULL)", "actor_id"),
        Index("ix_audit_entry_listed", "business_id", "created_at", "id"),
        Index("ix_audit_entry_subject", "business_id", "subject_id", "created_at", "id"),
        Index("ix_audit_entry_actor", "business_id", "actor_id", "created_at", "id"),
        Index("ix_audit_entry_action", "business_id", "action", "created_at", "id"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    origin: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class AuditPersonal(Base):
    """What an entry says of persons, in the clear: `facts` maps where a value stands in the entry to the value.

    Without `salt` nobody can tell any more what the digests in the entry were of.
    """

    __tablename__ = "audit_personal"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    business_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=now)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    facts: Mapped[dict[str, Any]]


class AuditWaiting(Base):
    """That an entry waits for its seal."""

    __tablename__ = "audit_waiting"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    business_id: Mapped[UUID] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and from where. An operator, at the command line, has no id."""

    business_id: UUID
    kind: str
    id: UUID | None
    origin: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """What was written: the action, its subject, and what of it was changed."""

    action: str
    subject_type: str
    subject_id: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def record(session: Session, key: bytes, writer: Writer, write: Write) -> UUID:
    """Write an entry, in the transaction of what it tells of. `key` makes the digests of personal values."""
    salt = secrets.token_bytes(_SALT)
    facts: dict[str, Any] = {}
    hidden = {
        part: _hidden(values, part, facts, salt, key)
        for part, values in (("origin", writer.origin), ("before", write.before), ("after", write.after))
    }
    entry_id = new_id()
    session.execute(
        insert(AuditEntry).values(
            id=entry_id,
            business_id=writer.business_id,
            actor_kind=writer.kind,
            actor_id=writer.id,
            action=write.action,
            subject_type=write.subject_type,
            subject_id=write.subject_id,
            **hidden,
        )
    )
    owned = {"entry_id": entry_id, "business_id": writer.business_id}
    session.execute(insert(AuditPersonal).values(salt=salt, facts=facts, **owned))
    session.execute(insert(AuditWaiting).values(**owned))
    return entry_id


def digest_of_value(key: bytes, salt: bytes, value: Any) -> str:
    """Return what stands in an entry for a personal value."""
    return "hidden:" + hmac.new(key, salt + json.dumps(value, sort_keys=True).encode(), sha256).hexdigest()


def in_the_clear(part: str, values: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of an entry with what is still known of persons; None where it was forgotten."""
    shown: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{part}.{name}"
        is_hidden = isinstance(value, str) and value.startswith("hidden:")
        if isinstance(value, dict):
            shown[name] = in_the_clear(path, value, facts)
        else:
            shown[name] = facts.get(path) if is_hidden else value
    return shown


def forget(session: Session, subject_type: str, subject_id: UUID) -> None:
    """Forget what the log says of a person in the clear. The entries stay, and so does their seal."""
    session.execute(_FORGET, {"type": subject_type, "id": subject_id})


_FORGET: Final = text(
    """
    DELETE FROM audit_personal USING audit_entry
    WHERE audit_entry.id = entry_id AND subject_type = :type AND subject_id = :id
    """
)


def _hidden(values: Mapping[str, Any], path: str, facts: dict[str, Any], salt: bytes, key: bytes) -> dict[str, Any]:
    return dict(_each(values, path, facts, salt, key))


def _each(
    values: Mapping[str, Any], path: str, facts: dict[str, Any], salt: bytes, key: bytes
) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        at = f"{path}.{name}"
        if isinstance(value, Mapping):
            yield name, _hidden(value, at, facts, salt, key)
        elif name in PERSONAL and value is not None:
            facts[at] = value
            yield name, digest_of_value(key, salt, value)
        else:
            yield name, value
