"""The token vendor and the network of a worker process: made at their first use, after it was forked."""

import os
from functools import cache

from bot.jobs.worker_services import worker_services
from bot.providers.networks import make_network
from bot.providers.vendors import make_vendor
from domain.vendors.network import MeterNetwork
from domain.vendors.port import TokenVendor


def process_vendor() -> TokenVendor | None:
    """Return the vendor of this process; None where the environment names none."""
    return _vendor(os.getpid())


@cache
def _vendor(_: int) -> TokenVendor | None:
    services = worker_services()
    return make_vendor(services.settings, services.door)


def process_network() -> MeterNetwork | None:
    """Return the network of this process; None where the environment names none."""
    return _network(os.getpid())


@cache
def _network(_: int) -> MeterNetwork | None:
    return make_network(worker_services().settings)
