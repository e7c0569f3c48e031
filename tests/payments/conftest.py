"""A company whose gateway is a Moyasar sandbox, over HTTP, and people who pay."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
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
from domain.customers import Customer
from domain.door import Visit
from domain.invoices import Invoice
from domain.ledger.chart import OPENING, house, receivable
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.ledger.verifying import verify
from domain.money import Money
from domain.notifications import Notification
from domain.payments.tables import PaymentAttempt
from domain.wallet import wallet_of
from sandbox.moyasar.app import create_app
from sandbox.moyasar.config import parse
from sandbox.moyasar.world import World
from sandbox.twilio.server import Server
from tests.chat import Chat
from tests.money import fill_wallet
from tests.moyasar.conftest import KEY, TOKEN, Sandbox
from tests.noor import HUDA, SARA, Noor


@pytest.fixture
def moyasar(tmp_path: Path) -> Iterator[Sandbox]:
    """The gateway, by the same clock as `later`. Its notices go nowhere: tests bring them themselves."""
    (tmp_path / "clock").write_text(clock.now().isoformat())
    config = {"secret_key": KEY, "webhook_secret": TOKEN, "merchant": "Noor", "merchant_ar": "النور"}
    world = World(parse({**config, "clock_file": str(tmp_path / "clock")}))
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

    def asked_for(self, chat: Chat, way: str = "payment link", what: str = "1") -> PaymentAttempt:
        """Let a customer ask in English for a way to pay, and the workers find it. Returns the payment."""
        for said in ("english", "pay", what, way):
            chat.says(said)
        self.works()
        chat.reads()
        return self.payments()[-1]

    def states(self) -> list[str]:
        """Return how far each has come."""
        return [one.status for one in self.payments()]

    def invoice(self, number: str) -> Invoice:
        """Return an invoice as it stands."""
        with self.services.door.for_every_business() as session:
            return session.scalars(select(Invoice).where(Invoice.invoice_no == number)).one()

    def numbers(self, invoice_ids: list[Any]) -> list[str]:
        """Return the numbers of invoices."""
        with self.services.door.for_every_business() as session:
            return list(session.scalars(select(Invoice.invoice_no).where(Invoice.id.in_(invoice_ids))))

    def notifications(self) -> list[tuple[str, Any]]:
        """Return what staff was told: the kind and the code."""
        with self.services.door.for_every_business() as session:
            found = session.scalars(select(Notification).order_by(Notification.created_at))
            return [(one.kind, one.facts.get("code")) for one in found]

    def fills_wallet(self, phone: str, minor: int) -> None:
        """Put money into the wallet of the customer with this phone."""
        fill_wallet(self.services.door, phone, minor)

    def wallet(self, phone: str) -> int:
        """Return what is in the wallet of the customer with this phone."""
        with self.services.door.for_business(self.noor.business_id) as session:
            customer = session.scalars(select(Customer.id).where(Customer.phone == phone)).first()
            assert customer
            return wallet_of(Visit.within(session), customer, "SAR").minor

    def book_is_whole(self) -> None:
        """Assert that the book proves itself."""
        with self.services.door.for_a_look() as session:
            assert [step.bad for step in verify(session) if step.bad] == []


@pytest.fixture
def till(services: Services, noor: Noor) -> Till:
    """The till of Noor, whose book begins with what its customers owe."""
    till = Till(services, noor)
    with services.door.for_business(noor.business_id) as session:
        owed = session.scalars(select(Invoice).where(Invoice.paid_minor < Invoice.total_minor)).all()
        post(Visit.within(session), [_opening(one) for one in owed])
    return till


def _opening(invoice: Invoice) -> Entry:
    owed = Money(invoice.total_minor - invoice.paid_minor, invoice.currency)
    lines = (debit(receivable(invoice.customer_id), owed), credit(house(OPENING), owed))
    return Entry(invoice.business_id, invoice.issue_date, "opening", "invoice", invoice.id, lines)


@pytest.fixture
def sara(app: Flask, noor: Noor) -> Chat:
    return Chat(app, SARA)


@pytest.fixture
def sara_sms(app: Flask, noor: Noor) -> Chat:
    return Chat(app, SARA, "sms")


@pytest.fixture
def huda(app: Flask, noor: Noor) -> Chat:
    return Chat(app, HUDA)


@pytest.fixture
def twice() -> Callable[..., None]:
    """Do something twice at once, each over a connection of its own."""

    def do(what: Callable[..., Any], *arguments: Any) -> None:
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(what, *arguments) for _ in range(2)]:
                done.result()

    return do
