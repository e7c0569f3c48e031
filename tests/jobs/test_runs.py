"""Slots and claims: what is planned, who may run it, and what becomes of it when that goes wrong."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.jobs.failing import fails_in_one_line
from bot.jobs.plan import PLAN, Planned
from bot.jobs.planned import run_due
from bot.jobs.planner import Planner, keep_planning
from bot.jobs.worker_services import WorkerServices, _of_process, make_worker_services, worker_services
from bot.metrics import exposition
from bot.settings import Settings
from domain import clock
from domain.door import Door
from domain.job_runs import DIED, TRIES, JobRun, begin_counting, claim_run, fail, finish, give_up_exhausted, plan_slot
from domain.jobs import sums
from domain.leader import Candidate
from domain.slots import Every
from tests.jobs.conftest import wait_for

NOON = datetime(2026, 7, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Run = Callable[[WorkerServices, datetime], None]


@pytest.fixture
def services(settings: Settings, door: Door) -> Iterator[WorkerServices]:
    """What a worker process works with."""
    services = make_worker_services(settings)
    yield services
    services.close()


@pytest.fixture
def at(services: WorkerServices, tmp_path: Path) -> Iterator[Callable[[datetime], None]]:
    """Set the clock, which stands still; at first it is some minutes past noon."""

    def do(instant: datetime) -> None:
        (tmp_path / "clock").write_text(instant.isoformat())

    do(NOON + timedelta(minutes=5))
    clock.use_file(tmp_path / "clock")
    yield do
    clock.use_file(None)


def hourly(run: Run = lambda *_: None, **more: Any) -> Planned:
    return Planned("hourly", Every(HOUR), run, **more)


def plan(door: Door, job: Planned) -> None:
    """Plan what is due, as a scheduler does that has just come to lead."""
    with Candidate(door) as candidate:
        assert candidate.leads()
        with candidate.session() as session:
            Planner([job]).plan_due(session)


def slots(door: Door) -> dict[datetime, str | None]:
    """Every slot and what became of it."""
    with door.for_every_business() as session:
        return {run.slot: run.outcome for run in session.scalars(select(JobRun).order_by(JobRun.slot))}


def free_all(door: Door) -> None:
    """Let the time pass that a claim lasts, or that is waited before the next try."""
    with door.for_every_business() as session:
        session.execute(text("UPDATE job_run SET free_at = clock_timestamp()"))


def test_what_was_before_the_job_was_first_seen_is_not_made_up_for(door: Door, at: Callable[[datetime], None]) -> None:
    plan(door, hourly())
    assert slots(door) == {}
    at(NOON + HOUR)
    plan(door, hourly())
    plan(door, hourly())
    assert slots(door) == {NOON + HOUR: None}


@pytest.mark.parametrize("every_slot", [False, True])
def test_after_an_outage_the_latest_slot_is_made_up_for_or_every_one_where_that_is_declared(
    services: WorkerServices, at: Callable[[datetime], None], every_slot: bool
) -> None:
    ran: list[datetime] = []
    job = hourly(lambda _, slot: ran.append(slot), every_slot=every_slot)
    for hours in (0, 1, 6):
        at(NOON + hours * HOUR + timedelta(minutes=5))
        plan(services.door, job)
        run_due(services, [job])
    assert ran == [NOON + hours * HOUR for hours in (range(1, 7) if every_slot else (1, 6))]


def test_a_slot_that_nobody_began_gives_way_to_the_next(
    services: WorkerServices, at: Callable[[datetime], None]
) -> None:
    for hours in (0, 1, 2, 3):
        at(NOON + hours * HOUR + timedelta(minutes=5))
        plan(services.door, hourly())
    assert run_due(services, [hourly()]) == 1
    assert list(slots(services.door).values()) == ["skipped", "skipped", "done"]


def test_a_clock_that_is_put_back_is_followed(door: Door, at: Callable[[datetime], None]) -> None:
    plan(door, hourly())
    at(NOON - 24 * HOUR)
    plan(door, hourly())
    at(NOON - 23 * HOUR)
    plan(door, hourly())
    assert max(slots(door)) == NOON - 23 * HOUR


def test_two_that_claim_at_once_never_get_the_same_and_slots_of_a_job_come_one_after_another(
    door: Door, at: Callable[[datetime], None]
) -> None:
    with door.for_every_business() as session:
        for job, hours in (("a", 1), ("a", 2), ("b", 3)):
            begin_counting(session, job)
            assert plan_slot(session, job, NOON + hours * HOUR)
    with door.for_every_business() as one, door.for_every_business() as other:
        first, second = claim_run(one, ["a", "b"]), claim_run(other, ["a", "b"])
        assert first is not None
        assert second is not None
        assert (first.job, second.job) == ("a", "b")
        assert claim_run(one, ["a", "b"]) is None
        assert finish(one, first, 1.0)
        third = claim_run(one, ["a", "b"])
        assert third is not None
        assert third.slot == NOON + 2 * HOUR


def test_who_lost_the_claim_changes_nothing(door: Door, at: Callable[[datetime], None]) -> None:
    _planned(door)
    with door.for_every_business() as session:
        slow = claim_run(session, ["hourly"])
    free_all(door)
    with door.for_every_business() as session:
        quick = claim_run(session, ["hourly"])
        assert slow is not None
        assert quick is not None
        assert not finish(session, slow, 1.0)
        assert not fail(session, slow, 1.0, "too late")
        assert finish(session, quick, 1.0)
        assert sums(session)["hourly"].runs == 1


def test_what_fails_is_tried_again_and_given_up_in_the_end(
    services: WorkerServices, at: Callable[[datetime], None]
) -> None:
    def stumble(_: WorkerServices, __: datetime) -> None:
        raise RuntimeError("the disk is full\nand more")

    _planned(services.door)
    for _ in range(TRIES):
        assert run_due(services, [hourly(stumble)]) == 1
        assert run_due(services, [hourly(stumble)]) == 0
        free_all(services.door)
    assert run_due(services, [hourly(stumble)]) == 0
    with services.door.for_every_business() as session:
        run, job = session.scalars(select(JobRun)).one(), sums(session)["hourly"]
        assert (run.outcome, run.attempts, run.error) == ("failed", TRIES, "the disk is full")
        assert (job.runs, job.failures, job.last_success_at, job.last_error) == (5, 5, None, "the disk is full")


def test_a_job_that_kills_every_process_is_given_up(door: Door, at: Callable[[datetime], None]) -> None:
    _planned(door)
    for _ in range(TRIES):
        with door.for_every_business() as session:
            assert claim_run(session, ["hourly"]) is not None
        free_all(door)
    with door.for_every_business() as session:
        assert claim_run(session, ["hourly"]) is None
        assert give_up_exhausted(session) == ["hourly"]
        assert session.scalars(select(JobRun.error)).one() == DIED


def test_a_long_job_holds_up_no_other_and_keeps_its_claim(
    services: WorkerServices, at: Callable[[datetime], None]
) -> None:
    end, ran = Event(), Event()
    jobs = [Planned("long", Every(HOUR), lambda *_: _wait(end)), Planned("short", Every(HOUR), lambda *_: ran.set())]
    _planned(services.door, "long")
    thread = Thread(target=run_due, args=(services, jobs))
    thread.start()
    wait_for(lambda: _free_at(services.door))
    before = _free_at(services.door)
    _planned(services.door, "short")
    assert ran.wait(20)
    wait_for(lambda: _free_at(services.door) > before, 30)
    end.set()
    thread.join()
    assert list(slots(services.door).values()) == ["done"]


def test_a_job_that_hangs_is_taken_over(services: WorkerServices, at: Callable[[datetime], None]) -> None:
    end, ran = Event(), Event()
    _planned(services.door)
    hung = hourly(lambda *_: _wait(end), at_most=timedelta(seconds=0))
    thread = Thread(target=run_due, args=(services, [hung]))
    thread.start()
    wait_for(lambda: run_due(services, [hourly(lambda *_: ran.set())]), 60)
    assert ran.is_set()
    end.set()
    thread.join()
    assert list(slots(services.door).values()) == ["done"]


def test_the_leader_leads_on_after_the_database_came_back(services: WorkerServices, superuser: Any) -> None:
    stopped, job = Event(), Planned("often", Every(timedelta(seconds=1)), lambda *_: None)
    thread = Thread(target=keep_planning, args=(services, stopped.is_set, [job]))
    thread.start()
    wait_for(lambda: slots(services.door), 20)
    superuser.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'raseed'"))
    services.door.forget_connections()
    number = len(slots(services.door))
    wait_for(lambda: len(slots(services.door)) > number + 1, 20)
    stopped.set()
    thread.join()
    with Candidate(services.door) as next_one:
        assert next_one.leads()


def test_how_jobs_go_is_told_to_prometheus(services: WorkerServices, at: Callable[[datetime], None]) -> None:
    _planned(services.door)
    assert run_due(services, [hourly()]) == 1
    at(NOON + 3 * HOUR)
    page = exposition(services.door).decode()
    assert 'raseed_job_seconds_count{job="hourly"} 1.0' in page
    assert 'raseed_job_failures_total{job="hourly"} 0.0' in page
    assert 'raseed_job_since_success_seconds{job="hourly"} 10500.0' in page


def test_polls_are_counted_too(
    services: WorkerServices, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    @fails_in_one_line
    def poll_that_fails() -> None:
        raise RuntimeError("nothing there")

    monkeypatch.setattr("bot.jobs.tally._added_at", 0.0)
    poll_that_fails()
    with services.door.for_every_business() as session:
        job = sums(session)["poll_that_fails"]
    worker_services().close()
    _of_process.cache_clear()
    assert (job.runs, job.failures, job.last_error) == (1, 1, "nothing there")


def test_no_job_of_the_plan_comes_more_often_than_the_scheduler_waits_for_workers() -> None:
    names = [job.name for job in PLAN]
    assert len(set(names)) == len(names)
    for job in PLAN:
        slot = job.slots.latest(NOON)
        for _ in range(100):
            slot, before = job.slots.following(slot), slot
            assert slot - before >= timedelta(minutes=1)


def _planned(door: Door, job: str = "hourly") -> None:
    with door.for_every_business() as session:
        begin_counting(session, job)
        assert plan_slot(session, job, clock.now())


def _wait(end: Event) -> None:
    assert end.wait(90)


def _free_at(door: Door) -> datetime | None:
    """Until when the run of the job named `long` is claimed, once it is."""
    with door.for_every_business() as session:
        return session.scalar(select(JobRun.free_at).where(JobRun.job == "long", JobRun.attempts > 0))
