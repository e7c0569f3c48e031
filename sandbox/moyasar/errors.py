"""Refusals, in Moyasar's shape: a type, a sentence, and for fields what is wrong with each."""

from typing import Any


class ApiError(Exception):
    def __init__(self, http_status: int, kind: str, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.kind = kind
        self.errors = errors

    def document(self) -> dict[str, Any]:
        return {"type": self.kind, "message": str(self), "errors": self.errors}


def invalid(**errors: str) -> ApiError:
    """Fields that are missing or malformed."""
    found = {name: [text] for name, text in errors.items()}
    return ApiError(400, "validation_error", "Validation Failed", found)


def wrong_state(message: str) -> ApiError:
    return ApiError(400, "invalid_request_error", message)


def not_found() -> ApiError:
    return ApiError(404, "record_not_found", "Object not found")


def not_signed_in() -> ApiError:
    return ApiError(401, "authentication_error", "Invalid authorization credentials")


def too_many() -> ApiError:
    return ApiError(429, "rate_limit_error", "Too many requests")


def broken() -> ApiError:
    return ApiError(500, "api_error", "We had a problem with our server")


class ControlError(ValueError):
    """What the control interface was told makes no sense."""
