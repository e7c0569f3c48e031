"""The company of the tests, selling electricity."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from bot.jobs.worker_services import WorkerServices, make_worker_services
from bot.settings import read_settings
from domain.door import Door
from tests.noor import Noor
from tests.purchases.world import Buying, sell
from tests.vendors.emulator import Emulator, emulator


@pytest.fixture
def box() -> Iterator[Emulator]:
    with emulator() as found:
        yield found


@pytest.fixture
def workers(environment: dict[str, str]) -> Iterator[WorkerServices]:
    made = make_worker_services(read_settings({**environment, "STS_API_TIMEOUT": "500"}))
    yield made
    made.close()


@pytest.fixture
def buying(app: Flask, door: Door, noor: Noor, box: Emulator, workers: WorkerServices) -> Buying:
    made = Buying(door, noor, box, workers, box.client(timeout=0.5, retries=0), sell(door, noor))
    made.is_up()
    return made


Pay = Callable[..., str]


@pytest.fixture
def pay(buying: Buying) -> Pay:
    """Pay a purchase from the wallet, and return what came of it."""
    from domain.door import Visit
    from domain.purchases import booking

    def do(purchase_id: object, how: str = "pay") -> str:
        with buying.door.for_business(buying.noor.business_id) as session:
            outcome: str = getattr(booking, how)(Visit.within(session), purchase_id)
            return outcome

    return do
