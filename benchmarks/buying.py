"""From "yes, pay" to the token's acceptance at Twilio, with a vendor that takes 100 ms for each charge."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import psycopg
from stdnum import luhn

from benchmarks.load import prepared, put_load
from benchmarks.people import SENDER
from benchmarks.sending import ANSWERS_IN_MS, sandbox
from benchmarks.waiting import working
from benchmarks.world import ACCOUNT, PUBLIC, TOKEN, World, served
from domain.businesses import Business
from domain.contacts import Contact
from domain.customers import ContactCustomer, Customer
from domain.door import Door, Visit, service_engine
from domain.ids import new_id
from domain.ledger.chart import ELSEWHERE, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.meters import Meter
from domain.money import Money
from domain.senders import Sender
from domain.tariffs import Tariff

BUYERS = 200
# So many pay in a second: far more than a city of prepaid meters does.
EACH_SECOND = 10
VENDOR_MS = 100
_URL = f"{PUBLIC}/webhooks/twilio/messages"
_FACTS = {"supply_group_code": "123456", "key_revision": "1", "ea": "11", "dkga": "04", "base_date": "2014"}
_TIMES = """
SELECT extract(epoch FROM min(message.accepted_at) - paid_at)::float
FROM purchase JOIN token ON token.purchase_id = purchase.id
JOIN message ON message.customer_id = purchase.customer_id
    AND translate(message.text, U&'\\00a0\\2066\\2069', '') LIKE '%%' || digits || '%%'
GROUP BY purchase.id, paid_at ORDER BY 1
"""


def measure(world: World) -> dict[str, Any]:
    """Return the times in milliseconds."""
    numbers = [luhn_number(at) for at in range(BUYERS)]
    _people(world, numbers)
    with sandbox(ANSWERS_IN_MS) as url, _vendor(numbers) as vendor:
        environment = {**world.environment, "TWILIO_API_BASE_URL": url, **vendor}
        with (
            served("wsgi:app", environment) as service,
            working(environment),
            psycopg.connect(world.owner_url, autocommit=True) as database,
        ):
            _until(database, "SELECT count(*) FROM vendor_health WHERE failing_since IS NULL", 1)
            put_load(service, [_says(at, "buy 20") for at in range(BUYERS)], 4)
            _until(database, "SELECT count(*) FROM purchase", BUYERS)
            for first in range(0, BUYERS, EACH_SECOND):
                put_load(service, [_says(at, "yes") for at in range(first, first + EACH_SECOND)], 4)
                sleep(0.8)
            times = _all_there(database)
    return {
        "purchases": len(times),
        "vendor_ms": VENDOR_MS,
        "p50_ms": round(times[len(times) // 2] * 1000),
        "p95_ms": round(times[int(len(times) * 0.95) - 1] * 1000),
        "p99_ms": round(times[int(len(times) * 0.99) - 1] * 1000),
        "wanted_p95_under_ms": 1000,
    }


def luhn_number(at: int) -> str:
    """Return a meter number with its check digit."""
    body = str(1_500_000_000 + at).zfill(10)
    return body + luhn.calc_check_digit(body)


def _people(world: World, numbers: list[str]) -> None:
    door, business_id = Door(service_engine(world.environment["DATABASE_URL"])), new_id()
    with door.for_business(business_id) as session:
        session.add(Business(id=business_id, code="NOOR", name_en="Noor Electricity", name_ar="كهرباء النور"))
        session.flush()
        session.add(Sender(business_id=business_id, channel="whatsapp", address=SENDER, messages_per_second=80))
        session.add(
            Tariff(business_id=business_id, code="HOME", valid_from=date(2020, 1, 1), name_en="Home", name_ar="منزلي",
                   blocks=[[0, 180_000]], currency="SAR")
        )  # fmt: skip
        entries = []
        for at, number in enumerate(numbers):
            customer = Customer(business_id=business_id, account_no=str(at), name=f"Customer {at}", language="en")
            contact = Contact(business_id=business_id, channel="whatsapp", address=_phone(at), language="en")
            session.add_all([customer, contact])
            session.flush()
            session.add(ContactCustomer(business_id=business_id, contact_id=contact.id, customer_id=customer.id))
            session.add(
                Meter(business_id=business_id, customer_id=customer.id, meter_no=number, kind="prepaid", network="sts",
                      tariff="HOME")
            )  # fmt: skip
            entries.append(_given(business_id, customer.id))
        session.flush()
        post(Visit.within(session), entries)
    door.engine.dispose()


def _given(business_id: UUID, customer_id: UUID) -> Entry:
    amount = Money(10_000, "SAR")
    lines = (debit(house(ELSEWHERE), amount), credit(wallet(customer_id), amount))
    return Entry(business_id, date(2026, 1, 1), "paid", "benchmark", new_id(), lines)


def _phone(at: int) -> str:
    return f"+9665{at:08d}"


def _says(at: int, body: str) -> bytes:
    form = {"MessageSid": f"SM{uuid4().hex}", "AccountSid": ACCOUNT, "From": f"whatsapp:{_phone(at)}"}
    return prepared(_URL, _URL, TOKEN, {**form, "To": f"whatsapp:{SENDER}", "Body": body, "NumMedia": "0"})


@contextmanager
def _vendor(numbers: list[str]) -> Iterator[dict[str, str]]:
    """Run the sandbox's vendor, slow as a real one, and return the service's variables for it."""
    program = (
        "import json, sys, threading; from sandbox.twilio.server import Server; "
        "from sandbox.vendor.app import create_app; from sandbox.vendor.config import parse; "
        "from sandbox.vendor.store import Store; from sandbox.vendor.world import World; "
        "world = World(parse(json.load(sys.stdin)), Store(None)); "
        "world.faults.add({'kind': 'slow', 'operation': 'charge', 'seconds': %s}); "
        "server = Server('127.0.0.1', 0, create_app(world)); print(server.server_address[1], flush=True); server.run()"
    ) % (VENDOR_MS / 1000)
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(_config(numbers))
        process.stdin.close()
        port = int(process.stdout.readline())
        yield {
            "STS_VENDOR": "http",
            "STS_API_BASE_URL": f"http://127.0.0.1:{port}",
            "STS_MERCHANT_ID": "noor",
            "STS_API_KEY": "key-1",
            "STS_API_SECRET": "a-secret",
            "STS_LOW_CREDIT": "0",
        }
    finally:
        process.terminate()
        process.wait(10)


def _config(numbers: list[str]) -> str:
    meters = [{**_FACTS, "meter_no": number, "link": "none", "load_watts": 0} for number in numbers]
    keys = {"123456_1": "00112233445566778899AABBCCDDEEFF00112233"}
    return json.dumps(
        {"merchant_id": "noor", "key": "key-1", "secret": "a-secret", "vending_keys": keys, "meters": meters}
    )


def _until(database: psycopg.Connection, question: str, number: int) -> None:
    for _ in range(600):
        (there,) = database.execute(question).fetchone() or (0,)
        if there >= number:
            return
        sleep(0.1)
    raise RuntimeError(f"not there in time: {question}")


def _all_there(database: psycopg.Connection) -> list[float]:
    for _ in range(600):
        times = [row[0] for row in database.execute(_TIMES.replace("%%", "%"))]
        if len(times) == BUYERS and None not in times:
            return times
        sleep(0.1)
    raise RuntimeError("not everybody got a token")
