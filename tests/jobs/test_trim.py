"""Trimming takes what is old and done with, in batches, and nothing else."""

import tracemalloc
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.jobs.trim import trim_all
from domain.clock import now
from domain.door import Door
from domain.job_runs import begin_counting, plan_slot
from domain.trimming import EVENTS_ARE_KEPT, RUNS_ARE_KEPT, trim_events, trim_runs
from tests.noor import Noor

OLD = EVENTS_ARE_KEPT + timedelta(days=1)
YOUNG = EVENTS_ARE_KEPT - timedelta(days=1)

_EVENTS = text(
    """
    INSERT INTO delivery_event (business_id, received_at, message_id, provider_sid, status, params, folded_at)
    SELECT :business, :received, NULL, 'SM' || number, 'sent', '{}', :folded FROM generate_series(1, :number) AS number
    """
)
_LEFT = text("SELECT count(*), count(*) FILTER (WHERE folded_at IS NULL) FROM delivery_event")


def add_events(door: Door, noor: Noor, number: int, age: timedelta, folded: timedelta | None) -> None:
    """Add so many events that came `age` ago and were folded `folded` ago, if they were."""
    values = {"business": noor.business_id, "number": number, "received": now() - age}
    with door.for_every_business() as session:
        session.execute(_EVENTS, {**values, "folded": None if folded is None else now() - folded})


def left(door: Door) -> tuple[int, int]:
    """How many events there are, and how many of them are unfolded."""
    with door.for_every_business() as session:
        every, unfolded = session.execute(_LEFT).one()
        return every, unfolded


@pytest.mark.parametrize("limit", [1, 7, 5000])
def test_folded_and_old_events_go_and_all_others_stay(door: Door, noor: Noor, limit: int) -> None:
    add_events(door, noor, 20, OLD, folded=None)
    add_events(door, noor, 30, OLD, folded=OLD)
    add_events(door, noor, 5, OLD, folded=None)
    add_events(door, noor, 3, OLD, folded=YOUNG)
    add_events(door, noor, 10, OLD, folded=OLD)
    add_events(door, noor, 12, YOUNG, folded=YOUNG)
    assert trim_all(door, trim_events, limit) == 40
    assert left(door) == (40, 25)
    assert trim_all(door, trim_events, limit) == 0


def test_an_event_that_somebody_holds_is_stepped_over(door: Door, noor: Noor) -> None:
    add_events(door, noor, 10, OLD, folded=OLD)
    with door.for_every_business() as session:
        session.execute(text("SELECT FROM delivery_event ORDER BY seq LIMIT 4 FOR UPDATE"))
        assert trim_all(door, trim_events, 3) == 6
    assert trim_all(door, trim_events, 3) == 4


def test_young_events_are_not_even_looked_at(door: Door, noor: Noor) -> None:
    add_events(door, noor, 3, OLD, folded=OLD)
    add_events(door, noor, 500, YOUNG, folded=YOUNG)
    with door.for_every_business() as session:
        batch = trim_events(session, 0, 10)
        assert (batch.gone, batch.after) == (3, 10)
        assert trim_events(session, 10, 10).after is None


def test_many_events_go_in_flat_memory(door: Door, noor: Noor) -> None:
    add_events(door, noor, 60_000, OLD, folded=OLD)
    tracemalloc.start()
    assert trim_all(door, trim_events) == 60_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000


def test_old_runs_go_but_the_last_slot_of_each_job_stays_and_what_is_open(door: Door, noor: Noor) -> None:
    long_ago = now() - RUNS_ARE_KEPT - timedelta(days=20)
    for job in ("nightly", "monthly"):
        with door.for_every_business() as session:
            begin_counting(session, job)
            session.execute(text("UPDATE job SET since = :since"), {"since": long_ago})
            for number in range(10 if job == "nightly" else 1):
                assert plan_slot(session, job, long_ago + timedelta(days=number))
    with door.for_every_business() as session:
        _finish_all_but(session, long_ago + timedelta(days=3))
    assert trim_all(door, trim_runs, 4) == 8
    with door.for_every_business() as session:
        assert session.execute(text("SELECT job, outcome FROM job_run ORDER BY job, slot")).all() == [
            ("monthly", "done"),
            ("nightly", None),
            ("nightly", "done"),
        ]


def _finish_all_but(session: Session, slot: datetime) -> None:
    session.execute(text("UPDATE job_run SET outcome = 'done', finished_at = slot WHERE slot <> :slot"), {"slot": slot})
