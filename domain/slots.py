"""The instants at which a job is due: its slots, reckoned from a cron expression or an interval."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from croniter import croniter

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class Slots(Protocol):
    """When a job is due, again and again."""

    def latest(self, at: datetime) -> datetime:
        """Return the last slot that is not after `at`."""
        ...

    def following(self, at: datetime) -> datetime:
        """Return the first slot after `at`."""
        ...


@dataclass(frozen=True, slots=True)
class Cron:
    """Slots at the wall-clock times of a cron expression in a time zone (an IANA name).

    Reckoned on the wall's own time, so that a job of 03:00 stays at 03:00 when the clocks are changed: a time that
    the clocks skip comes as much later as they were put forward, one that they show twice counts the first time.
    """

    expression: str
    zone: str = "UTC"

    def __str__(self) -> str:
        minute, hour, *days = self.expression.split()
        daily = minute.isdigit() and hour.isdigit() and days == ["*", "*", "*"]
        return f"{int(hour):02}:{int(minute):02} {self.zone}" if daily else f"{self.expression} {self.zone}"

    def latest(self, at: datetime) -> datetime:
        """Return the last slot that is not after `at`, in UTC."""
        times = croniter(self.expression, self._wall(at) + _SECOND)
        slot = self._instant(times.get_prev(datetime))
        while slot > at:
            slot = self._instant(times.get_prev(datetime))
        return slot

    def following(self, at: datetime) -> datetime:
        """Return the first slot after `at`, in UTC."""
        # An hour earlier: where the clocks were just put back, the wall's next time may lie behind us.
        times = croniter(self.expression, self._wall(at - timedelta(hours=1)))
        slot = self._instant(times.get_next(datetime))
        while slot <= at:
            slot = self._instant(times.get_next(datetime))
        return slot

    def _wall(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None, microsecond=0)

    def _instant(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """Slots at whole multiples of an interval since 1970."""

    interval: timedelta

    def __str__(self) -> str:
        return f"every {self.interval.total_seconds():.0f} s"

    def latest(self, at: datetime) -> datetime:
        """Return the last slot that is not after `at`."""
        return _EPOCH + (at - _EPOCH) // self.interval * self.interval

    def following(self, at: datetime) -> datetime:
        """Return the first slot after `at`."""
        return self.latest(at) + self.interval
