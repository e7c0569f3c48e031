"""Workers' services for reminders."""

from collections.abc import Iterator

import pytest

from bot.jobs.worker_services import WorkerServices, make_worker_services
from bot.settings import Settings


@pytest.fixture
def worker(settings: Settings, empty: None) -> Iterator[WorkerServices]:
    made = make_worker_services(settings)
    yield made
    made.redis.flushdb()
    made.close()
