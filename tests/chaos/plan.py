"""How much of everything there is, and what happens when: all of it from the seed."""

import random
from dataclasses import dataclass
from typing import Final

# What is done to the house. A part is killed with -9, and comes back after a while.
KILLS: Final = ("web", "web child", "workers", "workers' parent", "worker child", "PostgreSQL", "Redis")
# Redis is emptied; a process stands still for a while, as on a machine that has too much to do.
FLUSH, PAUSE = OTHERS = ("flush", "pause")
# Seconds that a part is away, at least and at most. Children are started again by their parent.
_AWAY: Final = {
    "web": (0.0, 3.0),
    "workers": (0.0, 4.0),
    "workers' parent": (0.0, 2.0),
    "PostgreSQL": (0.0, 4.0),
    "Redis": (0.0, 4.0),
    PAUSE: (1.0, 8.0),
}


@dataclass(frozen=True, slots=True)
class Size:
    """Messages that we send of our own accord, conversations that people begin, and how long they go on for.

    `buyers` make so many `purchases` and other `payments` (invoices and top-ups) between them.

    `rounds`: in each of them every kind of kill happens once, Redis is emptied once, and one process stands still.
    `quiet` is how long nothing may change at the end before waiting on is given up, in seconds; `settle` is how long
    is waited at the very most.
    """

    messages: int
    conversations: int
    seconds: float
    rounds: int
    waves: int
    web_processes: int
    worker_programs: int
    buyers: int = 0
    purchases: int = 0
    payments: int = 0
    quiet: float = 110.0
    settle: float = 420.0


LONG: Final = Size(
    5000, 500, seconds=240, rounds=8, waves=20, web_processes=2, worker_programs=2, buyers=30, purchases=200,
    payments=200,
)  # fmt: skip
SHORT: Final = Size(
    200, 30, seconds=15, rounds=1, waves=3, web_processes=2, worker_programs=1, buyers=6, purchases=24, payments=24,
    settle=240,
)  # fmt: skip
# Nothing but money.
MONEY: Final = Size(
    0, 0, seconds=240, rounds=8, waves=20, web_processes=2, worker_programs=2, buyers=50, purchases=1000, payments=300,
    settle=900,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Blow:
    """Something done to the house, so many seconds after the beginning. What was struck stays away for a while."""

    at: float
    what: str
    away: float
    chance: float


def chance_of(seed: int, purpose: str) -> random.Random:
    """Return the source of chance for one purpose: what happens in another changes nothing in it."""
    return random.Random(f"{seed} {purpose}")


def blows(seed: int, size: Size) -> list[Blow]:
    """Return what is done to the house, in order."""
    chance = chance_of(seed, "blows")
    length = size.seconds / max(size.rounds, 1)
    found = []
    for number in range(size.rounds):
        for what in chance.sample((*KILLS, *OTHERS), len(KILLS) + len(OTHERS)):
            at = number * length + chance.uniform(0.05, 0.95) * length
            found.append(Blow(at, what, chance.uniform(*_AWAY.get(what, (0.0, 0.0))), chance.random()))
    return sorted(found, key=lambda blow: blow.at)
