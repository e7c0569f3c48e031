"""How often somebody may try to sign in: from one address, and to one account."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base
from domain.clock import now

WINDOW: Final = timedelta(minutes=15)
MOST_PER_ACCOUNT: Final = 5
MOST_PER_ADDRESS: Final = 20


class SignInLimit(Base):
    """How many attempts were made since a window began. Of whom, only a keyed digest is kept.

    It belongs to no business: who tries has not said, or not proved, whose they are.
    """

    __tablename__ = "sign_in_limit"

    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    attempts: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, as it is counted: the digests of the account and of the address."""

    account: bytes
    address: bytes


# Counted before the password is looked at, and committed, so that attempts made at the same time count each other.
_COUNT: Final = text(
    """
    INSERT INTO sign_in_limit AS known (subject, attempts, ends_at)
    SELECT subject, 1, :ends_at FROM unnest(CAST(:subjects AS bytea[])) AS subject ORDER BY subject
    ON CONFLICT (subject) DO UPDATE
    SET attempts = CASE WHEN known.ends_at <= :now THEN 1 ELSE known.attempts + 1 END,
        ends_at = CASE WHEN known.ends_at <= :now THEN excluded.ends_at ELSE known.ends_at END
    RETURNING subject, attempts, ends_at
    """
)
_FORGIVE: Final = text(
    """
    UPDATE sign_in_limit SET attempts = CASE WHEN subject = :account THEN 0 ELSE greatest(attempts - 1, 0) END
    WHERE subject IN (SELECT subject FROM sign_in_limit WHERE subject IN (:account, :address)
                      ORDER BY subject FOR UPDATE)
    """
)
_TIDY: Final = text("DELETE FROM sign_in_limit WHERE ends_at <= :now")


def attempt_of(key: bytes, account: str, address: str) -> Attempt:
    """Return how an attempt to sign in to `account` from `address` is counted. `key` is the deployment's own."""
    digests = (hmac.digest(key, what.encode(), sha256) for what in (f"account {account}", f"address {address}"))
    return Attempt(*digests)


def count_attempt(session: Session, attempt: Attempt) -> int | None:
    """Count one, and return for how many seconds nobody may try; None: this one may. Must be committed."""
    values = {"subjects": [attempt.account, attempt.address], "now": now(), "ends_at": now() + WINDOW}
    rows = {bytes(row.subject): row for row in session.execute(_COUNT, values)}
    limits = ((MOST_PER_ACCOUNT, rows[attempt.account]), (MOST_PER_ADDRESS, rows[attempt.address]))
    waits = [int((row.ends_at - now()).total_seconds()) + 1 for limit, row in limits if row.attempts > limit]
    return max(waits, default=None)


def forgive(session: Session, attempt: Attempt) -> None:
    """Take an attempt back that was no guess: somebody signed in."""
    session.execute(_FORGIVE, {"account": attempt.account, "address": attempt.address})


def forget_old_attempts(session: Session) -> None:
    """Delete what no longer limits anybody."""
    session.execute(_TIDY, {"now": now()})
