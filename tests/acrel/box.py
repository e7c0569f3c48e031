"""The sandbox's network in this process, and our client pointed at it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import select

from bot.providers.acrel import AcrelNetwork
from bot.providers.acrel_transport import AcrelTransport
from domain.customers import Customer
from domain.door import Door
from domain.meters import Meter
from domain.vendors.meter_commands import MeterCommand
from domain.vendors.requests import MeterAt
from sandbox.acrel.app import create_app
from sandbox.acrel.config import parse
from sandbox.acrel.pushing import push
from sandbox.acrel.world import World
from sandbox.twilio.server import Server
from tests.noor import SARA, Noor

NUMBER = "01412304113"
SECRET = "the-secret-of-the-network"
CONFIG: dict[str, Any] = {
    "username": "noor",
    "password": "a-password",
    "meters": [{"meter_no": NUMBER, "load_watts": 0, "label": "Farm", "label_ar": "المزرعة"}],
    "webhook_secret": SECRET,
    "seconds_to_apply": 0,
    "report_minutes": 1440,
}


@dataclass
class Box:
    """The network, and ways to look behind it."""

    url: str
    world: World

    def client(self, timeout: float = 0.5, user: str = "noor") -> AcrelNetwork:
        return AcrelNetwork(AcrelTransport(self.url, user, "a-password", timeout))

    def fault(self, kind: str, **more: Any) -> None:
        requests.post(f"{self.url}/control/faults", json={"kind": kind, **more}, timeout=5).raise_for_status()

    def passes(self) -> None:
        """Let meters do what they were told, report, and have it pushed."""
        self.world.tick()
        push(self.world)


@contextmanager
def network(state: Path | None = None, **changes: Any) -> Iterator[Box]:
    world = World(parse({**CONFIG, **changes}), state)
    server = Server("127.0.0.1", 0, create_app(world))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Box(f"http://127.0.0.1:{server.server_address[1]}", world)
    server.stop()
    thread.join()
    world.close()


def acrel_meter(door: Door, noor: Noor, number: str = NUMBER, phone: str = SARA) -> MeterAt:
    """Give a customer a postpaid meter on the network."""
    with door.for_business(noor.business_id) as session:
        owner = session.scalars(select(Customer).where(Customer.phone == phone)).first()
        assert owner is not None
        meter = Meter(business_id=noor.business_id, customer_id=owner.id, meter_no=number, kind="postpaid",
                      network="acrel")  # fmt: skip
        session.add(meter)
        session.flush()
        return MeterAt(noor.business_id, meter.id, number)


def asked(door: Door, meter: MeterAt, **other: Any) -> UUID:
    """Write a command down."""
    with door.for_business(meter.business_id) as session:
        said = {"command": "disconnect", "reason": "asked for by its owner", **other}
        row = MeterCommand(business_id=meter.business_id, meter_id=meter.meter_id, **said)
        session.add(row)
        session.flush()
        return row.id


def state(door: Door, command_id: UUID) -> str:
    """Return how far a command has come."""
    with door.for_every_business() as session:
        return session.scalars(select(MeterCommand.state).where(MeterCommand.id == command_id)).one()
