"""A company with staff."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.api.people import Asker, signed_in
from tests.noor import Noor
from tests.vendors.emulator import CREDENTIALS, FACTS, emulator


@pytest.fixture(scope="session")
def vendor_url() -> Iterator[str]:
    """The vendor of the company, who knows one of its meters."""
    with emulator(meters=[{**FACTS, "meter_no": "01412301374", "link": "rf", "load_watts": 0}]) as box:
        yield box.url


@pytest.fixture
def environment(environment: dict[str, str], vendor_url: str) -> dict[str, str]:
    vendor = {"STS_VENDOR": "http", "STS_API_BASE_URL": vendor_url, "STS_MERCHANT_ID": CREDENTIALS.merchant_id}
    # Nobody listens there: what meters are told waits.
    network = {"ACREL_API_BASE_URL": "http://127.0.0.1:9", "ACREL_USERNAME": "noor", "ACREL_PASSWORD": "secret"}
    return {**environment, **vendor, **network, "STS_API_KEY": CREDENTIALS.key, "STS_API_SECRET": CREDENTIALS.secret}


@pytest.fixture
def admin(app: Flask, noor: Noor) -> Asker:
    return signed_in(app, noor.business_id, "admin")


@pytest.fixture
def agent(app: Flask, noor: Noor) -> Asker:
    return signed_in(app, noor.business_id, "agent")


@pytest.fixture
def viewer(app: Flask, noor: Noor) -> Asker:
    return signed_in(app, noor.business_id, "viewer")


@pytest.fixture
def nobody(app: Flask) -> Asker:
    return Asker(app)
