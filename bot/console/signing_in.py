"""Signing in, and setting a password by an invitation."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from bot.api.auth import Token, accept_invitation, mail_reset, sign_in
from bot.api.routes import PUBLIC
from bot.console import cookies
from bot.console.links import base, going_to, is_ours, link_to
from bot.console.readers import Guest, argument
from bot.console.sections import Section

signing_in = Section()


@signing_in.page("/sign-in", title="console.sign_in", template="sign_in.html", role=PUBLIC)
def sign_in_page(guest: Guest) -> dict[str, Any]:
    """Show where staff signs in."""
    refused = guest.form.problem if guest.form else None
    several = refused is not None and refused.code == "business_needed"
    given = guest.form.values.get("business") if guest.form else None
    return {"asks_business": several or bool(given), "next": argument("next") or ""}


@signing_in.page("/welcome", title="console.welcome", template="welcome.html", role=PUBLIC)
def welcome_page(_: Guest) -> dict[str, Any]:
    """Show where somebody who was invited sets a password."""
    return {"token": argument("token") or ""}


@signing_in.page("/forgotten", title="console.forgotten", template="forgotten.html", role=PUBLIC)
def forgotten_page(_: Guest) -> dict[str, Any]:
    """Show where somebody has a new password mailed."""
    return {}


def _signed_in(_: Guest, token: Token, __: Mapping[str, Any]) -> Response:
    wanted = argument("next") or ""
    response = going_to(wanted if is_ours(wanted) else base())
    cookies.sign_in_by(response, token.access_token, token.expires_in)
    return response


def _password_set(_: Guest, __: None, ___: Mapping[str, Any]) -> Response:
    return going_to(link_to("/sign-in", query={"done": "password_set"}))


def _mailed(_: Guest, __: None, ___: Mapping[str, Any]) -> Response:
    return going_to(link_to("/welcome", query={"done": "reset_asked"}))


signing_in.form("/sign-in", does=sign_in, on=sign_in_page, finish=_signed_in)
signing_in.form("/welcome", does=accept_invitation, on=welcome_page, finish=_password_set)
signing_in.form("/forgotten", does=mail_reset, on=forgotten_page, finish=_mailed)
