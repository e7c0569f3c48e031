"""Rating: how much electricity an amount buys. Integers only: tenths of a kWh, millionths of the currency, minor units.

What is bought is rounded down to a tenth of a kWh, so what a line costs is exact to the minor unit, half up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from domain.money import decimals
from domain.tariffs import VOLUME

# A tenth of a kWh at a millionth of the currency: 10 tenths, 1,000,000 millionths.
_SCALE = 7


@dataclass(frozen=True, slots=True)
class Block:
    """From `start` tenths of a kWh in a month on, a kWh costs `price` millionths of a whole unit of the currency."""

    start: int
    price: int


@dataclass(frozen=True, slots=True)
class RatedLine:
    """So many tenths of a kWh at a price (millionths of the currency for a kWh), and what they cost, in minor units."""

    units: int
    price: int
    net_minor: int


def blocks_of(rows: Sequence[Sequence[int]]) -> tuple[Block, ...]:
    """Return the blocks of a tariff from what its row holds. Raises ValueError where they are none.

    They begin at 0 and rise, and every price is above zero.
    """
    blocks = tuple(Block(*row) for row in rows)
    starts = [block.start for block in blocks]
    if not blocks or starts[0] != 0 or starts != sorted(set(starts)):
        raise ValueError("blocks begin at 0, and each begins above the one before")
    if any(block.price <= 0 for block in blocks):
        raise ValueError("the price of a block is above zero")
    return blocks


def bought(net_minor: int, blocks: Sequence[Block], mode: str, used: int, currency: str) -> tuple[RatedLine, ...]:
    """Return what `net_minor`, without tax, buys when `used` tenths of a kWh were bought this month already.

    Empty when it does not buy a tenth of a kWh.
    """
    budget = net_minor * 10 ** (_SCALE - decimals(currency))
    parts = _volume(budget, blocks, used) if mode == VOLUME else _graduated(budget, blocks, used)
    return tuple(RatedLine(units, price, cost_of(units, price, currency)) for units, price in parts if units)


def cost_of(units: int, price: int, currency: str) -> int:
    """Return what `units` tenths of a kWh cost at `price`, in minor units, half up."""
    exact = Decimal(units * price).scaleb(decimals(currency) - _SCALE)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _graduated(budget: int, blocks: Sequence[Block], used: int) -> Iterator[tuple[int, int]]:
    for index, block in enumerate(blocks):
        end = blocks[index + 1].start if index + 1 < len(blocks) else None
        begin = max(used, block.start)
        if end is not None and begin >= end:
            continue
        most = budget // block.price
        units = most if end is None else min(most, end - begin)
        yield units, block.price
        budget -= units * block.price
        if end is None or units < end - begin:
            return


def _volume(budget: int, blocks: Sequence[Block], used: int) -> Iterator[tuple[int, int]]:
    """Everything at the price of the block that the month comes to with it: the most that is affordable."""
    best = (0, 0)
    for index, block in enumerate(blocks):
        room = blocks[index + 1].start - 1 - used if index + 1 < len(blocks) else None
        units = budget // block.price if room is None else min(budget // block.price, room)
        if units > best[0] and used + units >= block.start:
            best = (units, block.price)
    yield best
