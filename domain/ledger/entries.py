"""An entry, before it is posted: what happened, and the lines that say so in money."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.ledger.chart import Account
from domain.money import Money


class EntryError(ValueError):
    """An entry that is none: out of balance, with a line of nothing, or with fewer than two."""


@dataclass(frozen=True, slots=True)
class Line:
    """An amount on an account: a debit is above zero, a credit below."""

    account: Account
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened on `day`, once: `kind` of thing to the source (an invoice, a payment).

    Raises EntryError when the lines don't sum to zero in each currency, when one is of nothing, or fewer than two are.
    """

    business_id: UUID
    day: date
    kind: str
    source_type: str
    source_id: UUID
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        sums: Counter[str] = Counter()
        for line in self.lines:
            sums[line.amount.currency] += line.amount.minor
        if len(self.lines) < 2 or not all(line.amount.minor for line in self.lines):
            raise EntryError(f"{self.kind} of {self.source_type}: an entry has two lines or more, none of nothing")
        if any(sums.values()):
            raise EntryError(f"{self.kind} of {self.source_type}: the lines don't sum to zero: {dict(sums)}")


def debit(account: Account, amount: Money) -> Line:
    """Return a line that adds to what is had, or owed to us."""
    return Line(account, amount)


def credit(account: Account, amount: Money) -> Line:
    """Return a line that adds to what we owe, or earned."""
    return Line(account, Money(-amount.minor, amount.currency))


def lines_of(*lines: Line) -> tuple[Line, ...]:
    """Return those of `lines` that are of something."""
    return tuple(line for line in lines if line.amount.minor)
