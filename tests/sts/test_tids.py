"""Token identifiers: minutes, base dates, the reserved minute, one for each token of a meter."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sts.errors import KeyExpired, RangeError
from domain.sts.rules import check_allowed
from domain.sts.tids import LARGEST_TID, BaseDate, instant_of, is_expired, is_reserved, next_tid, tid_at
from tests.sts.vectors import KEY, issued, read

INSTANTS = [
    ("2004-03-01T13:55", "93", 5871715),
    ("2014-03-01T13:00", "14", 85740),
    ("1996-03-25T13:55", "93", 1698595),
    ("2004-03-29T00:01", "93", 5911202),
    ("2004-03-29T00:02", "93", 5911202),
    ("2024-11-24T20:15", "93", LARGEST_TID),
    ("2045-11-24T20:15", "14", LARGEST_TID),
    ("2066-11-24T20:15", "35", LARGEST_TID),
    ("2014-01-01T00:00", "14", 0),
    ("2014-01-01T00:01:59", "14", 2),
    ("2014-01-01T00:00:59", "14", 0),
]


@pytest.mark.parametrize(("instant", "base", "tid"), INSTANTS)
def test_minutes_since_the_base_date(instant: str, base: str, tid: int) -> None:
    assert tid_at(datetime.fromisoformat(instant).replace(tzinfo=UTC), BaseDate(base)) == tid


def test_other_zones_count_the_same_minutes() -> None:
    riyadh = timezone(timedelta(hours=3))
    assert tid_at(datetime(2014, 3, 1, 16, 0, tzinfo=riyadh), BaseDate.Y2014) == 85740


@pytest.mark.parametrize(
    ("instant", "base"), [("2013-12-31T23:59:59", "14"), ("2045-11-24T20:16", "14"), ("2024-11-24T20:16", "93")]
)
def test_outside_a_base_date(instant: str, base: str) -> None:
    with pytest.raises(RangeError):
        tid_at(datetime.fromisoformat(instant).replace(tzinfo=UTC), BaseDate(base))


def test_an_instant_needs_its_offset() -> None:
    with pytest.raises(RangeError):
        tid_at(datetime(2026, 1, 1), BaseDate.Y2014)  # noqa: DTZ001


@settings(deadline=None)
@given(st.integers(0, LARGEST_TID), st.sampled_from(BaseDate))
def test_there_and_back(tid: int, base: BaseDate) -> None:
    assert tid_at(instant_of(tid, base), base) == tid + is_reserved(tid)


def test_three_tokens_in_a_minute_take_three_identifiers() -> None:
    midnight = tid_at(datetime(2026, 7, 29, tzinfo=UTC), BaseDate.Y2014)
    given, last = [], None
    for _ in range(3):
        last = next_tid(midnight, last)
        given.append(last - midnight)
    assert given == [0, 2, 3]


def test_identifiers_run_out() -> None:
    with pytest.raises(RangeError):
        next_tid(5, LARGEST_TID)
    assert next_tid(5, LARGEST_TID - 1) == LARGEST_TID


@settings(deadline=None)
@given(st.integers(0, LARGEST_TID), st.none() | st.integers(0, LARGEST_TID - 2))
def test_an_identifier_is_new_and_not_reserved(now: int, last: int | None) -> None:
    taken = next_tid(now, last)
    assert taken >= now
    assert last is None or taken > last
    assert not is_reserved(taken)


@pytest.mark.parametrize(
    ("expiry", "until"), [(85, "2024-09-18T22:55"), (170, "2035-04-23T09:35"), (255, "2045-11-24T20:15")]
)
def test_expiry_numbers_end_when_they_should(expiry: int, until: str) -> None:
    last = tid_at(datetime.fromisoformat(until).replace(tzinfo=UTC), BaseDate.Y2014)
    assert last == (expiry + 1) * 65536 - 1
    assert not is_expired(last, expiry)
    assert is_expired(last + 1, expiry)


def test_nothing_is_issued_or_accepted_under_an_expired_key() -> None:
    late = {**KEY, "cls": 0, "sub": 0, "rnd": 5, "tid": 86 << 16, "field16": 1}
    token = issued(late)["token"]
    for answer in (
        issued({**late, "ken": 85}),
        issued({**late, "cls": 2, "sub": 1, "ken": 85}),
        read({**KEY, "token": token, "ken": 85}),
    ):
        assert answer["error"] == "key_expired"
    assert "token" in issued({**late, "ken": 86})
    assert "token" in issued({**late, "cls": 1, "control": 1, "ken": 85})


def test_the_engine_says_so_too() -> None:
    from domain.sts.credit import Credit, Service

    with pytest.raises(KeyExpired):
        check_allowed(Credit(Service.GAS, 0, 1 << 16, 1), expiry=0)


def test_a_change_from_an_expired_key_is_allowed_and_to_one_is_not() -> None:
    change = {**KEY, "cls": 2, "when": "2030-01-01 10:00", "new": {"krn": 2, "ken": 255}}
    assert len(issued(change)["tokens"]) == 4
    assert issued({**change, "new": {"krn": 2, "ken": 85}})["error"] == "key_expired"
    assert issued({**change, "new": {"krn": 2}, "ken": 85})["error"] == "key_expired"
    by_tid = {name: value for name, value in change.items() if name != "when"}
    assert issued({**by_tid, "tid": 86 << 16, "new": {"krn": 2, "ken": 85}})["error"] == "key_expired"
    assert len(issued({**change, "new": {"krn": 6, "bd": "35", "ken": 0}})["tokens"]) == 4
