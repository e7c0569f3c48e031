"""Value-added tax: worked out once for each category and rate on the sum of its lines, and rounded once, half up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

# As the European norm for invoices names them: standard rate, zero rate, exempt, outside the tax.
CATEGORIES: Final = ("S", "Z", "E", "O")
STANDARD, ZERO = "S", "Z"
# What is no supply at all, such as a fee for being late.
OUTSIDE: Final = "O"
RATE_OF_NONE: Final = Decimal(0)


class VatError(ValueError):
    """A category that there is not, or one with a rate that it can't have."""


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount in minor units, without the tax, and how it is taxed."""

    net_minor: int
    category: str
    rate: Decimal

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES or (self.category == STANDARD) != (self.rate > 0):
            raise VatError(f"category {self.category} with a rate of {self.rate}")


@dataclass(frozen=True, slots=True)
class VatShare:
    """The tax on everything of one category and rate (None: not known). Amounts are minor units."""

    category: str
    rate: Decimal | None
    net_minor: int
    vat_minor: int


def category_of(rate: Decimal) -> str:
    """Return the category of what a business sells at its own rate."""
    return STANDARD if rate else ZERO


def vat_on(net_minor: int, rate: Decimal) -> int:
    """Return the tax on an amount, in minor units: the one place where tax is rounded."""
    return int((net_minor * rate).quantize(Decimal(1), ROUND_HALF_UP))


def net_within(gross_minor: int, rate: Decimal) -> int:
    """Return the largest amount without tax, in minor units, that with its tax is no more than `gross_minor`."""
    net = int(gross_minor / (1 + rate)) + 1
    while net + vat_on(net, rate) > gross_minor:
        net -= 1
    return net


def shares_of(lines: Iterable[Taxed]) -> list[VatShare]:
    """Return the tax on `lines`, by category and rate."""
    nets: dict[tuple[str, Decimal], int] = defaultdict(int)
    for line in lines:
        nets[line.category, line.rate.normalize()] += line.net_minor
    return [VatShare(category, rate, net, vat_on(net, rate)) for (category, rate), net in nets.items()]
