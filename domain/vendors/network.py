"""The port of a network of meters: meters that report by themselves, are told things, and keep what they were told.

A network is no token vendor: it issues nothing. Whatever it is told only counts when a meter's own report says so.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.vendors.capabilities import Capability
from domain.vendors.requests import CommandRequest, MeterAt
from domain.vendors.results import CommandStatus, Connection, MeterReport, MeterStatus, Reading


class Commanded(Protocol):
    """Who takes commands to meters: a token vendor, or a network."""

    def command(self, request: CommandRequest) -> CommandStatus:
        """Tell a meter to do something. The same reference again does nothing more."""

    def command_status(self, meter: MeterAt, reference: str) -> CommandStatus | None:
        """Return how far the command with `reference` has come; None when nobody knows of one."""


class MeterNetwork(Commanded, Protocol):
    """A network. What raises which error is as with TokenVendor.

    No command is ever answered with `confirmed`: that is for `domain.vendors.reports` to say, by what a meter reports.
    """

    def capabilities(self) -> frozenset[Capability]:
        """Return what this network can do; asks nobody."""

    def reading(self, meter: MeterAt) -> Reading:
        """Return a meter's latest reading."""

    def readings(self, meters: Sequence[MeterAt], since: datetime, until: datetime) -> list[Reading]:
        """Return the readings of up to 100 meters from `since` to before `until`, by meter, the oldest first."""

    def status(self, meter: MeterAt) -> MeterStatus:
        """Return how a meter is, by its latest report."""

    def report(self, meter: MeterAt) -> MeterReport | None:
        """Return what a meter has reported last; None when it never did."""

    def test_connection(self) -> Connection:
        """Ask the network for nothing, to see that it answers."""
