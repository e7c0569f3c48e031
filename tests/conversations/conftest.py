"""People who talk to Noor, and what happens by itself meanwhile."""

from collections.abc import Callable

import pytest
from flask import Flask

from bot.channels.contents import Contents
from bot.jobs.timers import fire_all
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
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


@pytest.fixture
def stranger_sms(app: Flask, noor: Noor) -> Chat:
    return Chat(app, STRANGER, "sms")


@pytest.fixture
def fire(services: Services) -> Callable[[], int]:
    made = WorkerServices(
        services.settings,
        services.door,
        services.redis,
        services.bell,
        services.accounts,
        Contents(services.door),
        None,
    )
    return lambda: fire_all(made)
