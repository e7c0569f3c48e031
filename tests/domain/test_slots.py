"""Slots: at the wall's time whatever the clocks do, none in the future, none left out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slots import Cron, Every, Slots

INSTANTS = st.integers(1_704_067_200, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC))
KINDS: list[Slots] = [
    Cron("0 3 * * *", "Asia/Riyadh"),
    Cron("30 0 * * *", "Africa/Cairo"),
    Cron("*/15 * * * *", "Europe/Berlin"),
    Cron("0 6 1 * *", "Asia/Riyadh"),
    Every(timedelta(minutes=10)),
]


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("slots", KINDS, ids=str)
@given(instant=INSTANTS)
def test_a_slot_is_never_in_the_future_and_the_following_one_always_is(slots: Slots, instant: datetime) -> None:
    assert slots.latest(instant) <= instant < slots.following(instant)
    assert slots.latest(slots.latest(instant)) == slots.latest(instant)


@pytest.mark.parametrize("slots", KINDS, ids=str)
@given(instant=INSTANTS)
def test_nothing_lies_between_a_slot_and_the_following_one(slots: Slots, instant: datetime) -> None:
    following = slots.following(instant)
    assert slots.latest(following) == following
    assert slots.latest(following - timedelta(seconds=1)) <= instant


def test_three_in_the_morning_in_riyadh() -> None:
    nightly = Cron("0 3 * * *", "Asia/Riyadh")
    assert nightly.latest(at("2026-07-30T02:59:59", "Asia/Riyadh")) == at("2026-07-29T00:00")
    assert nightly.latest(at("2026-07-30T03:00:00", "Asia/Riyadh")) == at("2026-07-30T00:00")
    assert nightly.following(at("2026-07-30T03:00:00", "Asia/Riyadh")) == at("2026-07-31T00:00")


def test_a_time_that_the_clocks_skip_comes_later_and_one_shown_twice_comes_once() -> None:
    # Cairo goes from 00:00 to 01:00 on 24 April 2026, and from 24:00 back to 23:00 on 29 October.
    skipped = Cron("30 0 * * *", "Africa/Cairo")
    assert skipped.following(at("2026-04-23T12:00", "Africa/Cairo")) == at("2026-04-24T01:30", "Africa/Cairo")
    twice = Cron("30 23 * * *", "Africa/Cairo")
    first = twice.latest(at("2026-10-29T23:45", "Africa/Cairo"))
    assert twice.following(first) == first + timedelta(hours=25)


@pytest.mark.parametrize("slots", KINDS, ids=str)
@pytest.mark.parametrize("night", ["2026-04-23", "2026-10-29", "2026-03-28", "2026-10-24"])
def test_through_the_nights_when_clocks_change(slots: Slots, night: str) -> None:
    start = datetime.fromisoformat(night).replace(tzinfo=UTC) + timedelta(hours=18)
    for minutes in range(0, 12 * 60, 7):
        instant = start + timedelta(minutes=minutes)
        assert slots.latest(instant) <= instant < slots.following(instant)
        assert slots.latest(slots.following(instant) - timedelta(seconds=1)) <= instant
