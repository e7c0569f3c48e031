"""Token identifiers: the minute of issue, by which a meter accepts a token once (IEC 62055-41, 6.3: TID)."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from domain.sts.errors import RangeError, within

LARGEST_TID: Final = (1 << 24) - 1
NEVER_EXPIRES: Final = 255
_MINUTES_A_DAY: Final = 24 * 60
_RESERVED_MINUTE: Final = 1
_MINUTE: Final = timedelta(minutes=1)


class BaseDate(Enum):
    """The instant from which a key's token identifiers count: 1 January, 00:00. The value is its code in a key."""

    Y1993 = "93"
    Y2014 = "14"
    Y2035 = "35"

    @property
    def instant(self) -> datetime:
        """The instant of identifier 0."""
        return datetime(int(self.name[1:]), 1, 1, tzinfo=UTC)


def tid_at(instant: datetime, base: BaseDate) -> int:
    """Return the identifier (24 bits) of an ordinary token that is issued at `instant`: whole minutes since `base`.

    In the reserved minute, 00:01 of each day, it is the next minute's. `instant` has an offset; minutes are those of
    UTC, so that clocks never go back. Raises RangeError before `base` and about 31.9 years after it.
    IEC 62055-41, 6.3 (TID, SpecialReservedTokenIdentifier).
    """
    if instant.tzinfo is None:
        raise RangeError("an instant needs its offset from UTC")
    return unreserved(within("token identifier", (instant - base.instant) // _MINUTE, LARGEST_TID))


def instant_of(tid: int, base: BaseDate) -> datetime:
    """Return the minute, in UTC, for which the identifier (24 bits) stands. Raises RangeError."""
    return base.instant + within("token identifier", tid, LARGEST_TID) * _MINUTE


def next_tid(tid_now: int, last_tid: int | None) -> int:
    """Return the identifier for a meter's next token: `tid_now`, or the first free one after `last_tid`.

    No identifier is used twice for a meter, and the reserved minute never. Raises RangeError when the base date has
    none left. IEC 62055-41, 6.3 (TID).
    """
    within("token identifier", tid_now, LARGEST_TID)
    return unreserved(tid_now if last_tid is None else max(tid_now, last_tid + 1))


def is_reserved(tid: int) -> bool:
    """Tell whether the identifier is that of 00:01, which is kept for special tokens. IEC 62055-41, 6.3 (TID)."""
    return tid % _MINUTES_A_DAY == _RESERVED_MINUTE


def unreserved(tid: int) -> int:
    """Return `tid`, or the next one if it is reserved. Raises RangeError beyond 24 bits."""
    return within("token identifier", tid + is_reserved(tid), LARGEST_TID)


def is_expired(tid: int, key_expiry: int) -> bool:
    """Tell whether a token of this identifier (24 bits) comes after the key's expiry number (8 bits).

    The number is compared with the identifier's upper 8 bits; 255 never expires within a base date.
    IEC 62055-41, 6.1 (KEN).
    """
    return tid >> 16 > key_expiry
