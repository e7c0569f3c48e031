"""Charging: what electricity costs that was used, line by line. Integers only: watt-hours, millionths, minor units.

The limits of blocks, fees and the minimum are a month's. They are scaled by the days that are charged, never the result
of it; so a period that is split in two costs the same, but for rounding. Where a tariff changes on the way, each part
is charged by the one that held then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final
from uuid import UUID

from domain.billing.months import charged_months
from domain.money import decimals
from domain.rating import Block
from domain.tariffs import ENERGY_AND_FEE, VOLUME

ENERGY, FEE, MINIMUM, SETTLED = CHARGES = ("energy", "fee", "minimum", "settled")
# A block's limit is in tenths of a kWh, what was used in Wh.
_WH_IN_TENTH: Final = 100
_PRICE_SCALE: Final = 1_000 * 1_000_000


class NoTariff(LookupError):
    """No tariff holds on a day."""


@dataclass(frozen=True, slots=True)
class Version:
    """A tariff from `valid_from` on, until the next version of it."""

    tariff_id: UUID
    valid_from: date
    mode: str
    blocks: tuple[Block, ...]
    fixed_fee_minor: int
    minimum_minor: int
    minimum_covers: str


@dataclass(frozen=True, slots=True)
class Used:
    """What was used from `first` to before `until`, in Wh: between two readings."""

    first: date
    until: date
    wh: int

    @property
    def days(self) -> int:
        """How many days that is."""
        return (self.until - self.first).days


@dataclass(frozen=True, slots=True)
class Charge:
    """A line of a bill, without tax. What is measured has `wh`, and a price in millionths of the currency for a kWh.

    A block goes from `above` to `up_to` Wh (None: without end); None both where there is but one.
    """

    kind: str
    net_minor: int
    first: date
    until: date
    tariff_id: UUID | None = None
    wh: int | None = None
    price: int | None = None
    above: int | None = None
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What was charged before by estimates, and is charged again by what the meter says since."""

    wh: int
    minor: int


NOTHING: Final = Settled(0, 0)


@dataclass(frozen=True, slots=True)
class Bill:
    """What is charged, from `first` to before `until`; `used` may reach back over estimates, which are `settled`."""

    first: date
    until: date
    used: tuple[Used, ...]
    settled: Settled = NOTHING


def charges_of(bill: Bill, versions: Sequence[Version], currency: str) -> list[Charge]:
    """Return the lines of a bill by a tariff's `versions`, the oldest first. Raises NoTariff.

    Energy by blocks; less what was charged by estimates; the minimum that is missing; the fixed fee.
    """
    energy = list(_energy(bill.used, versions, currency))
    if bill.settled.wh or bill.settled.minor:
        energy.append(Charge(SETTLED, -bill.settled.minor, bill.used[0].first, bill.first, wh=-bill.settled.wh))
    fees = list(_fees(bill, versions))
    return [*energy, *_minimum(bill, versions, energy, fees), *fees]


