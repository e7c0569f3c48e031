"""The environment of the demo's service, kept from one start to the next."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

_KEPT = ("SECRET_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is, this time."""

    database_url: str
    migrations_database_url: str
    redis_url: str
    service: str
    sandbox: str


def environment(file: Path, addresses: Addresses) -> dict[str, str]:
    """Return the service's environment, and write it to `file` for whoever wants to run `raseed` beside it."""
    kept = _read(file)
    values = {
        "DATABASE_URL": addresses.database_url,
        "MIGRATIONS_DATABASE_URL": addresses.migrations_database_url,
        "REDIS_URL": addresses.redis_url,
        "PUBLIC_BASE_URL": addresses.service,
        "SECRET_KEY": kept.get("SECRET_KEY", secrets.token_urlsafe(32)),
        "TWILIO_ACCOUNT_SID": kept.get("TWILIO_ACCOUNT_SID", f"AC{secrets.token_hex(16)}"),
        "TWILIO_AUTH_TOKEN": kept.get("TWILIO_AUTH_TOKEN", secrets.token_hex(16)),
        "TWILIO_API_BASE_URL": addresses.sandbox,
        "LOG_FORMAT": os.environ.get("LOG_FORMAT", "console"),
    }
    if "RASEED_CLOCK_FILE" in os.environ:
        values["RASEED_CLOCK_FILE"] = os.environ["RASEED_CLOCK_FILE"]
    _write(file, values)
    return values


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines())
    return {name: value for name, _, value in pairs if name in _KEPT}


def _write(file: Path, values: dict[str, str]) -> None:
    lines = "".join(f"{name}={quote(value)}\n" for name, value in values.items())
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(lines)
