"""A new prepared message: the request read, and refused where Twilio would refuse it."""

import re
from typing import Any

from sandbox.twilio.clock import Clock
from sandbox.twilio.content.model import Content
from sandbox.twilio.content.types import CHECKS, complaints
from sandbox.twilio.content.variables import fixed_length, is_malformed, texts_in
from sandbox.twilio.errors import ApiError
from sandbox.twilio.model import new_sid

_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?")


def draft(account_sid: str, wanted: dict[str, Any], clock: Clock) -> Content:
    """A content that passes every check, not yet on the shelf; raises ApiError."""
    types, language = wanted.get("types"), wanted.get("language")
    if not isinstance(types, dict) or not types:
        raise ApiError(92001)
    if not language:
        raise ApiError(92003)
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise ApiError(92004)
    _check_types(types)
    now = clock.now()
    return Content(
        sid=new_sid("HX"),
        account_sid=account_sid,
        friendly_name=str(wanted.get("friendly_name") or ""),
        language=language,
        variables=_samples(wanted.get("variables")),
        types=types,
        created=now,
        updated=now,
    )


def _check_types(types: dict[str, Any]) -> None:
    if unknown := sorted(set(types) - set(CHECKS)):
        raise ApiError(92002, f"Invalid content type: {', '.join(unknown)}")
    if any(is_malformed(text) for text in texts_in(types)):
        raise ApiError(92007)
    for kind, document in types.items():
        if found := complaints(kind, document, fixed_length):
            raise ApiError(20001, f"Invalid parameter: {'; '.join(found)}")


def _samples(variables: Any) -> dict[str, str]:
    if variables is None:
        return {}
    if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
        raise ApiError(92007)
    return variables
