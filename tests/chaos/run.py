"""One run, from an empty house to its numbers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from tests.chaos.buyers import Shopping, settle_buyers
from tests.chaos.faults import Faults
from tests.chaos.history import histories
from tests.chaos.house import house, open_house
from tests.chaos.killers import Killers
from tests.chaos.money_books import MONEY_MUST_BE_ZERO, MoneyVerdict, judge_money
from tests.chaos.money_faults import MoneyFaults
from tests.chaos.outgoing import Writer
from tests.chaos.payers import Payers
from tests.chaos.people import settle_people
from tests.chaos.plan import FLUSH, PAUSE, Size, blows
from tests.chaos.rows import read_pending, read_rows
from tests.chaos.settle import settle
from tests.chaos.talks import Talks
from tests.chaos.twilio import Twilio
from tests.chaos.verdict import MUST_BE_ZERO, Verdict, judge
from tests.chaos.watch import install_watch, read_steps

_TICK = 0.1
_MOST_TOLD = 20
Tell = Callable[[str, float], None]


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    seed: int
    verdict: Verdict
    money: MoneyVerdict
    kills: Counter[str]
    faults: Counter[str]
    messages: int
    inbound: int
    seconds: float
    settled_after: float
    histories: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether all is zero that must be."""
        return self.verdict.is_good and self.money.is_good


def run(seed: int, size: Size, folder: Path, tell: Tell) -> Outcome:
    """Run. `tell` is told what goes on, and how much of it is done, between 0 and 1."""
    tell("building", 0.0)
    with house(seed, size, folder) as built:
        install_watch(built.everything)
        world = built.outside
        twilio = Twilio(world.twilio)
        people = settle_people(built.door, twilio, size)
        buyers = settle_buyers(built.door, people.business_id, twilio, size)
        writer, talks = Writer(built.door, people, seed, size), Talks(world.twilio, people.writers, seed, size)
        shopping = Shopping(built.door, people.business_id, buyers, seed, size)
        payers = Payers(built.door, built.everything, world.gateway, built.environment["PUBLIC_BASE_URL"], seed)
        faults, killers = Faults(twilio, seed), Killers(built, blows(seed, size))
        money_faults = MoneyFaults(world.gateway, world.vendor, seed)
        open_house(built)
        stopped = Event()
        works = (writer.write_all, talks.hold_all, shopping.do_all, payers.pay_all)
        threads = [Thread(target=work, args=(stopped,)) for work in works]
        began = monotonic()
        try:
            for thread in threads:
                thread.start()
            _storm(size, (faults, money_faults), killers, tell)
            faults.end()
            money_faults.end()
            killers.end()
            took = settle(built, twilio, talks, size, lambda pending: _tell(tell, pending.unsettled, talks, size))
        finally:
            stopped.set()
            for thread in threads:
                thread.join()
        books, rows = list(twilio.messages()), read_rows(built.everything)
        steps = read_steps(built.everything)
        unfolded = read_pending(built.everything).unfolded
        verdict = judge(writer.meant, rows, books, steps, unfolded)
        money = judge_money(built.everything, world.gateway, world.vendor, buyers, rows, built.environment)
        money.figures |= shopping.figures | payers.figures
        twilio.close()
        told = [
            line
            for name in MUST_BE_ZERO
            for line in histories(name, verdict.culprits[name], rows, books, steps, built.everything)
        ]
        outbound = sum(row.direction == "outbound" for row in rows)
        return Outcome(
            seed,
            verdict,
            money,
            killers.done,
            faults.fired + money_faults.fired,
            outbound,
            talks.asked,
            monotonic() - began,
            took,
            told + money.wrong[:_MOST_TOLD],
        )


def _storm(size: Size, faults: tuple[Faults | MoneyFaults, ...], killers: Killers, tell: Tell) -> None:
    began, wave = monotonic(), 0
    while (since := monotonic() - began) < size.seconds:
        if since >= wave * size.seconds / size.waves:
            for one in faults:
                one.next_wave()
            wave += 1
        killers.tick(since)
        tell(f"storm: {killers.done.total()} blows", since / size.seconds)
        sleep(_TICK)


def _tell(tell: Tell, unsettled: int, talks: Talks, size: Size) -> None:
    tell(f"settling: {unsettled} messages, {size.conversations - talks.over} conversations", 1.0)


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
        *((name, outcome.money.numbers[name]) for name in MONEY_MUST_BE_ZERO),
        *sorted(numbers.items()),
        *((name, _figure(value)) for name, value in outcome.money.figures.items()),
        ("in doubt for", f"{outcome.verdict.longest_doubt:.0f} s at most"),
        ("seconds", f"{outcome.seconds:.0f}, of which settling {outcome.settled_after:.0f}"),
    ]


def _figure(value: Any) -> Any:
    return _counted(value) if isinstance(value, Counter) else value


def _counted(numbers: Counter[str]) -> str:
    each = ", ".join(f"{name} {number}" for name, number in sorted(numbers.items()))
    return f"{numbers.total()} ({each})" if each else "0"
