"""A company whose gateway is a Moyasar sandbox, over HTTP, and people who pay."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bot.app import create_app as create_service
from bot.jobs.payments import carry_all
from bot.providers.gateways import make_gateway
from bot.services import Services
from bot.settings import Settings, read_settings
from domain import clock
from domain.invoices import Invoice
from domain.ledger.verifying import verify
from domain.notifications import Notification
from domain.payments.tables import PaymentAttempt
from sandbox.moyasar.app import create_app
from sandbox.moyasar.config import parse
from sandbox.moyasar.world import World
from sandbox.twilio.server import Server
from tests.chat import Chat
from tests.moyasar.conftest import KEY, TOKEN, Sandbox
from tests.noor import SARA, Noor


@pytest.fixture
def moyasar() -> Iterator[Sandbox]:
    """The gateway. Its notices go nowhere: tests bring them themselves."""
    world = World(parse({"secret_key": KEY, "webhook_secret": TOKEN, "merchant": "Noor", "merchant_ar": "النور"}))
    server = Server("127.0.0.1", 0, create_app(world))
    world.desk.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.run)
    thread.start()
    running = Sandbox(world.desk.base)
    yield running
    running.http.close()
    server.stop()
    thread.join()
    world.stop()


@pytest.fixture
def settings(environment: dict[str, str], moyasar: Sandbox) -> Settings:
    ours = {
        "MOYASAR_API_BASE_URL": f"{moyasar.url}/v1",
        "MOYASAR_SECRET_KEY": KEY,
        "MOYASAR_WEBHOOK_SECRET": TOKEN,
    }
    return read_settings({**environment, **ours})


@pytest.fixture
def app(settings: Settings, empty: None) -> Iterator[Flask]:
    app = create_service(settings)
    yield app
    services: Services = app.extensions["raseed"]
    services.bell.close()
    services.redis.flushdb()
    services.close()
    clock.use_file(None)


@dataclass
class Till:
    """The company's side of payments: what its workers do, and what its books say."""

    services: Services
    noor: Noor

    def works(self) -> int:
        """Let the workers carry on all that is due."""
        return carry_all(self.services, make_gateway(self.services.settings))

    def payments(self) -> list[PaymentAttempt]:
        """Return every payment, the oldest first."""
        with self.services.door.for_every_business() as session:
            return list(session.scalars(select(PaymentAttempt).order_by(PaymentAttempt.id)))

    def states(self) -> list[str]:
        """Return how far each has come."""
        return [one.status for one in self.payments()]

    def invoice(self, number: str) -> Invoice:
        """Return an invoice as it stands."""
        with self.services.door.for_every_business() as session:
            return session.scalars(select(Invoice).where(Invoice.invoice_no == number)).one()

    def notifications(self) -> list[tuple[str, Any]]:
        """Return what staff was told: the kind and the code."""
        with self.services.door.for_every_business() as session:
            found = session.scalars(select(Notification).order_by(Notification.created_at))
            return [(one.kind, one.facts.get("code")) for one in found]

    def book_is_whole(self) -> None:
        """Assert that the book proves itself."""
        with self.services.door.for_a_look() as session:
            assert [step.bad for step in verify(session) if step.bad] == []


@pytest.fixture
def till(services: Services, noor: Noor) -> Till:
    return Till(services, noor)


@pytest.fixture
def sara(app: Flask, noor: Noor) -> Chat:
    return Chat(app, SARA)


@pytest.fixture
def sara_sms(app: Flask, noor: Noor) -> Chat:
    return Chat(app, SARA, "sms")
