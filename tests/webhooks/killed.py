"""Takes a message in, and dies before the n-th question to the database: `… tests.webhooks.killed N NAME=VALUE …`."""

import os
import signal
import sys

from bot.app import create_app
from tests.twilio import deliver
from tests.wire import before_each_question


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    point, form = int(sys.argv[1]), dict(pair.split("=", 1) for pair in sys.argv[2:])
    app = create_app()
    with app.extensions["raseed"].door.engine.connect():
        pass  # what a new connection asks of the server is no step of a turn
    steps = 0

    def step() -> None:
        nonlocal steps
        if steps == point:
            _die()
        steps += 1

    with before_each_question(step):
        deliver(app, form)
    _die()


if __name__ == "__main__":
    main()
