"""The environment of the demo's service, kept from one start to the next."""

import os
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(32),
    "TWILIO_ACCOUNT_SID": lambda: f"AC{secrets.token_hex(16)}",
    "TWILIO_AUTH_TOKEN": lambda: secrets.token_hex(16),
    "MOYASAR_SECRET_KEY": lambda: f"sk_test_{secrets.token_hex(16)}",
    "MOYASAR_WEBHOOK_SECRET": lambda: secrets.token_urlsafe(24),
    "STS_API_KEY": lambda: secrets.token_hex(8),
    "STS_API_SECRET": lambda: secrets.token_hex(32),
    "ACREL_PASSWORD": lambda: secrets.token_urlsafe(16),
    "ACREL_WEBHOOK_SECRET": lambda: secrets.token_urlsafe(24),
}
_LOOPBACK = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is, this time."""

    database_url: str
    migrations_database_url: str
    redis_url: str
    service: str
    events: str
    sandbox: str
    moyasar: str
    smtp_port: int
    mail_from: str


def environment(file: Path, addresses: Addresses) -> dict[str, str]:
    """Return the service's environment, and write it to `file` for whoever wants to run `raseed` beside it."""
    kept = read_environment(file)
    values = {
        "DATABASE_URL": addresses.database_url,
        "MIGRATIONS_DATABASE_URL": addresses.migrations_database_url,
        "REDIS_URL": addresses.redis_url,
        "PUBLIC_BASE_URL": addresses.service,
        "EVENTS_BASE_URL": addresses.events,
        **{name: kept.get(name) or make() for name, make in _SECRETS.items()},
        "TWILIO_API_BASE_URL": addresses.sandbox,
        "MOYASAR_API_BASE_URL": f"{addresses.moyasar}/v1",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(addresses.smtp_port),
        "SMTP_SECURITY": "none",
        "SMTP_FROM": addresses.mail_from,
        "STS_VENDOR": "http",
        "STS_API_BASE_URL": f"{addresses.sandbox}/vendor",
        "STS_MERCHANT_ID": "noor",
        "ACREL_API_BASE_URL": f"{addresses.sandbox}/acrel",
        "ACREL_USERNAME": "noor",
        "LOG_FORMAT": os.environ.get("LOG_FORMAT", "console"),
    }
    if clock := os.environ.get("RASEED_CLOCK_FILE"):
        values["RASEED_CLOCK_FILE"] = str(Path(clock).absolute())
    write_private(file, "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))
    return values


def read_environment(file: Path) -> dict[str, str]:
    """Return what an environment file says; nothing when there is none."""
    try:
        lines = shlex.split(file.read_text(encoding="utf-8"), comments=True)
    except (OSError, ValueError):
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def program_environment(service: Mapping[str, str]) -> dict[str, str]:
    """Return what the programs of the demo are started with: ours wins over what the caller has set."""
    ours = {*service, "SEND_ONLY_TO", "PROMETHEUS_MULTIPROC_DIR"}
    inherited = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in ours}
    # All of it is on loopback, where a proxy has no business.
    return {**inherited, "NO_PROXY": _LOOPBACK, "no_proxy": _LOOPBACK, **service}


def write_private(file: Path, text: str) -> None:
    """Write a file that only we may read, whole or not at all."""
    making = file.with_name(f"{file.name}.making")
    making.unlink(missing_ok=True)
    making.touch(mode=0o600)
    making.write_text(text, encoding="utf-8")
    making.replace(file)
