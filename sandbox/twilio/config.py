"""What the sandbox is told at start: accounts, company numbers and the people who can be played."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Channel = Literal["whatsapp", "sms"]
CHANNELS: tuple[Channel, ...] = ("whatsapp", "sms")


class ConfigError(Exception):
    """The configuration can't be used; the text says which part."""


@dataclass(frozen=True, slots=True)
class Account:
    sid: str
    token: str


@dataclass(frozen=True, slots=True)
class Sender:
    """A company number (or registered name) on one channel."""

    address: str
    channel: Channel
    label: str
    account_sid: str
    label_ar: str = ""

    @property
    def wire(self) -> str:
        return f"whatsapp:{self.address}" if self.channel == "whatsapp" else self.address

    @property
    def two_way(self) -> bool:
        """A registered name can only send."""
        return self.address.startswith("+") or self.address.isdigit()


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    name_ar: str
    phone: str | None
    bsuid: str | None
    note: str
    note_ar: str


@dataclass(frozen=True, slots=True)
class MessagingService:
    sid: str
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    accounts: tuple[Account, ...]
    webhook_base_url: str
    senders: tuple[Sender, ...] = ()
    people: tuple[Person, ...] = ()
    services: tuple[MessagingService, ...] = ()
    clock_file: Path | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def load(where: str) -> Config:
    """Reads the configuration from a file, or from standard input when `where` is "-"."""
    try:
        text = sys.stdin.read() if where == "-" else Path(where).read_text(encoding="utf-8")
        data = json.loads(text)
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"cannot read the configuration {where}: {exc}") from exc
    except ValueError as exc:
        raise ConfigError(f"the configuration {where} is not JSON: {exc}") from exc
    return parse(data)


def parse(data: Any) -> Config:
    if not isinstance(data, dict):
        raise ConfigError("the configuration must be a JSON object")
    accounts = _accounts(data)
    clock_file = data.get("clock_file")
    return Config(
        accounts=accounts,
        webhook_base_url=_text(data, "webhook_base_url").rstrip("/"),
        senders=tuple(_sender(row, accounts[0].sid) for row in data.get("senders", [])),
        people=tuple(_person(row) for row in data.get("people", [])),
        services=tuple(_service(row) for row in data.get("messaging_services", [])),
        clock_file=Path(clock_file) if clock_file else None,
        settings=dict(data.get("settings") or {}),
    )


def _text(row: Any, name: str) -> str:
    value = row.get(name) if isinstance(row, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"the configuration lacks {name}")
    return value.strip()


def _accounts(data: dict[str, Any]) -> tuple[Account, ...]:
    rows = list(data.get("accounts") or [])
    if "account_sid" in data or not rows:
        rows.insert(0, data)
    return tuple(Account(_text(row, "account_sid"), _text(row, "auth_token")) for row in rows)


def _sender(row: Any, default_account: str) -> Sender:
    channel = _text(row, "channel")
    if channel not in CHANNELS:
        raise ConfigError(f"a sender's channel is whatsapp or sms, not {channel!r}")
    address = _text(row, "address").removeprefix("whatsapp:")
    return Sender(
        address=address,
        channel="whatsapp" if channel == "whatsapp" else "sms",
        label=row.get("label") or address,
        account_sid=row.get("account_sid") or default_account,
        label_ar=row.get("label_ar") or "",
    )


def _person(row: Any) -> Person:
    name = _text(row, "name")
    if not (row.get("phone") or row.get("bsuid")):
        raise ConfigError(f"{name} has neither phone nor bsuid")
    return Person(
        name=name,
        name_ar=row.get("name_ar") or name,
        phone=row.get("phone") or None,
        bsuid=row.get("bsuid") or None,
        note=row.get("note") or "",
        note_ar=row.get("note_ar") or "",
    )


def _service(row: Any) -> MessagingService:
    return MessagingService(_text(row, "sid"), tuple(row.get("senders") or ()))
