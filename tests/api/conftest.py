"""A company with staff."""

import pytest
from flask import Flask

from tests.api.people import Asker, signed_in
from tests.noor import Noor


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
