"""A call that asks the vendor holds no connection to the database meanwhile, and asks for one thing once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
import requests
from flask import Flask
from sqlalchemy import update

from bot.services import Services
from domain.door import Door
from domain.meters import Meter
from tests.api.people import Asker
from tests.noor import Noor

PATH = "/meters/01412301374/maintenance-code"
BODY = {"reason": "The cover was opened by us", "purpose": "clear_tamper"}


@pytest.fixture
def slow(door: Door, noor: Noor, vendor_url: str) -> Iterator[None]:
    with door.for_business(noor.business_id) as session:
        session.execute(update(Meter).where(Meter.meter_no == "07098765432").values(meter_no="01412301374"))
    requests.post(
        f"{vendor_url}/control/faults",
        json={"kind": "slow", "operation": "maintenance_code", "seconds": 1.0},
        timeout=5,
    ).raise_for_status()
    yield
    requests.delete(f"{vendor_url}/control/faults", timeout=5)


def test_no_connection_is_held_while_the_vendor_is_asked(
    app: Flask, services: Services, agent: Asker, slow: None
) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(agent.asks, "POST", PATH, BODY)
        sleep(0.6)
        held = services.door.engine.pool.checkedout()  # type: ignore[attr-defined]
        assert not asked.done()
        assert asked.result().status_code == 200
    assert held == 0


def test_the_same_request_twice_at_once_is_one_code(agent: Asker, slow: None, vendor_url: str, admin: Asker) -> None:
    before = len(requests.get(f"{vendor_url}/control/books", timeout=5).json()["codes"])
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(agent.asks, "POST", PATH, BODY, Idempotency_Key="the-same-key") for _ in range(2)]
        answers = [one.result() for one in asked]
    answers.append(agent.asks("POST", PATH, BODY, Idempotency_Key="the-same-key"))
    # Whoever comes while the first is still being written down is told so, and comes again.
    assert {one.status_code for one in answers} <= {200, 409}
    assert answers[-1].status_code == 200
    assert len({one.json["code"] for one in answers if one.status_code == 200}) == 1
    after = requests.get(f"{vendor_url}/control/books", timeout=5).json()["codes"]
    assert len(after) == before + 1
    audited = [one for one in admin.gets("/audit")["items"] if one["action"] == "meter.maintenance_code"]
    assert audited
    assert {one["after"]["reference"] for one in audited} == {after[-1]["reference"]}
