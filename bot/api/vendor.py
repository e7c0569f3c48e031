"""The token vendor and the network of meters, for those calls that ask them something."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from flask import current_app

from bot.api.calls import Call
from bot.problems import Problem
from bot.providers.networks import make_network
from bot.providers.vendors import make_vendor
from domain.vendors.network import MeterNetwork
from domain.vendors.port import TokenVendor
from domain.vendors.requests import MeterAt
from domain.vendors.results import Balance, MeterStatus, Reading


class Asking(Protocol):
    """What may be asked of a vendor and of a network."""

    def status(self, meter: MeterAt) -> MeterStatus:
        """Return how a meter is."""

    def readings(self, meters: Sequence[MeterAt], since: datetime, until: datetime) -> list[Reading]:
        """Return readings of meters."""


@runtime_checkable
class HasBalances(Protocol):
    """Who knows the credit on a meter."""

    def balance(self, meter: MeterAt) -> Balance:
        """Return the credit left on a meter."""


def vendor_of(call: Call) -> TokenVendor:
    """Return the vendor, made at the first call that wants it. Where there is none, that is a problem."""
    if "vendor" not in current_app.extensions:
        current_app.extensions["vendor"] = make_vendor(call.services.settings, call.services.door)
    found: TokenVendor | None = current_app.extensions["vendor"]
    if found is None:
        raise Problem(409, "no_vendor", "no token vendor is set up")
    return found


def network_of(call: Call) -> MeterNetwork:
    """Return the network, made at the first call that wants it. Where there is none, that is a problem."""
    if "network" not in current_app.extensions:
        current_app.extensions["network"] = make_network(call.services.settings)
    found: MeterNetwork | None = current_app.extensions["network"]
    if found is None:
        raise Problem(409, "no_network", "no network of meters is set up")
    return found
