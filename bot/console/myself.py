"""What somebody of staff does about themselves: the password, and signing out."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from werkzeug.datastructures import MultiDict

from bot.api.auth import change_password, sign_out, sign_out_everywhere
from bot.console import cookies
from bot.console.links import going_to, link_to
from bot.console.readers import Reader
from bot.console.sections import Section

myself = Section()


@myself.page("/me", title="console.my_account", template="me.html")
def me_page(_: Reader) -> dict[str, Any]:
    """Show who is signed in."""
    return {}


def _signed_out(_: Any, __: Any, ___: Mapping[str, Any]) -> Response:
    response = going_to(link_to("/sign-in", query={"done": "signed_out"}))
    cookies.sign_out_of(response)
    return response


def _changed(_: Any, __: Any, ___: Mapping[str, Any]) -> Response:
    response = going_to(link_to("/sign-in", query={"done": "password_set"}))
    cookies.sign_out_of(response)
    return response


def _own_password(_: Any, filled: "MultiDict[str, str]") -> dict[str, Any]:
    """Return the fields of the form. A password is taken as it was written, spaces too."""
    return {name: filled[name] for name in ("email", "business", "password", "new_password") if filled.get(name)}


myself.form("/sign-out", does=sign_out, on=me_page, finish=_signed_out)
myself.form("/sign-out-everywhere", does=sign_out_everywhere, on=me_page, finish=_signed_out)
myself.form("/me/password", does=change_password, on=me_page, finish=_changed, read=_own_password)
