"""Sara, who chats, and staff who may take over."""

import pytest
from flask import Flask

from tests.api.people import Asker, signed_in
from tests.chat import Chat
from tests.noor import SARA, Noor


@pytest.fixture
def sara(app: Flask, noor: Noor) -> Chat:
    return Chat(app, SARA)


@pytest.fixture
def agent(app: Flask, noor: Noor) -> Asker:
    return signed_in(app, noor.business_id, "agent", "first@noor.example")


@pytest.fixture
def colleague(app: Flask, noor: Noor) -> Asker:
    return signed_in(app, noor.business_id, "agent", "second@noor.example")
