"""A scheduler of its own, with jobs that leave a trace: `… tests.jobs.scheduler FILE` adds a line for each run."""

import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from time import sleep

from bot.jobs.plan import Planned
from bot.jobs.planned import run_due
from bot.jobs.planner import keep_planning
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.slots import Every

TRACE = Path(sys.argv[1] if len(sys.argv) > 1 else os.devnull)


def leave_a_trace(_: WorkerServices, slot: datetime) -> None:
    with TRACE.open("a", encoding="ascii") as trace:
        trace.write(f"tick {slot.isoformat()} {os.getpid()}\n")


def die_the_first_time(_: WorkerServices, slot: datetime) -> None:
    began_before = TRACE.exists() and "began" in TRACE.read_text("ascii")
    with TRACE.open("a", encoding="ascii") as trace:
        trace.write(f"{'ended' if began_before else 'began'} {slot.isoformat()} {os.getpid()}\n")
    if not began_before:
        os.kill(os.getpid(), signal.SIGKILL)


PLANS = {
    "tick": [Planned("tick", Every(timedelta(seconds=1)), leave_a_trace, every_slot=True)],
    "die": [Planned("die", Every(timedelta(seconds=2)), die_the_first_time)],
}


def main() -> None:
    services, plan = worker_services(), PLANS[sys.argv[2]]
    Thread(target=keep_planning, args=(services, lambda: False, plan)).start()
    while True:
        run_due(services, plan)
        sleep(0.1)


if __name__ == "__main__":
    main()
