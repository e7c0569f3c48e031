"""Who may listen: by a bearer header, by the console's cookie, or by a pass that the web service gave them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import jwt
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.keys import keys_of
from bot.settings import Settings
from domain.bearers import enter_as_bearer
from domain.clock import now
from domain.door import Door
from domain.staff import VIEWER

# Between being sent here by the web service and arriving.
_PASS_SECONDS: Final = 60
_ALGORITHM: Final = "HS256"
SCOPE: Final = "events:read"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whose events somebody may hear, and by which bearer."""

    business_id: UUID
    bearer_id: UUID


class NotAdmitted(Exception):
    """Nobody who may listen. `status` is 401 or 403."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def make_pass(settings: Settings, admitted: Admitted) -> str:
    """Return a pass for who was let in by the web service; it is good for a minute."""
    claims = {"business": str(admitted.business_id), "bearer": str(admitted.bearer_id)}
    return jwt.encode({**claims, "exp": int(time.time()) + _PASS_SECONDS}, keys_of(settings).listening, _ALGORITHM)


def admit(
    settings: Settings, door: Door, given: str | None, headers: Mapping[str, str], cookie: str | None
) -> Admitted:
    """Tell who may listen. Raises NotAdmitted."""
    if given:
        return _by_pass(settings, given)
    scheme, _, secret = headers.get("Authorization", "").partition(" ")
    bearer = secret.strip() if scheme.lower() == "bearer" else cookie
    if not bearer:
        raise NotAdmitted(401)
    with door.for_whoever_asks() as session:
        principal = enter_as_bearer(session, bearer)
        if principal is None:
            raise NotAdmitted(401)
        if not principal.may(VIEWER, SCOPE):
            raise NotAdmitted(403)
        return Admitted(principal.business_id, principal.bearer_id)


def _by_pass(settings: Settings, given: str) -> Admitted:
    try:
        claims = jwt.decode(given, keys_of(settings).listening, [_ALGORITHM])
        return Admitted(UUID(claims["business"]), UUID(claims["bearer"]))
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise NotAdmitted(401) from None


_GOOD: Final = text(
    """
    SELECT access_token.id FROM access_token JOIN staff ON staff.id = staff_id
    WHERE access_token.id = ANY(:bearers) AND revoked_at IS NULL AND expires_at > :now AND disabled_at IS NULL
    UNION ALL
    SELECT id FROM api_key
    WHERE id = ANY(:bearers) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
    """
)


def still_good(session: Session, bearers: set[UUID]) -> set[UUID]:
    """Return those of `bearers` that are still good, whosever they are."""
    return set(session.execute(_GOOD, {"bearers": list(bearers), "now": now()}).scalars()) if bearers else set()
