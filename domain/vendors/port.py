"""The port: all that may be asked of a vendor, whoever it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.vendors.capabilities import Capability
from domain.vendors.requests import ChargeRequest, CommandRequest, MaintenanceRequest, MeterAt
from domain.vendors.results import (
    Balance,
    Charge,
    CommandStatus,
    Connection,
    MaintenanceCode,
    MeterStatus,
    Reading,
    TokenCheck,
)


class TokenVendor(Protocol):
    """A vendor. Whatever it cannot do raises NotSupported.

    Questions raise Refused and Unreachable. What does something (charge, maintenance code, command) raises Refused or
    Unreachable when it was certainly not done, and OutcomeUnknown when nobody knows: then ask, with the same reference,
    before anything else. None of these may be called inside a turn or while a transaction of ours is open.
    """

    def capabilities(self) -> frozenset[Capability]:
        """Return what this vendor can do; asks nobody."""

    def charge(self, request: ChargeRequest) -> Charge:
        """Issue tokens. The same reference again answers the same tokens."""

    def verify_charge(self, meter: MeterAt, reference: str) -> Charge | None:
        """Return the charge that was made with `reference`; None when the vendor knows of none."""

    def reading(self, meter: MeterAt) -> Reading:
        """Return a meter's latest reading."""

    def readings(self, meters: Sequence[MeterAt], since: datetime, until: datetime) -> list[Reading]:
        """Return the readings of up to 100 meters from `since` to before `until`, by meter, the oldest first."""

    def status(self, meter: MeterAt) -> MeterStatus:
        """Return how a meter is."""

    def balance(self, meter: MeterAt) -> Balance:
        """Return the credit left on a meter."""

    def maintenance_code(self, request: MaintenanceRequest) -> MaintenanceCode:
        """Get a code for somebody at the meter. The same reference again answers the same code."""

    def command(self, request: CommandRequest) -> CommandStatus:
        """Tell a meter to do something. The same reference again does nothing more."""

    def command_status(self, meter: MeterAt, reference: str) -> CommandStatus | None:
        """Return how far the command with `reference` has come; None when the vendor knows of none."""

    def check_token(self, meter: MeterAt, digits: str) -> TokenCheck:
        """Tell what the 20 digits of a token are to a meter."""

    def test_connection(self) -> Connection:
        """Ask the vendor for nothing, to see that it answers."""
