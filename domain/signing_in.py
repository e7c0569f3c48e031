"""Signing in: who an e-mail address and a password are of, access tokens, and tokens that set a password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.bearers import TOKEN_LIFE, AccessToken, digest_of, new_secret
from domain.businesses import Business
from domain.clock import now
from domain.ids import new_id
from domain.staff import INVITATION, RESET, Staff, StaffToken

# How long it is known that a token was good once.
_REMEMBERED: Final = timedelta(days=7)
INVITATION_LIFE: Final = timedelta(days=7)
RESET_LIFE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of staff who may be the one who signs in."""

    staff_id: UUID
    business_id: UUID
    business: str
    role: str
    password_hash: str | None


def candidates(session: Session, email: str, business: str | None) -> Sequence[Candidate]:
    """Return those of staff who have this address, at every business or at the one with the code `business`."""
    statement = (
        select(Staff.id, Staff.business_id, Business.code, Staff.role, Staff.password_hash)
        .join(Business, Business.id == Staff.business_id)
        .where(Staff.email == email, Staff.disabled_at.is_(None), Staff.password_hash.is_not(None))
        .order_by(Business.code)
    )
    if business is not None:
        statement = statement.where(Business.code == business)
    return [Candidate(*row) for row in session.execute(statement)]


def still_is(session: Session, candidate: Candidate) -> Staff | None:
    """Return the row of a candidate, locked, if their password is still the one that was compared."""
    statement = select(Staff).where(
        Staff.id == candidate.staff_id,
        Staff.disabled_at.is_(None),
        Staff.password_hash == candidate.password_hash,
    )
    return session.scalars(statement.with_for_update()).one_or_none()


def give_access(session: Session, staff_id: UUID, business_id: UUID) -> tuple[str, int]:
    """Return a new access token, and for how many seconds it is good."""
    secret = new_secret("rt")
    token = AccessToken(
        id=new_id(),
        business_id=business_id,
        staff_id=staff_id,
        digest=digest_of(secret),
        expires_at=now() + TOKEN_LIFE,
    )
    session.add(token)
    session.flush()
    return secret, int(TOKEN_LIFE.total_seconds())


def end_access(session: Session, token_id: UUID) -> None:
    """Let one access token be good no more."""
    session.execute(update(AccessToken).where(AccessToken.id == token_id).values(revoked_at=now()))


def end_every_access(session: Session, staff_id: UUID) -> None:
    """Let all access tokens of somebody be good no more."""
    statement = update(AccessToken).where(AccessToken.staff_id == staff_id, AccessToken.revoked_at.is_(None))
    session.execute(statement.values(revoked_at=now()))


def invite(session: Session, staff: Staff) -> tuple[str, str, datetime]:
    """Return a token that sets the password of `staff`, its purpose, and until when it is good.

    It takes the place of every one before. Who has a password already resets it.
    """
    purpose, life = (INVITATION, INVITATION_LIFE) if staff.password_hash is None else (RESET, RESET_LIFE)
    secret = new_secret("ri")
    session.execute(delete(StaffToken).where(StaffToken.staff_id == staff.id, StaffToken.used_at.is_(None)))
    token = StaffToken(
        id=new_id(),
        business_id=staff.business_id,
        staff_id=staff.id,
        purpose=purpose,
        digest=digest_of(secret),
        expires_at=now() + life,
    )
    session.add(token)
    session.flush()
    return secret, purpose, token.expires_at


def use_invitation(session: Session, secret: str) -> Staff | None:
    """Use such a token up, and return whose it is, locked; None when it is not good, or was used."""
    used = session.execute(
        update(StaffToken)
        .where(StaffToken.digest == digest_of(secret), StaffToken.used_at.is_(None), StaffToken.expires_at > now())
        .values(used_at=now())
        .returning(StaffToken.staff_id)
    ).one_or_none()
    if used is None:
        return None
    statement = select(Staff).where(Staff.id == used.staff_id, Staff.disabled_at.is_(None)).with_for_update()
    return session.scalars(statement).one_or_none()


def set_password(session: Session, staff: Staff, password_hash: str) -> None:
    """Give somebody a new password. Whoever is signed in as them is no more, and no other token sets it again."""
    staff.password_hash = password_hash
    session.execute(delete(StaffToken).where(StaffToken.staff_id == staff.id, StaffToken.used_at.is_(None)))
    end_every_access(session, staff.id)
    session.flush()


def forget_old_tokens(session: Session) -> None:
    """Delete the tokens that have not been good for a while."""
    for table in (AccessToken, StaffToken):
        session.execute(delete(table).where(table.expires_at < now() - _REMEMBERED))
