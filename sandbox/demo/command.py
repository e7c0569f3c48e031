"""The command: runs the demo from its first line to its last."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from sandbox.demo import marks
from sandbox.demo.errors import DemoError
from sandbox.demo.folder import HOME, DemoFolder
from sandbox.demo.interrupts import Interrupts
from sandbox.demo.lock import Held, Lock, held
from sandbox.demo.make import ended_make
from sandbox.demo.ports import Ports, check_free, read_ports
from sandbox.demo.supervisor import GivenUp
from sandbox.demo.talk import complain, say
from sandbox.demo.whole import Demo
from sandbox.servers import ServerError


def main(arguments: Sequence[str]) -> int:
    """Run the demo until SIGINT or SIGTERM. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__, epilog="example: make demo RESET=1")
    parser.add_argument("what", choices=["demo"])
    parser.add_argument("--reset", action="store_true", help="start over: forget everything that was said")
    parser.add_argument("--home", type=Path, default=HOME, help="the folder for all that it keeps (default: .demo)")
    chosen = parser.parse_args(arguments)
    interrupts = Interrupts()
    made_to_stop = ended_make()
    try:
        interrupts.listen()
        ports, folder = read_ports(), DemoFolder(chosen.home.absolute())
        with _alone(folder, ports) as lock:
            _run(Demo(folder, ports), lock, interrupts, reset=chosen.reset, ended=made_to_stop)
    except KeyboardInterrupt:
        return 0
    except (DemoError, GivenUp, Held, ServerError, OSError) as error:
        complain(str(error))
        return 1
    return 0


@contextmanager
def _alone(folder: DemoFolder, ports: Ports) -> Iterator[Lock]:
    """Be the only demo in `folder`, with the ports free; what a killed one left is ended first."""
    folder.make()
    try:
        with held(folder.lock) as lock:
            marks.end_leftovers(folder.mark)
            check_free(ports)
            yield lock
    except Held as error:
        check_free(ports, str(error))
        raise


def _run(demo: Demo, lock: Lock, interrupts: Interrupts, *, reset: bool, ended: Callable[[], bool]) -> None:
    began = monotonic()
    try:
        if reset:
            demo.reset()
        demo.start(began)
        demo.supervisor.watch(ended)
    finally:
        interrupts.stopping = True
        lock.say_stopping()
        say("Stopping …")
        demo.supervisor.stop(lambda: interrupts.hurry)
        marks.end_marked(demo.folder.mark, 0)
        say("Stopped. Everything that was said is kept for the next time.")
