"""One run, from an empty house to its numbers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from tests.chaos.faults import Faults
from tests.chaos.history import histories
from tests.chaos.house import House, house, open_house
from tests.chaos.killers import Killers
from tests.chaos.outgoing import Writer
from tests.chaos.people import settle_people
from tests.chaos.plan import FLUSH, PAUSE, Size, blows
from tests.chaos.rows import read_pending, read_rows
from tests.chaos.settle import settle
from tests.chaos.talks import Talks
from tests.chaos.twilio import Twilio
from tests.chaos.verdict import MUST_BE_ZERO, Verdict, judge
from tests.chaos.watch import install_watch, read_steps

_TICK = 0.1
Tell = Callable[[str, float], None]


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    seed: int
    verdict: Verdict
    kills: Counter[str]
    faults: Counter[str]
    messages: int
    inbound: int
    seconds: float
    settled_after: float
    histories: list[str] = field(default_factory=list)


def run(seed: int, size: Size, folder: Path, tell: Tell) -> Outcome:
    """Run. `tell` is told what goes on, and how much of it is done, between 0 and 1."""
    tell("building", 0.0)
    with house(seed, size, folder) as built:
        install_watch(_every_business(built))
        twilio = Twilio(built.sandbox)
        people = settle_people(built.door, twilio, size)
        writer, talks = Writer(built.door, people, seed, size), Talks(built.sandbox, people.writers, seed, size)
        faults, killers = Faults(twilio, seed), Killers(built, blows(seed, size))
        open_house(built)
        stopped = Event()
        threads = [Thread(target=work, args=(stopped,)) for work in (writer.write_all, talks.hold_all)]
        began = monotonic()
        try:
            for thread in threads:
                thread.start()
            _storm(size, faults, killers, tell)
            faults.end()
            killers.end()
            took = settle(built, twilio, talks, size, lambda pending: _tell(tell, pending.unsettled, talks, size))
        finally:
            stopped.set()
            for thread in threads:
                thread.join()
        books, rows = list(twilio.messages()), read_rows(_every_business(built))
        steps = read_steps(_every_business(built))
        unfolded = read_pending(_every_business(built)).unfolded
        verdict = judge(writer.meant, rows, books, steps, unfolded)
        twilio.close()
        told = [
            line
            for name in MUST_BE_ZERO
            for line in histories(name, verdict.culprits[name], rows, books, steps, _every_business(built))
        ]
        outbound = sum(row.direction == "outbound" for row in rows)
        return Outcome(
            seed, verdict, killers.done, faults.fired, outbound, talks.asked, monotonic() - began, took, told
        )


def _storm(size: Size, faults: Faults, killers: Killers, tell: Tell) -> None:
    began, wave = monotonic(), 0
    while (since := monotonic() - began) < size.seconds:
        if since >= wave * size.seconds / size.waves:
            faults.next_wave()
            wave += 1
        killers.tick(since)
        tell(f"storm: {killers.done.total()} blows", since / size.seconds)
        sleep(_TICK)


def _tell(tell: Tell, unsettled: int, talks: Talks, size: Size) -> None:
    tell(f"settling: {unsettled} messages, {size.conversations - talks.over} conversations", 1.0)


def _every_business(built: House) -> str:
    """Return the address by which everything is seen, and triggers may be made: the harness's, never the service's."""
    return built.postgres.superuser_url.rsplit("/", 1)[0] + "/raseed"


def summary(outcome: Outcome) -> list[tuple[str, Any]]:
    """Return the numbers by name, in the order in which they are read."""
    verdict = outcome.verdict
    numbers = dict(verdict.numbers)
    kills = outcome.kills.copy()
    flushes, pauses = kills.pop(FLUSH, 0), kills.pop(PAUSE, 0)
    return [
        ("seed", outcome.seed),
        ("kills", _counted(kills)),
        ("flushes", flushes),
        ("pauses", pauses),
        ("faults", _counted(outcome.faults)),
        ("messages", _counted(verdict.by_status)),
        ("bad ends", _counted(verdict.by_reason)),
        ("inbound", outcome.inbound),
        *((name, numbers.pop(name, 0)) for name in MUST_BE_ZERO),
        *sorted(numbers.items()),
        ("in doubt for", f"{outcome.verdict.longest_doubt:.0f} s at most"),
        ("seconds", f"{outcome.seconds:.0f}, of which settling {outcome.settled_after:.0f}"),
    ]


def _counted(numbers: Counter[str]) -> str:
    each = ", ".join(f"{name} {number}" for name, number in sorted(numbers.items()))
    return f"{numbers.total()} ({each})" if each else "0"
