"""Sara, who chats, and staff who may take over."""

from collections.abc import Iterator

import pytest
from flask import Flask

from bot.app import create_app
from bot.channels.contents import Contents
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from bot.settings import read_settings
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


@pytest.fixture
def mailing(environment: dict[str, str], app: Flask) -> Iterator[WorkerServices]:
    """A service that sends mails, to a server that nobody asks here."""
    with_mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "9", "SMTP_FROM": "no-reply@noor.example"}
    services: Services = create_app(read_settings({**environment, **with_mail})).extensions["raseed"]
    yield WorkerServices(
        services.settings,
        services.door,
        services.redis,
        services.bell,
        services.accounts,
        Contents(services.door),
        None,
    )
    services.close()
