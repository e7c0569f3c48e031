"""What the sandbox is told at start."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """The configuration can't be used; the text says which part."""


@dataclass(frozen=True, slots=True)
class Config:
    """`webhook_url` is where notices go; none go without it."""

    secret_key: str
    webhook_secret: str = ""
    webhook_url: str = ""
    merchant: str = "Merchant"
    merchant_ar: str = ""
    clock_file: Path | None = None


def load(file: Path) -> Config:
    """Read the configuration. Raises ConfigError."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {file}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"the configuration {file} is not JSON: {error}") from None
    return parse(data)


def parse(data: Any) -> Config:
    """Check the configuration. Raises ConfigError."""
    if not isinstance(data, dict):
        raise ConfigError("the configuration must be a JSON object")
    key = data.get("secret_key")
    if not isinstance(key, str) or not key.startswith("sk_test_"):
        # A key for real money has no business here.
        raise ConfigError("the configuration lacks secret_key, which begins with sk_test_")
    clock_file = data.get("clock_file")
    return Config(
        secret_key=key,
        webhook_secret=str(data.get("webhook_secret") or ""),
        webhook_url=str(data.get("webhook_url") or ""),
        merchant=str(data.get("merchant") or "Merchant"),
        merchant_ar=str(data.get("merchant_ar") or data.get("merchant") or "التاجر"),
        clock_file=Path(clock_file) if clock_file else None,
    )
