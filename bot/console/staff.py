"""Staff: who signs in, and what they may."""

from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from bot.api.staff import change_staff, invite_again, invite_staff, list_staff, show_staff
from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section
from domain.staff import ADMIN, ROLES

staff = Section()


@staff.page("/staff", title="console.staff", template="staff.html", menu=SYSTEM, role=ADMIN)
def staff_list(reader: Reader) -> dict[str, Any]:
    """List the staff, and let somebody be invited."""
    return {"found": reader.listing(list_staff), "roles": ROLES}


@staff.page("/staff/<uuid:staff_id>", title="console.somebody", template="somebody.html", role=ADMIN)
def somebody_page(reader: Reader, staff_id: UUID) -> dict[str, Any]:
    """Show somebody of staff, to change what they are called and what they may."""
    return {"shown": reader.ask(show_staff, staff_id=staff_id), "roles": ROLES}


def _change(_: Reader, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return what the form says. A box that is not ticked is not sent."""
    given = {name: filled[name] for name in ("name", "role", "language") if filled.get(name, "").strip()}
    return {**given, "disabled": "disabled" in filled}


staff.form("/staff", does=invite_staff, on=staff_list, finish="invitation.html")
staff.form("/staff/<uuid:staff_id>", does=change_staff, on=somebody_page, done="saved", read=_change)
staff.form("/staff/<uuid:staff_id>/invitation", does=invite_again, on=somebody_page, finish="invitation.html")
