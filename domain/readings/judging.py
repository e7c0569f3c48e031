"""Judging what a meter says to have used: lower than before, a counter that began anew, unusually much or little."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LOWER, NO_USE, HIGH, LOW = ODDITIES = ("lower", "no_use", "high", "low")
# Of what was used before, this much of the past tells what is usual, if it is at least so long.
USUAL_SPAN: Final = timedelta(days=100)
LEAST_DAYS: Final = 20
# So much more or less is never odd, whatever the share: a home that is hardly lived in.
_NEVER_ODD_WH: Final = 20_000
# A counter begins anew only from its last tenth, and only if no more than so many times the usual was used.
_NEAR_THE_TOP: Final = 0.9
_MOST_AFTER_ROLLOVER: Final = 3


@dataclass(frozen=True, slots=True)
class Usual:
    """What was used before: so many Wh in so many days. Below and above these per cent of it a use is odd."""

    wh: int
    days: int
    low_percent: int
    high_percent: int

    @property
    def known(self) -> bool:
        """Whether it tells anything."""
        return self.days >= LEAST_DAYS and self.wh >= 0

    def of(self, days: int) -> int:
        """Return what would be usual in so many days, in Wh."""
        return self.wh * days // self.days


@dataclass(frozen=True, slots=True)
class Judged:
    """What was used, in Wh, and what is odd about it, if anything is. `wh` is None where it can't be told."""

    wh: int | None
    odd: str | None = None


def judge(
    before: int, after: int, days: int, usual: Usual, register_digits: int | None = None, *, trusted: bool = False
) -> Judged:
    """Judge what was used between two readings, in Wh, `days` apart.

    What staff has looked at is `trusted`: nothing is unusual about it then. Still nobody can use less than nothing.
    """
    wh = after - before
    if wh < 0:
        begun_anew = _begun_anew(before, after, days, usual, register_digits, trusted=trusted)
        if begun_anew is None:
            return Judged(None, LOWER)
        wh = begun_anew
    return Judged(wh, None if trusted else _unusual(wh, days, usual))


def _begun_anew(
    before: int, after: int, days: int, usual: Usual, register_digits: int | None, *, trusted: bool
) -> int | None:
    """Return what was used if the counter began at zero again meanwhile; None if it hardly did."""
    if register_digits is None:
        return None
    top = int(10**register_digits) * 1_000
    wh = top - before + after
    if before >= top or after >= top:
        return None
    if trusted:
        return wh
    if before < _NEAR_THE_TOP * top or not usual.known:
        return None
    return wh if wh <= max(_MOST_AFTER_ROLLOVER * usual.of(days), _NEVER_ODD_WH) else None


def _unusual(wh: int, days: int, usual: Usual) -> str | None:
    if not usual.known:
        return None
    expected = usual.of(days)
    if abs(wh - expected) <= _NEVER_ODD_WH:
        return None
    if wh == 0:
        return NO_USE
    if wh * 100 > expected * usual.high_percent:
        return HIGH
    return LOW if wh * 100 < expected * usual.low_percent else None
