"""Works a billing run in processes that die, one after the other: `python -m tests.billing.killed RUN BATCH N N …`.

The first dies (kill -9) before its N-th question to the database, then comes the second with its N, and so on. With 0
it works undisturbed, to the end.
"""

import os
import signal
import sys
from uuid import UUID

from bot.billing.running import work_run
from bot.services import make_services
from bot.settings import read_settings
from tests.wire import before_each_question


def main() -> None:
    run_id, batch = UUID(sys.argv[1]), int(sys.argv[2])
    killed = 0
    for point in map(int, sys.argv[3:]):
        child = os.fork()
        if not child:
            _work(run_id, batch, point)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        assert killed or os.waitstatus_to_exitcode(status) == 0
    sys.stdout.write(str(killed))


def _work(run_id: UUID, batch: int, point: int) -> None:
    services, steps = make_services(read_settings()), 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == point:
            os.kill(os.getpid(), signal.SIGKILL)

    with before_each_question(step):
        work_run(services, run_id, batch=batch)
    services.bell.close()


if __name__ == "__main__":
    main()
