"""The service with a network: its web process over HTTP, for the network's pushes."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from bot.jobs.worker_services import WorkerServices, make_worker_services
from bot.settings import Settings, read_settings
from domain.door import Door
from domain.vendors.requests import MeterAt
from sandbox.twilio.server import Server
from tests.acrel.box import SECRET, Box, acrel_meter, network
from tests.noor import Noor


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return read_settings({**environment, "ACREL_WEBHOOK_SECRET": SECRET})


@pytest.fixture
def web(app: Flask) -> Iterator[str]:
    """The address of our web process."""
    server = Server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.stop()
    thread.join()


@pytest.fixture
def box(web: str) -> Iterator[Box]:
    with network(webhook_url=f"{web}/webhooks/acrel") as found:
        yield found


@pytest.fixture
def meter(door: Door, noor: Noor) -> MeterAt:
    return acrel_meter(door, noor)


@pytest.fixture
def worker(settings: Settings) -> Iterator[WorkerServices]:
    made = make_worker_services(settings)
    yield made
    made.close()
