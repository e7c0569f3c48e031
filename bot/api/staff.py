"""The people of a business who sign in."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Email, Name, Page, PageQuery, Shape
from bot.invitations import mail_token
from bot.jobs.queues import MAIL_QUEUE
from bot.problems import Problem
from domain.bearers import STAFF
from domain.businesses import Business
from domain.clock import now
from domain.ids import new_id
from domain.signing_in import end_every_access, invite
from domain.staff import ADMIN, Staff

staff = Resource("staff", "The people of the business who sign in.")

Role = Literal["admin", "agent", "viewer"]
Language = Literal["ar", "en"]
_ORDER = Order((Staff.id,), ("id",), descending=False)


class StaffShown(Shape):
    """Somebody of staff. Nobody signs in before a password is set, or once disabled."""

    id: UUID
    email: str
    name: str
    role: Role
    language: Language
    has_password: bool
    disabled_at: datetime | None
    created_at: datetime


class StaffQuery(PageQuery):
    """Which of staff."""

    email: Email | None = None
    role: Role | None = None


class NewStaff(Shape):
    """Somebody to be invited."""

    email: Email
    name: Name
    role: Role
    language: Language | None = Field(None, description="Default: the business's.")


class StaffChange(Shape):
    """What is to change of somebody; what is left out stays."""

    name: Name | None = None
    role: Role | None = None
    language: Language | None = None
    disabled: bool | None = None


class Invitation(Shape):
    """What lets somebody set a password, once: it is shown now, and never again.

    Where mails are sent it went to them by e-mail too: `mailed`.
    """

    staff: StaffShown
    purpose: Literal["invitation", "reset"]
    token: str
    expires_at: datetime
    mailed: bool


@staff.get("/staff", role=ADMIN, query=StaffQuery, answer=Page[StaffShown])
def list_staff(call: Call, query: StaffQuery) -> Page[StaffShown]:
    """List the staff."""
    statement = select(Staff).where(Staff.business_id == call.business_id)
    if query.email is not None:
        statement = statement.where(Staff.email == query.email)
    if query.role is not None:
        statement = statement.where(Staff.role == query.role)
    return page(call, statement, _ORDER, query, lambda row: _shown(row[0]))


@staff.post("/staff", role=ADMIN, body=NewStaff, answer=Invitation, status=201, problems={409: "There is one already."})
def invite_staff(call: Call, body: NewStaff) -> Invitation:
    """Invite somebody. The token is to be handed over to them; who bears it sets the password."""
    language = body.language or call.session.get_one(Business, call.business_id).language
    values = {"id": new_id(), "created_at": now(), "business_id": call.business_id, "language": language}
    values |= {"email": body.email, "name": body.name, "role": body.role}
    made = insert(Staff).values(values).on_conflict_do_nothing(index_elements=["business_id", "email"])
    new = call.session.scalars(made.returning(Staff)).one_or_none()
    if new is None:
        raise Problem(409, "already_staff", "there is somebody of staff with this e-mail address")
    call.record("staff.invited", (STAFF, new.id), after=_facts(new))
    return _invitation(call, new)


@staff.get("/staff/<uuid:staff_id>", role=ADMIN, answer=StaffShown)
def show_staff(call: Call, staff_id: UUID) -> StaffShown:
    """Show somebody of staff."""
    return _shown(_found(call, staff_id))


@staff.patch(
    "/staff/<uuid:staff_id>",
    role=ADMIN,
    body=StaffChange,
    answer=StaffShown,
    problems={409: "Then nobody would be left who may do everything."},
)
def change_staff(call: Call, staff_id: UUID, body: StaffChange) -> StaffShown:
    """Change somebody's name, role or language, or disable them: then they are signed out at once."""
    admins = _lock_admins(call)
    somebody = _found(call, staff_id, lock=True)
    before = _facts(somebody)
    for name in ("name", "role", "language"):
        value = getattr(body, name)
        if value is not None:
            setattr(somebody, name, value)
    if body.disabled is not None:
        somebody.disabled_at = (somebody.disabled_at or now()) if body.disabled else None
    is_admin = somebody.role == ADMIN and somebody.disabled_at is None
    if not is_admin and admins == {somebody.id}:
        raise Problem(409, "last_admin", "this is the last one who may do everything")
    if somebody.disabled_at is not None:
        end_every_access(call.session, somebody.id)
    call.session.flush()
    call.record("staff.changed", (STAFF, somebody.id), before, _facts(somebody))
    return _shown(somebody)


@staff.post("/staff/<uuid:staff_id>/invitation", role=ADMIN, answer=Invitation, status=201)
def invite_again(call: Call, staff_id: UUID) -> Invitation:
    """Make a new invitation, or, for who has a password, a reset. Those made before are good no more."""
    somebody = _found(call, staff_id, lock=True)
    call.record("staff.invited_again", (STAFF, somebody.id))
    return _invitation(call, somebody)


def _invitation(call: Call, somebody: Staff) -> Invitation:
    token, purpose, expires_at = invite(call.session, somebody)
    mailed = mail_token(call.visit(), call.services.accounts, somebody, purpose, token)
    if mailed:
        call.after_commit(lambda: call.services.bell.ring(MAIL_QUEUE))
    facts = {"staff": _shown(somebody), "purpose": purpose, "token": token, "expires_at": expires_at, "mailed": mailed}
    return Invitation.model_validate(facts)


def _found(call: Call, staff_id: UUID, *, lock: bool = False) -> Staff:
    statement = select(Staff).where(Staff.business_id == call.business_id, Staff.id == staff_id)
    found = call.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is nobody of staff with this id")
    return found


def _lock_admins(call: Call) -> set[UUID]:
    """Return who may do everything, all locked: two that disable each other come one after the other."""
    statement = select(Staff.id).where(
        Staff.business_id == call.business_id, Staff.role == ADMIN, Staff.disabled_at.is_(None)
    )
    return set(call.session.scalars(statement.order_by(Staff.id).with_for_update()))


def _facts(somebody: Staff) -> dict[str, Any]:
    return {
        "email": somebody.email,
        "name": somebody.name,
        "role": somebody.role,
        "language": somebody.language,
        "disabled_at": somebody.disabled_at,
    }


def _shown(somebody: Staff) -> StaffShown:
    return StaffShown.model_validate(
        {
            **_facts(somebody),
            "id": somebody.id,
            "has_password": somebody.password_hash is not None,
            "created_at": somebody.created_at,
        }
    )
