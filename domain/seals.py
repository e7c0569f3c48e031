"""The seals of the audit log: a chain of keyed digests, one for each entry, each over the one before.

A business has its own chain. Whoever changes, adds or takes away an entry without the key breaks it there.
"""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.audit import AuditEntry, AuditPersonal, AuditWaiting, digest_of_value
from domain.base import Base, Owned
from domain.clock import now
from domain.door import Door
from domain.ids import new_id

_BATCH: Final = 500
_START: Final = b"\0" * 32
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('audit seal ' || :business_id, 0))")


class AuditSeal(Owned, Base):
    """The seal of one entry: its `number` in the chain of its business, and the digest that ends the chain there.

    `key_id` tells with which key it was made, and not which key that is.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (
        UniqueConstraint("business_id", "number"),
        UniqueConstraint("entry_id"),
        CheckConstraint("number > 0", "number"),
    )

    number: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str]


@dataclass(frozen=True, slots=True)
class Chain:
    """What is known of the chain of a business: how many entries are whole, its end, and the first bad row, if any."""

    business_id: UUID
    number: int
    head: bytes
    complaint: str | None = None


def seal_waiting(door: Door, key: bytes) -> int:
    """Seal every entry that waits for it, whoever else does so at the same time. Returns how many it sealed."""
    with door.for_every_business() as session:
        businesses = session.scalars(select(AuditWaiting.business_id).distinct()).all()
    sealed = 0
    for business_id in businesses:
        while number := _seal_some(door, key, business_id):
            sealed += number
    return sealed


def key_id_of(key: bytes) -> str:
    """Return by what a key is known."""
    return hmac.digest(key, b"which key", sha256).hex()[:16]


def verify(session: Session, key: bytes, business_id: UUID, progress: Callable[[int], None] = lambda _: None) -> Chain:
    """Go along the chain of a business, and stop at the first row that is not as it was sealed."""
    number, head, key_id = 0, _START, key_id_of(key)
    for batch in _batches(session, business_id):
        for seal, entry, personal in batch:
            complaint = _complaint(seal, entry, personal, Chain(business_id, number, head), key, key_id)
            if complaint:
                return Chain(business_id, number, head, complaint)
            number, head = seal.number, seal.digest
        progress(len(batch))
        session.expunge_all()
    return Chain(business_id, number, head, _unsealed(session, business_id))


def number_of_seals(session: Session, business_id: UUID) -> int:
    """Return how long the chain of a business is."""
    return session.scalar(_LENGTH, {"business_id": business_id}) or 0


_LENGTH: Final = text("SELECT max(number) FROM audit_seal WHERE business_id = :business_id")
# An entry that neither has a seal nor waits for one: somebody took one of them away.
_UNSEALED: Final = text(
    """
    SELECT id FROM audit_entry AS entry WHERE business_id = :business_id
      AND NOT EXISTS (SELECT FROM audit_seal WHERE entry_id = entry.id)
      AND NOT EXISTS (SELECT FROM audit_waiting WHERE entry_id = entry.id)
    ORDER BY seq LIMIT 1
    """
)


def _seal_some(door: Door, key: bytes, business_id: UUID) -> int:
    with door.for_business(business_id) as session:
        session.execute(_LOCK, {"business_id": str(business_id)})
        number, head = _end_of(session, business_id)
        entries = session.scalars(
            select(AuditEntry)
            .join(AuditWaiting, AuditWaiting.entry_id == AuditEntry.id)
            .where(AuditWaiting.business_id == business_id)
            .order_by(AuditEntry.seq)
            .limit(_BATCH)
        ).all()
        if not entries:
            return 0
        rows = []
        for number, entry in enumerate(entries, start=number + 1):  # noqa: B020  it goes on from where the chain ends
            head = _digest(key, number, head, entry)
            rows.append(_row(number, entry, head, key))
        session.execute(insert(AuditSeal), rows)
        session.execute(delete(AuditWaiting).where(AuditWaiting.entry_id.in_([entry.id for entry in entries])))
        return len(entries)


def _row(number: int, entry: AuditEntry, digest: bytes, key: bytes) -> dict[str, Any]:
    return {
        "id": new_id(),
        "created_at": now(),
        "business_id": entry.business_id,
        "number": number,
        "entry_id": entry.id,
        "digest": digest,
        "key_id": key_id_of(key),
    }


def _end_of(session: Session, business_id: UUID) -> tuple[int, bytes]:
    last = session.execute(
        select(AuditSeal.number, AuditSeal.digest)
        .where(AuditSeal.business_id == business_id)
        .order_by(AuditSeal.number.desc())
        .limit(1)
    ).one_or_none()
    return (last.number, bytes(last.digest)) if last else (0, _START)


def _digest(key: bytes, number: int, before: bytes, entry: AuditEntry) -> bytes:
    return hmac.digest(key, before + str(number).encode() + b"\n" + _canonical(entry), sha256)


def _canonical(entry: AuditEntry) -> bytes:
    """Return an entry as bytes, every column of it, the same each time."""
    values = {
        "id": str(entry.id),
        "at": entry.created_at.isoformat(),
        "business": str(entry.business_id),
        "seq": entry.seq,
        "actor_kind": entry.actor_kind,
        "actor_id": str(entry.actor_id),
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": str(entry.subject_id),
        "origin": entry.origin,
        "before": entry.before,
        "after": entry.after,
    }
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


_Row = tuple[AuditSeal, AuditEntry | None, AuditPersonal | None]


def _batches(session: Session, business_id: UUID) -> Iterator[list[_Row]]:
    after = 0
    while True:
        rows: list[_Row] = [
            (seal, entry, personal)
            for seal, entry, personal in session.execute(
                select(AuditSeal, AuditEntry, AuditPersonal)
                .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
                .outerjoin(AuditPersonal, AuditPersonal.entry_id == AuditSeal.entry_id)
                .where(AuditSeal.business_id == business_id, AuditSeal.number > after)
                .order_by(AuditSeal.number)
                .limit(_BATCH)
            )
        ]
        if not rows:
            return
        after = rows[-1][0].number
        yield rows


def _complaint(
    seal: AuditSeal, entry: AuditEntry | None, personal: AuditPersonal | None, so_far: Chain, key: bytes, key_id: str
) -> str | None:
    if seal.number != so_far.number + 1:
        return f"seal {so_far.number + 1} is missing; the next is {seal.number}"
    if seal.key_id != key_id:
        return f"seal {seal.number} was made with another SECRET_KEY; it can't be checked"
    if entry is None:
        return f"entry {seal.entry_id}, of seal {seal.number}, is missing"
    if not hmac.compare_digest(_digest(key, seal.number, so_far.head, entry), bytes(seal.digest)):
        return f"entry {entry.id}, of seal {seal.number}, is not as it was sealed"
    if personal is not None and (path := _altered(entry, personal, key)):
        return f"entry {entry.id}, of seal {seal.number}: {path} is not what was recorded"
    return None


def _altered(entry: AuditEntry, personal: AuditPersonal, key: bytes) -> str | None:
    """Return where a value in the clear is another than its digest says."""
    parts = {"origin": entry.origin, "before": entry.before, "after": entry.after}
    for path, value in personal.facts.items():
        kept: Any = parts
        for step in path.split("."):
            kept = kept.get(step) if isinstance(kept, dict) else None
        if kept != digest_of_value(key, bytes(personal.salt), value):
            return path
    return None


def _unsealed(session: Session, business_id: UUID) -> str | None:
    found = session.scalar(_UNSEALED, {"business_id": business_id})
    return f"entry {found} has no seal, and waits for none" if found else None
