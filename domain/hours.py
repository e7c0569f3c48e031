"""When somebody is there: the hours of a week, and the holidays, in the business's time zone."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned
from domain.door import Visit

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LOOKS_AHEAD: Final = timedelta(days=366)


class OpeningHours(Owned, Base):
    """From when until when somebody is there on a weekday (0 is Monday). There may be several in a day.

    `closes` at or before `opens` is on the day after: 20:00 to 02:00, or 00:00 to 00:00 for the whole day.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        UniqueConstraint("business_id", "weekday", "opens"),
        CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
    )

    weekday: Mapped[int] = mapped_column(SmallInteger)
    opens: Mapped[time]
    closes: Mapped[time]


class Holiday(Owned, Base):
    """A day on which nobody comes."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("business_id", "date"),)

    date: Mapped[dt.date]
    name_en: Mapped[str]
    name_ar: Mapped[str]


@dataclass(frozen=True, slots=True)
class HolidayName:
    """What a holiday is called."""

    name_en: str
    name_ar: str

    def in_(self, language: str) -> str:
        """Return the name in `language`."""
        return self.name_ar if language == "ar" else self.name_en


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a business: `week` has weekday, opening and closing time. An empty week promises nothing."""

    timezone: str
    week: tuple[tuple[int, time, time], ...]
    holidays: dict[date, HolidayName]

    @property
    def are_kept(self) -> bool:
        """Whether the business keeps hours at all. One that keeps none can always be reached."""
        return bool(self.week)

    def is_open(self, at: datetime) -> bool:
        """Tell whether somebody is there at the instant `at`."""
        if not self.are_kept:
            return True
        today = self._day(at)
        return any(
            opens <= at < closes for day in (today - timedelta(days=1), today) for opens, closes in self._on(day)
        )

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first instant after `at` when somebody comes; None where no such promise can be made."""
        day = self._day(at)
        last = day + _LOOKS_AHEAD
        while self.are_kept and day <= last:
            later = [opens for opens, _ in self._on(day) if opens > at]
            if later:
                return min(later)
            day += timedelta(days=1)
        return None

    def holiday_at(self, at: datetime) -> HolidayName | None:
        """Return what is celebrated on the day of the instant `at`, if it is a holiday."""
        return self.holidays.get(self._day(at))

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.timezone)).date()

    def _on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the hours that begin on `day`, as instants."""
        if day in self.holidays:
            return
        for weekday, opens, closes in self.week:
            if weekday == day.weekday():
                ends = day if closes > opens else day + timedelta(days=1)
                yield self._instant(day, opens), self._instant(ends, closes)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.timezone)).astimezone(UTC)


_HOURS = """
    SELECT
        (SELECT COALESCE(jsonb_agg(jsonb_build_array(weekday, opens, closes) ORDER BY weekday, opens), '[]')
         FROM opening_hours),
        (SELECT COALESCE(jsonb_agg(jsonb_build_array(date, name_en, name_ar)), '[]')
         FROM holiday WHERE date BETWEEN %(first)s AND %(last)s)
"""


def hours_of(visit: Visit, timezone: str, at: datetime) -> Hours:
    """Return the hours of the business that `visit` has entered, as they matter at `at` and in the year after."""
    day = at.astimezone(ZoneInfo(timezone)).date()
    ((week, holidays),) = visit.ask(_HOURS, {"first": day - timedelta(days=1), "last": day + _LOOKS_AHEAD})
    return Hours(
        timezone,
        tuple((weekday, time.fromisoformat(opens), time.fromisoformat(closes)) for weekday, opens, closes in week),
        {date.fromisoformat(on): HolidayName(name_en, name_ar) for on, name_en, name_ar in holidays},
    )
