"""One typed, frozen settings object, read from the environment. `.env.example` lists every variable."""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.vending_keys import KeysError, read_key_ring


class SettingsError(ValueError):
    """The environment doesn't make a settings object. The message is one line that names each variable."""


def _listed(value: object) -> object:
    if isinstance(value, str):
        return tuple(part for part in (part.strip() for part in value.split(",")) if part)
    return value


# An address as mails go to and come from it: ASCII, without anything that has a meaning in a header.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """Everything that the service is told from outside."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: SecretStr
    migrations_database_url: SecretStr | None = None
    redis_url: SecretStr
    public_base_url: str
    events_base_url: str | None = None
    secret_key: SecretStr = Field(min_length=16)
    twilio_account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    twilio_auth_token: Secrets = Field(min_length=1)
    twilio_api_base_url: str | None = None
    twilio_low_balance: Decimal = Field(default=Decimal(20), ge=0)
    moyasar_api_base_url: str = "https://api.moyasar.com/v1"
    moyasar_secret_key: SecretStr | None = None
    moyasar_webhook_secret: SecretStr | None = None
    sts_vendor: Literal["http", "embedded"] | None = None
    sts_api_base_url: str | None = None
    sts_api_key: SecretStr | None = None
    sts_api_secret: SecretStr | None = None
    sts_merchant_id: str | None = None
    sts_api_timeout: int = Field(default=60_000, ge=100, le=600_000)
    sts_api_retry_attempts: int = Field(default=3, ge=0, le=10)
    sts_ea07_tables: Path | None = None
    sts_low_credit: Decimal = Field(default=Decimal(1000), ge=0)
    acrel_api_base_url: str | None = None
    acrel_username: str | None = None
    acrel_password: SecretStr | None = None
    acrel_webhook_secret: SecretStr | None = None
    smtp_host: str | None = None
    smtp_port: int | None = Field(default=None, ge=1, le=65_535)
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str | None = None
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    raseed_clock_file: Path | None = None
    send_only_to: Listed = ()
    proxies: int = Field(default=0, ge=0, le=10)

    @field_validator("database_url", "migrations_database_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        schemes = ("postgres://", "postgresql://", "postgresql+psycopg://")
        if value is not None and not value.get_secret_value().startswith(schemes):
            raise ValueError(f"must begin with one of {', '.join(schemes)}")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr) -> SecretStr:
        schemes = ("redis://", "rediss://", "unix://")
        if not value.get_secret_value().startswith(schemes):
            raise ValueError(f"must begin with one of {', '.join(schemes)}")
        return value

    @field_validator("moyasar_secret_key")
    @classmethod
    def _moyasar(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("sk_test_", "sk_live_")):
            raise ValueError("must begin with sk_test_ or sk_live_; the publishable key won't do")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not ADDRESS.fullmatch(value):
            raise ValueError("must be a bare address such as no-reply@example.com; its name is the business's")
        return value

    @field_validator(
        "public_base_url",
        "events_base_url",
        "twilio_api_base_url",
        "moyasar_api_base_url",
        "sts_api_base_url",
        "acrel_api_base_url",
    )
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an http or https address such as https://bot.example.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _clock_on_loopback_only(self) -> "Settings":
        if self.raseed_clock_file is not None and not _is_loopback(self.public_base_url):
            raise ValueError("RASEED_CLOCK_FILE: only while PUBLIC_BASE_URL is on loopback")
        return self

    @model_validator(mode="after")
    def _vendor_is_whole(self) -> "Settings":
        if self.sts_vendor == "http":
            needed = ("sts_api_base_url", "sts_api_key", "sts_api_secret", "sts_merchant_id")
            if missing := [name.upper() for name in needed if not getattr(self, name)]:
                raise ValueError(f"{', '.join(missing)} missing: STS_VENDOR is http")
        return self

    @model_validator(mode="after")
    def _network_is_whole(self) -> "Settings":
        needed = ("acrel_api_base_url", "acrel_username", "acrel_password")
        missing = [name.upper() for name in needed if not getattr(self, name)]
        if missing and len(missing) < len(needed):
            raise ValueError(f"{', '.join(missing)} missing: the ACREL variables go together")
        return self

    @model_validator(mode="after")
    def _mail_is_whole(self) -> "Settings":
        if self.smtp_host and not self.smtp_from:
            raise ValueError("SMTP_FROM missing: SMTP_HOST is set")
        if (self.smtp_username is None) != (self.smtp_password is None):
            raise ValueError("SMTP_USERNAME and SMTP_PASSWORD go together")
        return self

    @cached_property
    def auth_tokens(self) -> tuple[str, ...]:
        """The tokens of our Twilio account: the first authenticates our calls, any verifies a signature."""
        return tuple(token.get_secret_value() for token in self.twilio_auth_token)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that `environment` (default: the process's own) makes.

    For every variable NAME, NAME_FILE may name a file that holds the value instead.
    Raises SettingsError, whose message is one line naming each variable that is missing or malformed.
    """
    given = dict(os.environ if environment is None else environment)
    values = {name: given[name.upper()] for name in Settings.model_fields if given.get(name.upper())}
    values |= _from_files(given, set(Settings.model_fields) - set(values))
    try:
        settings = Settings.model_validate(values)
        if settings.sts_vendor == "embedded":
            read_key_ring(given, settings.sts_ea07_tables)
    except ValidationError as error:
        raise SettingsError("; ".join(_complaint(found) for found in error.errors())) from None
    except KeysError as error:
        raise SettingsError(str(error)) from None
    return settings


def secret_from(environment: Mapping[str, str], name: str) -> str | None:
    """Return the value of the variable `name`, or what the file named by `name`_FILE holds; None for neither."""
    if environment.get(name):
        return environment[name]
    return _from_files(dict(environment), {name.lower()}).get(name.lower())


def _from_files(given: dict[str, str], names: set[str]) -> dict[str, str]:
    values = {}
    for name in names:
        if path := given.get(f"{name.upper()}_FILE"):
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{name.upper()}_FILE: {error}") from None
    return values


def _complaint(error: Any) -> str:
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    name = str(error["loc"][0]).upper()
    if error["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
