"""What a vendor answers: values, already checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.vendors.capabilities import Capability


class TokenKind(StrEnum):
    """What a token does. Key changes are entered before credit, in the order given."""

    KEY_CHANGE = "key_change"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """The 20 `digits` of a token. `units` are tenths of a kWh as the meter credits them; 0 for a key change."""

    kind: TokenKind
    digits: str
    units: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """Tokens that were issued, in the order in which they are entered."""

    reference: str
    vendor_id: str
    meter_no: str
    units: int
    tokens: tuple[IssuedToken, ...]
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter had counted at an instant: watt-hours, since it was made."""

    meter_no: str
    read_at: datetime
    watt_hours: int


class Link(StrEnum):
    """How a meter is reached: by radio, over a wire, or not at all (customers type their tokens)."""

    RF = "rf"
    WIRED = "wired"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MeterStatus:
    """How a meter is. `signal_dbm` is dBm, nothing for a wire; `supplied`: the customer has electricity now."""

    meter_no: str
    connected: bool
    supplied: bool
    link: Link
    concentrator_id: str | None
    signal_dbm: int | None
    last_contact_at: datetime | None
    amperes: int | None


@dataclass(frozen=True, slots=True)
class Balance:
    """The credit left on a meter: watt-hours, at that instant."""

    meter_no: str
    watt_hours: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MaintenanceCode:
    """A code for somebody at the meter; it holds until `expires_at`."""

    reference: str
    vendor_id: str
    meter_no: str
    code: str
    expires_at: datetime


class Finding(StrEnum):
    """What a token is to a meter.

    `GOOD` is credit that it accepts, unless it has done so before, which `USED` knows for certain; `OLD` is from before
    the meter got another key; `EXPIRED` outlived that key; `NO_CREDIT` is for the meter itself; `UNREADABLE` is another
    meter's, or has a wrong digit; `OTHER_METER` is another one's for certain.
    """

    GOOD = "good"
    USED = "used"
    OLD = "old"
    EXPIRED = "expired"
    NO_CREDIT = "no_credit"
    UNREADABLE = "unreadable"
    OTHER_METER = "other_meter"


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """What was found of a token: its tenths of a kWh and when it was issued, where it is good; else whose it is."""

    finding: Finding
    units: int = 0
    issued_at: datetime | None = None
    meter_no: str | None = None

    @property
    def kwh(self) -> Decimal:
        """How much electricity it is."""
        return Decimal(self.units).scaleb(-1)


class CommandState(StrEnum):
    """How far a command has come at the vendor."""

    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CommandStatus:
    """A command, and how far it has come. `reason` says why it failed."""

    reference: str
    vendor_id: str
    meter_no: str
    state: CommandState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """The vendor answers. `credit_minor` is our credit with it, in minor units of `currency`, where it keeps one."""

    vendor: str
    capabilities: frozenset[Capability]
    credit_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class MeterReport:
    """What a meter says of itself, at an instant by its own clock: what it has counted (watt-hours), and whether it
    supplies.

    `settings` is what it was told to keep, by the name of the command that told it; only what it speaks of.
    """

    meter_no: str
    at: datetime
    watt_hours: int | None
    supplied: bool | None
    settings: Mapping[str, Any] = field(default_factory=dict)
