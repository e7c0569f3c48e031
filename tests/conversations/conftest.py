"""People who talk to Noor."""

import pytest
from flask import Flask

from tests.chat import Chat
from tests.noor import HUDA, OMAR, PAUSED, SARA, STRANGER, Noor


@pytest.fixture
def sara(app: Flask, noor: Noor) -> Chat:
    return Chat(app, SARA)


@pytest.fixture
def sara_sms(app: Flask, noor: Noor) -> Chat:
    return Chat(app, SARA, "sms")


@pytest.fixture
def omar(app: Flask, noor: Noor) -> Chat:
    return Chat(app, OMAR)


@pytest.fixture
def huda(app: Flask, noor: Noor) -> Chat:
    return Chat(app, HUDA)


@pytest.fixture
def paused(app: Flask, noor: Noor) -> Chat:
    return Chat(app, PAUSED)


@pytest.fixture
def stranger(app: Flask, noor: Noor) -> Chat:
    return Chat(app, STRANGER)
