"""The sandbox's vendor in this process, and our client pointed at it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bot.providers.sts_http import HttpVendor
from bot.providers.sts_signature import Credentials
from bot.providers.sts_transport import Transport
from domain.ids import new_id
from domain.vendors.errors import OutcomeUnknown
from domain.vendors.requests import ChargeRequest, MeterAt
from domain.vendors.results import Charge
from domain.vendors.settling import verified
from sandbox.twilio.server import Server
from sandbox.vendor.app import create_app
from sandbox.vendor.config import parse
from sandbox.vendor.store import Store
from sandbox.vendor.world import World

CREDENTIALS = Credentials("noor", "key-1", "a-secret")
FACTS = {"supply_group_code": "123456", "key_revision": "1", "ea": "11", "dkga": "04", "base_date": "2014"}
CONFIG: dict[str, Any] = {
    "merchant_id": "noor",
    "key": "key-1",
    "secret": "a-secret",
    "vending_keys": {"123456_1": "00112233445566778899AABBCCDDEEFF00112233", "123456_2": "11" * 20},
    "meters": [
        {**FACTS, "meter_no": "01412301374", "link": "rf", "load_watts": 0, "label": "Home", "label_ar": "البيت"},
        {**FACTS, "meter_no": "01412302745", "link": "none", "load_watts": 0},
    ],
    "seconds_to_confirm": 0,
}
HOME = MeterAt(new_id(), new_id(), "01412301374")
OFF_LINE = MeterAt(new_id(), new_id(), "01412302745")


@dataclass
class Emulator:
    """The vendor, and ways to look behind it."""

    url: str
    world: World

    def client(self, timeout: float = 0.5, retries: int = 3, credentials: Credentials = CREDENTIALS) -> HttpVendor:
        return HttpVendor(Transport(self.url, credentials, timeout), retries)

    def paths(self) -> list[str]:
        """The paths of the API."""
        rules = create_app(self.world).url_map.iter_rules()
        return [rule.rule for rule in rules if rule.rule.startswith("/v1/")]

    def fault(self, kind: str, **more: Any) -> None:
        requests.post(f"{self.url}/control/faults", json={"kind": kind, **more}, timeout=5).raise_for_status()

    def books(self) -> Any:
        return requests.get(f"{self.url}/control/books", timeout=5).json()

    def type_in(self, meter: MeterAt, digits: str) -> Any:
        entered = requests.post(f"{self.url}/meters/{meter.meter_no}/enter", json={"digits": digits}, timeout=5)
        return entered.json()["entry"]


def charge_or_verify(client: HttpVendor, request: ChargeRequest) -> Charge | None:
    """Charge once, and where the outcome is unknown ask once, as a worker does in two steps."""
    try:
        return client.charge(request)
    except OutcomeUnknown:
        return verified(client, request)


@contextmanager
def emulator(state: Path | None = None, **changes: Any) -> Iterator[Emulator]:
    store = Store(state)
    world = World(parse({**CONFIG, **changes}), store)
    server = Server("127.0.0.1", 0, create_app(world))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Emulator(f"http://127.0.0.1:{server.server_address[1]}", world)
    server.stop()
    thread.join()
    store.close()