def energy_minor(charges: Sequence[Charge]) -> int:
    """Return what the electricity itself of these lines costs."""
    return sum(one.net_minor for one in charges if one.kind in {ENERGY, SETTLED})


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient, rounded half away from zero."""
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


def cost_of(wh: int, price: int, currency: str) -> int:
    """Return what so many Wh cost at a price in millionths for a kWh: minor units, half up."""
    return half_up(wh * price * 10 ** decimals(currency), _PRICE_SCALE)


def _energy(used: Sequence[Used], versions: Sequence[Version], currency: str) -> Iterator[Charge]:
    first, until = used[0].first, used[-1].until
    for version, begin, end in _parts(first, until, versions):
        exact = sum((_share(one, begin, end) for one in used), Fraction(0))
        wh = _rounded_share(used, begin, end)
        scale = _scale(first, until, begin, end)
        yield from _blocks(version, wh, exact, scale, (begin, end), currency)


def _blocks(
    version: Version, wh: int, exact: Fraction, scale: Fraction, days: tuple[date, date], currency: str
) -> Iterator[Charge]:
    """Yield a line for each block that `wh` reaches; where nothing was used, the first."""
    starts = _limits(version.blocks, scale)
    bounds = [*pairwise(starts), (starts[-1], None)]
    if version.mode == VOLUME:
        # Which block the month has come to is told before anything is rounded: so parts of a month come to the same.
        reached = [n for n, block in enumerate(version.blocks) if block.start * _WH_IN_TENTH * scale <= exact]
        portions = [(reached[-1], wh)]
    else:
        portions = [
            (n, (wh if end is None else min(wh, end)) - begin) for n, (begin, end) in enumerate(bounds) if wh > begin
        ]
    for n, portion in portions or [(0, 0)]:
        price = version.blocks[n].price
        above, up_to = bounds[n] if len(bounds) > 1 else (None, None)
        cost = cost_of(portion, price, currency)
        yield Charge(ENERGY, cost, *days, version.tariff_id, portion, price, above, up_to)


def _fees(bill: Bill, versions: Sequence[Version]) -> Iterator[Charge]:
    for version, begin, end in _parts(bill.first, bill.until, versions):
        fee = _scaled(version.fixed_fee_minor, _scale(bill.first, bill.until, begin, end))
        if fee:
            yield Charge(FEE, fee, begin, end, version.tariff_id)


def _minimum(
    bill: Bill, versions: Sequence[Version], energy: Sequence[Charge], fees: Sequence[Charge]
) -> Iterator[Charge]:
    parts = list(_parts(bill.first, bill.until, versions))
    least = sum(
        _scaled(version.minimum_minor, _scale(bill.first, bill.until, begin, end)) for version, begin, end in parts
    )
    last = parts[-1][0]
    charged = energy_minor(energy)
    if last.minimum_covers == ENERGY_AND_FEE:
        charged += sum(one.net_minor for one in fees)
    if least > charged >= 0:
        yield Charge(MINIMUM, least - charged, bill.first, bill.until, last.tariff_id)


def _parts(first: date, until: date, versions: Sequence[Version]) -> tuple[tuple[Version, date, date], ...]:
    return _cut(first, until, tuple(versions))


@lru_cache(maxsize=4096)
def _cut(first: date, until: date, versions: tuple[Version, ...]) -> tuple[tuple[Version, date, date], ...]:
    """Return which version holds from when to when within a span of days."""
    if not versions or versions[0].valid_from > first:
        raise NoTariff(f"no tariff holds on {first}")
    ends = [*(later.valid_from for later in versions[1:]), date.max]
    spans = (
        (version, max(version.valid_from, first), min(end, until)) for version, end in zip(versions, ends, strict=True)
    )
    return tuple((version, begin, end) for version, begin, end in spans if begin < end)


@lru_cache(maxsize=4096)
def _scale(first: date, until: date, begin: date, end: date) -> Fraction:
    """Return how much of a tariff's month the part of a span is."""
    return charged_months(first, until) * Fraction((end - begin).days, (until - first).days)


@lru_cache(maxsize=4096)
def _limits(blocks: tuple[Block, ...], scale: Fraction) -> tuple[int, ...]:
    return tuple(_scaled(block.start * _WH_IN_TENTH, scale) for block in blocks)


def _scaled(amount: int, scale: Fraction) -> int:
    return half_up(amount * scale.numerator, scale.denominator)


def _share(used: Used, begin: date, end: date) -> Fraction:
    """Return what of it falls on the days from `begin` to before `end`, each day alike."""
    if begin <= used.first and used.until <= end:
        return Fraction(used.wh)
    days = (min(end, used.until) - max(begin, used.first)).days
    return Fraction(used.wh * days, used.days) if days > 0 else Fraction(0)


def _rounded_share(used: Sequence[Used], begin: date, end: date) -> int:
    """Return the same in whole Wh, so that the parts of a span sum up to it."""
    return _until(used, end) - _until(used, begin)


def _until(used: Sequence[Used], day: date) -> int:
    return sum(
        one.wh if one.until <= day else half_up(one.wh * max((day - one.first).days, 0), one.days) for one in used
    )
