"""Signing in and out, and setting a password."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field
from sqlalchemy.orm import Session

from bot.api.calls import Call, Visitor
from bot.api.routes import PUBLIC, Resource
from bot.api.shapes import Email, Shape
from bot.invitations import mail_token
from bot.jobs.queues import MAIL_QUEUE
from bot.problems import Problem
from domain.attempts import Attempt, attempt_of, count_attempt, forgive
from domain.audit import Write, Writer, record
from domain.bearers import STAFF
from domain.door import Visit
from domain.passwords import LONGEST, SHORTEST, hash_of, is_outdated, is_right
from domain.signing_in import (
    Candidate,
    candidates,
    end_access,
    end_every_access,
    give_access,
    invite,
    set_password,
    still_is,
    use_invitation,
)
from domain.staff import ANYBODY, Staff

auth = Resource("auth", "Signing in and out, and setting a password.")


class SignIn(Shape):
    """Who signs in. `business` is needed only by who is staff of several."""

    email: Email
    password: str = Field(min_length=1, max_length=1000)
    business: str | None = Field(None, max_length=64, description="The business's code.")


class Token(Shape):
    """An access token; `expires_in` is in seconds, `business` the code of the one that it acts for."""

    access_token: str
    token_type: str
    expires_in: int
    role: str
    business: str


class NewPassword(Shape):
    """A password, and the token of the invitation or of the reset that lets it be set."""

    token: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=SHORTEST, max_length=LONGEST)


class ChangedPassword(SignIn):
    """A new password in the place of the present one."""

    new_password: str = Field(min_length=SHORTEST, max_length=LONGEST)


class Forgotten(Shape):
    """Whose password is forgotten."""

    email: Email


_CREDENTIALS: Final = {
    401: "The e-mail address or the password is not right.",
    409: "It must be said which business.",
    429: "Too many attempts, from this address or to this account.",
}


@auth.post(
    "/auth/token",
    role=PUBLIC,
    body=SignIn,
    answer=Token,
    problems=_CREDENTIALS,
)
def sign_in(visitor: Visitor, body: SignIn) -> Token:
    """Sign in with an e-mail address and a password.

    The answer, and how long it takes, is the same whether there is such an account or not.
    """
    attempt, candidate = _signed_in(visitor, body)
    outdated = is_outdated(candidate.password_hash or "")
    new_hash = hash_of(body.password) if outdated else None
    with visitor.services.door.for_every_business() as session:
        staff = _still(session, candidate)
        forgive(session, attempt)
        if new_hash is not None:
            staff.password_hash = new_hash
        token, seconds = give_access(session, staff.id, staff.business_id)
        _record(visitor, session, staff, "auth.signed_in")
    return Token(
        access_token=token,
        token_type="Bearer",  # noqa: S106  the kind of token, not one
        expires_in=seconds,
        role=candidate.role,
        business=candidate.business,
    )


@auth.post("/auth/sign-out", role=ANYBODY, answer=None)
def sign_out(call: Call) -> None:
    """Let the access token that this is asked with be good no more."""
    _only_staff(call)
    end_access(call.session, call.principal.bearer_id)
    call.record("auth.signed_out", (STAFF, call.principal.id))


@auth.post("/auth/sign-out-everywhere", role=ANYBODY, answer=None)
def sign_out_everywhere(call: Call) -> None:
    """Let every access token of whoever asks be good no more, this one too."""
    _only_staff(call)
    end_every_access(call.session, call.principal.id)
    call.record("auth.signed_out_everywhere", (STAFF, call.principal.id))


@auth.post(
    "/auth/password",
    role=PUBLIC,
    body=NewPassword,
    answer=None,
    problems={401: "The token is not good, or was used.", 429: "Too many attempts from this address."},
)
def accept_invitation(visitor: Visitor, body: NewPassword) -> None:
    """Set a password by an invitation, or by the token of a reset. Each lets it be set once."""
    attempt = _counted(visitor, f"invitation {visitor.origin.ip}")
    password_hash = hash_of(body.password)
    with visitor.services.door.for_every_business() as session:
        staff = use_invitation(session, body.token)
        if staff is None:
            raise Problem(401, "bad_token", "this token is not good, or it was used")
        set_password(session, staff, password_hash)
        forgive(session, attempt)
        _record(visitor, session, staff, "auth.password_set")


@auth.post("/auth/change-password", role=PUBLIC, body=ChangedPassword, answer=None, problems=_CREDENTIALS)
def change_password(visitor: Visitor, body: ChangedPassword) -> None:
    """Change one's own password. Whoever is signed in with the old one is no more."""
    attempt, candidate = _signed_in(visitor, body)
    password_hash = hash_of(body.new_password)
    with visitor.services.door.for_every_business() as session:
        staff = _still(session, candidate)
        forgive(session, attempt)
        set_password(session, staff, password_hash)
        _record(visitor, session, staff, "auth.password_changed")


