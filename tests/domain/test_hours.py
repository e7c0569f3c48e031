"""When somebody is there: several times a day, past midnight, around the clock, on holidays, and when clocks change."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from domain.hours import WEEKDAYS, HolidayName, Hours

SUNDAY, FRIDAY = WEEKDAYS.index("sunday"), WEEKDAYS.index("friday")
FOUNDING = {date(2026, 11, 22): HolidayName("Founding Day", "يوم التأسيس")}


def hours(
    *week: tuple[int, str, str], zone: str = "Asia/Riyadh", holidays: dict[date, HolidayName] | None = None
) -> Hours:
    times = tuple((day, time.fromisoformat(opens), time.fromisoformat(closes)) for day, opens, closes in week)
    return Hours(zone, times, holidays or {})


def at(written: str, zone: str = "Asia/Riyadh") -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone))


IN_TWO_PARTS = hours((SUNDAY, "08:00", "12:00"), (SUNDAY, "13:00", "17:00"))
PAST_MIDNIGHT = hours((FRIDAY, "20:00", "02:00"))
ALWAYS = hours(*[(day, "00:00", "00:00") for day in range(7)])
CAIRO = hours((FRIDAY, "08:00", "16:00"), zone="Africa/Cairo")


@pytest.mark.parametrize(
    ("kept", "now", "is_open", "opening"),
    [
        (IN_TWO_PARTS, "2026-11-22T08:00", True, "2026-11-22T13:00"),
        (IN_TWO_PARTS, "2026-11-22T11:59", True, "2026-11-22T13:00"),
        (IN_TWO_PARTS, "2026-11-22T12:00", False, "2026-11-22T13:00"),
        (IN_TWO_PARTS, "2026-11-22T17:00", False, "2026-11-29T08:00"),
        (IN_TWO_PARTS, "2026-11-23T09:00", False, "2026-11-29T08:00"),
        (PAST_MIDNIGHT, "2026-11-21T01:59", True, "2026-11-27T20:00"),
        (PAST_MIDNIGHT, "2026-11-21T02:00", False, "2026-11-27T20:00"),
        (PAST_MIDNIGHT, "2026-11-20T19:59", False, "2026-11-20T20:00"),
        (ALWAYS, "2026-11-20T03:00", True, "2026-11-21T00:00"),
        (hours(), "2026-11-22T03:00", True, None),
    ],
)
def test_open_or_when(kept: Hours, now: str, is_open: bool, opening: str | None) -> None:
    assert kept.is_open(at(now)) == is_open
    assert kept.next_opening(at(now)) == (at(opening) if opening else None)


def test_nobody_comes_on_a_holiday() -> None:
    kept = hours((SUNDAY, "08:00", "17:00"), holidays=FOUNDING)
    assert not kept.is_open(at("2026-11-22T09:00"))
    assert kept.next_opening(at("2026-11-21T09:00")) == at("2026-11-29T08:00")
    assert kept.holiday_at(at("2026-11-22T23:59")) == HolidayName("Founding Day", "يوم التأسيس")
    assert kept.holiday_at(at("2026-11-23T00:00")) is None


def test_the_night_before_a_holiday_goes_on_past_midnight() -> None:
    kept = hours((FRIDAY, "20:00", "02:00"), holidays={date(2026, 11, 21): HolidayName("a", "ب")})
    assert kept.is_open(at("2026-11-21T01:00"))


@pytest.mark.parametrize(("day", "offset"), [("2026-04-17", 2), ("2026-05-01", 3)])
def test_eight_o_clock_is_eight_o_clock_in_summer_too(day: str, offset: int) -> None:
    opening = CAIRO.next_opening(at(f"{day}T05:00", "Africa/Cairo"))
    assert opening is not None
    assert opening.hour == 8 - offset


def test_hours_that_never_come_promise_nothing() -> None:
    every_day = {date.fromordinal(date(2026, 11, 20).toordinal() + day): HolidayName("a", "ب") for day in range(400)}
    assert hours((SUNDAY, "08:00", "17:00"), holidays=every_day).next_opening(at("2026-11-22T03:00")) is None
