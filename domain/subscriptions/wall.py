"""Time as the wall's clock shows it at a business: what subscriptions are reckoned in.

Wall-clock times are `datetime`s without a zone. An hour that the clocks skip or repeat is one hour more or less on the
wall, for who runs through it as for who is paused; so whatever is reckoned on the wall alone adds up.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
_ZERO: Final = time()


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, in UTC, and what the wall shows then."""

    at: datetime
    wall: datetime

    @property
    def day(self) -> date:
        """The local date."""
        return self.wall.date()


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone with an IANA name."""
    return ZoneInfo(name)


def moment_of(at: datetime, zone: str) -> Moment:
    """Return the instant `at` as it is at a place."""
    return Moment(at.astimezone(UTC), at.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0))


def midnight(day: date) -> datetime:
    """Return how a day begins on the wall."""
    return datetime.combine(day, _ZERO)


def beginning_of(day: date, zone: str) -> Moment:
    """Return the moment at which a day begins; where the clocks skip midnight, its first instant."""
    wall = midnight(day)
    return Moment(wall.replace(tzinfo=zone_of(zone)).astimezone(UTC), wall)


def instant_of(wall: datetime, zone: str) -> datetime:
    """Return the instant, in UTC, at which the wall shows `wall`; the first, where it does so twice."""
    return wall.replace(tzinfo=zone_of(zone)).astimezone(UTC)
