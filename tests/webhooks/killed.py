"""Takes one inbound message in, and dies at the n-th step of it: `python -m tests.webhooks.killed N NAME=VALUE …`."""

import os
import signal
import sys

from sqlalchemy import event

from bot.app import create_app
from tests.twilio import deliver


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    point, form = int(sys.argv[1]), dict(pair.split("=", 1) for pair in sys.argv[2:])
    app = create_app()
    engine = app.extensions["raseed"].door.engine
    with engine.connect():
        pass  # what a new connection asks of the server is no step of a turn
    steps = 0

    def step(*_: object) -> None:
        nonlocal steps
        if steps == point:
            _die()
        steps += 1

    event.listen(engine, "before_cursor_execute", step)
    event.listen(engine, "commit", step)
    deliver(app, form)
    _die()


if __name__ == "__main__":
    main()
