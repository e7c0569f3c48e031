"""Carries payments on, and dies before the n-th question to the database: `python -m tests.payments.killed N`."""

import os
import signal
import sys

from bot.jobs.payments import carry_all
from bot.providers.gateways import make_gateway
from bot.services import make_services
from bot.settings import read_settings
from tests.wire import before_each_question


def main() -> None:
    point, steps = int(sys.argv[1]), 0
    services = make_services(read_settings())
    with services.door.engine.connect():
        pass  # what a new connection asks of the server is no step of ours

    def step() -> None:
        nonlocal steps
        if steps >= point:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    with before_each_question(step):
        carry_all(services, make_gateway(services.settings))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
