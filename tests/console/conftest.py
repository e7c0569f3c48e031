"""A company with staff at the console."""

import pytest
from flask import Flask

from tests.console.people import Visitor, at_work, visitor
from tests.noor import Noor


@pytest.fixture
def admin(app: Flask, noor: Noor) -> Visitor:
    return at_work(app, noor.business_id, "admin")


@pytest.fixture
def agent(app: Flask, noor: Noor) -> Visitor:
    return at_work(app, noor.business_id, "agent")


@pytest.fixture
def viewer(app: Flask, noor: Noor) -> Visitor:
    return at_work(app, noor.business_id, "viewer")


@pytest.fixture
def nobody(app: Flask) -> Visitor:
    return visitor(app)