@auth.post(
    "/auth/forgotten-password",
    role=PUBLIC,
    body=Forgotten,
    answer=None,
    problems={409: "No mails are sent here: ask an admin.", 429: "Too many attempts."},
)
def mail_reset(visitor: Visitor, body: Forgotten) -> None:
    """Mail what sets a new password, at each business where there is such an account.

    The answer is the same whether there is one or not.
    """
    ours = visitor.services
    if not ours.accounts.sends_mails:
        raise Problem(409, "no_mails", "no mails are sent here; an admin can make a reset for you")
    _counted(visitor, f"forgotten {body.email}")
    with ours.door.for_every_business() as session:
        for staff in filter(None, [still_is(session, one) for one in candidates(session, body.email, None)]):
            token, purpose, _ = invite(session, staff)
            mail_token(Visit.within(session), ours.accounts, staff, purpose, token)
            _record(visitor, session, staff, "auth.reset_asked")
    ours.bell.ring(MAIL_QUEUE)


def _signed_in(visitor: Visitor, body: SignIn) -> tuple[Attempt, Candidate]:
    """Return whose e-mail address and password these are. No connection is held while the password is compared."""
    attempt = _counted(visitor, body.email)
    with visitor.services.door.for_every_business() as session:
        found = candidates(session, body.email, body.business)
    return attempt, _chosen(found, body.password)


def _still(session: Session, candidate: Candidate) -> Staff:
    staff = still_is(session, candidate)
    if staff is None:
        raise _wrong()
    return staff


def _counted(visitor: Visitor, account: str) -> Attempt:
    """Count an attempt, and commit that before it is looked into."""
    attempt = attempt_of(visitor.keys.attempts, account, visitor.origin.ip)
    with visitor.services.door.for_every_business() as session:
        seconds = count_attempt(session, attempt)
    if seconds is not None:
        headers = {"Retry-After": str(seconds)}
        raise Problem(429, "too_many_attempts", f"too many attempts; try again in {seconds} seconds", headers=headers)
    return attempt


def _chosen(found: Sequence[Candidate], password: str) -> Candidate:
    """Return the one whose password it is. Where there is nobody, as much time passes as for one."""
    if not found:
        is_right(password, None)
    right = [candidate for candidate in found if is_right(password, candidate.password_hash)]
    if not right:
        raise _wrong()
    if len(right) > 1:
        codes = ", ".join(candidate.business for candidate in right)
        detail = f"this is staff of several businesses; say which in `business`: {codes}"
        raise Problem(409, "business_needed", detail)
    return right[0]


def _only_staff(call: Call) -> None:
    if call.principal.kind != STAFF:
        raise Problem(403, "not_allowed", "an API key neither signs in nor out, nor has it a password")


def _wrong() -> Problem:
    return Problem(401, "wrong_credentials", "the e-mail address or the password is not right")


def _record(visitor: Visitor, session: Session, staff: Staff, action: str) -> None:
    session.flush()
    writer = Writer(staff.business_id, STAFF, staff.id, visitor.origin.as_facts())
    record(session, visitor.keys.audit, writer, Write(action, STAFF, staff.id, {}, {}))
