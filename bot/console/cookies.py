"""The console's cookies: who is signed in, what seals the forms, and the language.

A session is an access token of the API, so it lives in the database, and ends there. Each form carries a seal over the
session and over a number that only this browser has; nobody else can make it do anything.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Final, Literal

from flask import Response, g, request

from bot.keys import keys_of
from bot.problems import Problem
from bot.services import services
from locales.catalogue import LANGUAGES

SEAL_FIELD: Final = "seal"
SESSION, VISIT, LANGUAGE = "raseed", "raseed-visit", "raseed-language"
_YEAR: Final = timedelta(days=365)
_LONGEST: Final = 200


def session_secret() -> str | None:
    """Return the token of whoever is signed in."""
    return request.cookies.get(_name(SESSION), "")[:_LONGEST] or None


def chosen_language() -> str | None:
    """Return the language that was chosen in this browser."""
    language = request.cookies.get(_name(LANGUAGE))
    return language if language in LANGUAGES else None


def preferred_language() -> str:
    """Return the language that was chosen, or else the browser's."""
    return chosen_language() or request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def sign_in_by(response: Response, token: str, seconds: int) -> None:
    """Let this browser be signed in."""
    _set(response, SESSION, token, seconds)


def sign_out_of(response: Response) -> None:
    """Let this browser be signed in no more."""
    response.delete_cookie(_name(SESSION), secure=_is_secure(), httponly=True, samesite="Lax")


def remember_language(response: Response, language: str) -> None:
    """Keep the language that was chosen."""
    _set(response, LANGUAGE, language, int(_YEAR.total_seconds()))


def remember_visit(response: Response) -> None:
    """Give this browser its number, if a form was made for a new one."""
    number: str | None = g.get("new_visit")
    if number is not None:
        _set(response, VISIT, number, None, "Strict")


def seal() -> str:
    """Return what a form carries to show that it is ours, made for this browser and this session."""
    raw = f"{_visit()} {session_secret() or ''}".encode()
    return urlsafe_b64encode(hmac.digest(keys_of(services().settings).forms, raw, sha256)).decode()


def check_seal() -> None:
    """Refuse a form that is not ours. Raises Problem."""
    given = request.form.get(SEAL_FIELD, "")
    if _name(VISIT) not in request.cookies or not hmac.compare_digest(given.encode(), seal().encode()):
        raise Problem(400, "bad_form", "the form is not one of this session; open its page again")


def _visit() -> str:
    known: str | None = request.cookies.get(_name(VISIT)) or g.get("new_visit")
    if known is None:
        known = g.new_visit = secrets.token_urlsafe(24)
    return known[:_LONGEST]


def _set(
    response: Response, name: str, value: str, seconds: int | None, same_site: Literal["Lax", "Strict"] = "Lax"
) -> None:
    response.set_cookie(
        _name(name), value, max_age=seconds, secure=_is_secure(), httponly=True, samesite=same_site, path="/"
    )


def _is_secure() -> bool:
    return services().settings.public_base_url.startswith("https://")


def _name(name: str) -> str:
    """Return the name of a cookie. No other host, and no page without TLS, can set one with this beginning."""
    return f"__Host-{name}" if _is_secure() else name
