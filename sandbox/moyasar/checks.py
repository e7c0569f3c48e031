"""What a request to create something must say."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sandbox.moyasar.errors import invalid
from sandbox.twilio.clock import parse_instant

LEAST_INVOICE = 100
LEAST_BILL = 10_000
_MOST_KEYS, _LONGEST_KEY, _LONGEST_VALUE = 30, 40, 500


def amount_of(data: dict[str, Any], least: int, name: str = "amount") -> int:
    value = data.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():  # from a form
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(**{name: "must be an integer"})
    if value < least:
        raise invalid(**{name: f"must be greater than or equal to {least}"})
    return value


def currency_of(data: dict[str, Any]) -> str:
    value = data.get("currency")
    if not isinstance(value, str) or len(value) != 3 or not value.isalpha():
        raise invalid(currency="is invalid")
    return value.upper()


def text_of(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(**{name: "can't be blank"})
    return value


def url_of(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or urlsplit(value).scheme not in {"http", "https"}:
        raise invalid(**{name: "is not a valid URL"})
    return value


def metadata_of(data: dict[str, Any]) -> dict[str, str] | None:
    value = data.get("metadata")
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > _MOST_KEYS:
        raise invalid(metadata="is invalid")
    if any(len(key) > _LONGEST_KEY or len(str(text)) > _LONGEST_VALUE for key, text in value.items()):
        raise invalid(metadata="is too long")
    return {key: str(text) for key, text in value.items()}


def expiry_of(data: dict[str, Any], now: float) -> float | None:
    value = data.get("expired_at")
    if value is None:
        return None
    try:
        instant = parse_instant(str(value))
    except ValueError:
        raise invalid(expired_at="is not a valid date") from None
    if instant <= now:
        raise invalid(expired_at="must be in the future")
    return instant


def given_id_of(data: dict[str, Any]) -> str | None:
    value = data.get("given_id")
    if value is None:
        return None
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise invalid(given_id="is not a valid UUID") from None
