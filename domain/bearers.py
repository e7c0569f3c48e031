"""What a request to the staff API bears: an access token of somebody of staff, or the API key of a machine."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKeyConstraint, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, Owned
from domain.clock import now
from domain.staff import RANK

STAFF, API_KEY, OPERATOR = PRINCIPALS = ("staff", "api_key", "operator")
TOKEN_LIFE: Final = timedelta(hours=12)

_PREFIX_LETTERS: Final = 12
_NOTED_EVERY: Final = timedelta(minutes=1)


class AccessToken(Owned, Base):
    """That somebody of staff is signed in. Only the token's digest is kept."""

    __tablename__ = "access_token"
    __table_args__ = (
        UniqueConstraint("digest"),
        ForeignKeyConstraint(["business_id", "staff_id"], ["staff.business_id", "staff.id"]),
    )

    staff_id: Mapped[UUID] = mapped_column(index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiKey(Owned, Base):
    """A machine's key. `prefix` is what people know it by; of the whole only the digest is kept.

    `scopes` are roles, or single rights such as `messages:read`.
    """

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("digest"),
        UniqueConstraint("prefix"),
        ForeignKeyConstraint(["business_id", "created_by"], ["staff.business_id", "staff.id"]),
    )

    name: Mapped[str]
    prefix: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[UUID | None]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: somebody of staff, or an API key; always of one business.

    `role` is that of staff, or the highest that a key has as a scope. `bearer_id` is the access token's or the key's.
    """

    kind: str
    id: UUID
    business_id: UUID
    name: str
    email: str | None
    role: str | None
    language: str | None
    scopes: tuple[str, ...]
    bearer_id: UUID

    def may(self, role: str, scope: str) -> bool:
        """Tell whether this is allowed what needs `role`, or, for a key, the single right `scope`."""
        return RANK.get(self.role or "", 0) >= RANK[role] or scope in self.scopes


_ENTER: Final = text("SELECT * FROM enter_by_bearer(:digest, :now)")
_NOTE_USE: Final = text(
    """
    UPDATE api_key SET last_used_at = :now WHERE id = (
        SELECT id FROM api_key WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :before)
        FOR UPDATE SKIP LOCKED)
    """
)


def digest_of(secret: str) -> bytes:
    """Return the digest under which a secret is kept. Ours have so much chance in them that none can be guessed."""
    return sha256(secret.encode()).digest()


def new_secret(kind: str) -> str:
    """Return a new secret, which begins with `kind` so that it is known for what it is wherever it turns up."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def new_key() -> tuple[str, str]:
    """Return a new API key, and the beginning by which people may know it."""
    prefix = "rk_" + secrets.token_hex(_PREFIX_LETTERS // 2)
    return f"{prefix}_{secrets.token_urlsafe(32)}", prefix


def enter_as_bearer(session: Session, secret: str) -> Principal | None:
    """Let the session see the business of whoever bears `secret`; None when nobody does, or no longer."""
    row: Any = session.execute(_ENTER, {"digest": digest_of(secret), "now": now()}).one_or_none()
    if row is None:
        return None
    scopes = tuple(row.scopes or ())
    ranked = sorted((scope for scope in scopes if scope in RANK), key=RANK.__getitem__)
    role = row.role or (ranked[-1] if ranked else None)
    if row.kind == API_KEY:
        _note_use(session, row.bearer_id, row.last_used_at)
    return Principal(row.kind, row.id, row.business_id, row.name, row.email, role, row.language, scopes, row.bearer_id)


def _note_use(session: Session, key_id: UUID, last: datetime | None) -> None:
    before = now() - _NOTED_EVERY
    if last is None or last < before:
        session.execute(_NOTE_USE, {"id": key_id, "now": now(), "before": before})
