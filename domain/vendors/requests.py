"""What a vendor is asked: values, without a connection or a database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

_REFERENCE: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class MeterAt:
    """A meter: its number as customers know it, and the rows that it and its business have with us.

    Only the number ever leaves us.
    """

    business_id: UUID
    meter_id: UUID
    meter_no: str


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """Issue tokens worth `units` tenths of a kWh (at least 1).

    `reference` is ours, 8 to 64 letters, digits, `-` and `_`; one reference is one charge, however often it is sent.
    """

    reference: str
    meter: MeterAt
    units: int

    def __post_init__(self) -> None:
        """Raise ValueError where a field is not as said above."""
        checked_reference(self.reference)
        if self.units < 1:
            raise ValueError(f"a charge has at least 1 tenth of a kWh, not {self.units}")


class Purpose(StrEnum):
    """What a maintenance code is for."""

    CLEAR_TAMPER = "clear_tamper"
    CLEAR_CREDIT = "clear_credit"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class MaintenanceRequest:
    """Give a code that somebody at the meter types in. `minutes` is how long it should hold, 1 to 1,440."""

    reference: str
    meter: MeterAt
    purpose: Purpose
    minutes: int = 60

    def __post_init__(self) -> None:
        """Raise ValueError where a field is not as said above."""
        checked_reference(self.reference)
        if not 1 <= self.minutes <= 1440:
            raise ValueError(f"a maintenance code holds 1 to 1,440 minutes, not {self.minutes}")


class Command(StrEnum):
    """What a meter may be told from afar."""

    DISCONNECT = "disconnect"
    RECONNECT = "reconnect"
    REDUCE_AMPERAGE = "reduce_amperage"
    INCREASE_AMPERAGE = "increase_amperage"
    TURN_ON = "turn_on"
    TURN_OFF = "turn_off"
    SET_TARIFF = "set_tariff"
    SET_QUOTA = "set_quota"
    SET_CREDIT_LIMIT = "set_credit_limit"
    SET_MODE = "set_mode"
    SET_COMMUNICATION = "set_communication"


_WITH_AMPERES: Final = (Command.REDUCE_AMPERAGE, Command.INCREASE_AMPERAGE)
# What goes with each command that sets something; only a network of meters (domain/vendors/network.py) knows these.
SETTINGS: Final[Mapping[Command, frozenset[str]]] = {
    Command.SET_TARIFF: frozenset({"tariff"}),
    Command.SET_QUOTA: frozenset({"month", "watt_hours"}),
    Command.SET_CREDIT_LIMIT: frozenset({"minor", "currency"}),
    Command.SET_MODE: frozenset({"mode"}),
    Command.SET_COMMUNICATION: frozenset({"report_minutes"}),
}


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """Tell a meter to do something. `amperes` (1 to 200) goes with the two commands that change it, and no other.

    `settings` go with the commands that set something, as `SETTINGS` names them: a tariff's code; a quota for a month
    (2026-11) in watt-hours; a credit limit in minor units; prepaid or postpaid; minutes between reports.
    """

    reference: str
    meter: MeterAt
    command: Command
    reason: str
    amperes: int | None = None
    settings: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where a field is not as said above."""
        checked_reference(self.reference)
        if (self.command in _WITH_AMPERES) != (self.amperes is not None):
            raise ValueError(f"{self.command}: amperes go with {' and '.join(_WITH_AMPERES)} only, and must be there")
        if self.amperes is not None and not 1 <= self.amperes <= 200:
            raise ValueError(f"amperes are 1 to 200, not {self.amperes}")
        if frozenset(self.settings or ()) != SETTINGS.get(self.command, frozenset()):
            raise ValueError(f"{self.command}: these are not its settings")


def checked_reference(reference: str) -> str:
    """Return a reference of ours as it is. Raises ValueError when it isn't one."""
    if not _REFERENCE.fullmatch(reference):
        raise ValueError("a reference is 8 to 64 letters, digits, - and _")
    return reference
