"""The plan in real processes: one leads, another takes over, and each slot is run once whatever happens."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain import clock
from domain.door import Door
from domain.job_runs import JobRun
from domain.jobs import Job
from domain.leader import who_leads
from tests.jobs.conftest import wait_for

ROOT = Path(__file__).parents[2]
NO_REDIS = {"REDIS_URL": "redis://127.0.0.1:9"}
Process = subprocess.Popen[bytes]
Start = Callable[..., Process]


@pytest.fixture
def start(environment: dict[str, str], door: Door) -> Iterator[Start]:
    """Start a process of the service's, which the test's end kills."""
    processes: list[Process] = []

    def do(*command: str, **more: str) -> Process:
        process = subprocess.Popen([sys.executable, *command], env={**os.environ, **environment, **more}, cwd=ROOT)
        processes.append(process)
        return process

    yield do
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace"
    path.touch()
    return path


@contextmanager
def the_clock(at: Path) -> Iterator[Callable[[timedelta], None]]:
    """A clock file, set to now, and how it is put ahead."""
    instant = clock.now()
    at.write_text(instant.isoformat())
    clock.use_file(at)

    def put_ahead(by: timedelta) -> None:
        ahead = at.with_suffix(".new")
        ahead.write_text((instant + by).isoformat())
        ahead.replace(at)

    yield put_ahead
    clock.use_file(None)


def leader(door: Door) -> int | None:
    """The process id of the leader."""
    with door.for_every_business() as session:
        found = who_leads(session)
    return int(found.split()[-1]) if found else None


def runs(door: Door, job: str) -> list[JobRun]:
    with door.for_every_business() as session:
        return list(session.scalars(select(JobRun).where(JobRun.job == job).order_by(JobRun.slot)))


def lines(trace: Path) -> list[list[str]]:
    return [line.split() for line in trace.read_text("ascii").splitlines()]


def test_however_many_schedulers_each_slot_is_run_once_and_when_the_leader_is_killed_another_leads(
    start: Start, door: Door, trace: Path
) -> None:
    processes = [start("-m", "tests.jobs.scheduler", str(trace), "tick") for _ in range(3)]
    wait_for(lambda: len(lines(trace)) >= 4, 90)
    first = leader(door)
    assert first in {process.pid for process in processes}
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: leader(door) not in {None, first}, 60)
    at = clock.now()
    wait_for(lambda: any(run.slot > at and run.outcome == "done" for run in runs(door, "tick")), 90)
    slots = Counter(line[1] for line in lines(trace))
    done = [run for run in runs(door, "tick") if run.outcome == "done"]
    assert set(slots.values()) == {1}
    assert len({run.slot for run in done}) == len(done)
    every_second = [run.slot for run in runs(door, "tick")]
    assert every_second == [every_second[0] + timedelta(seconds=number) for number in range(len(every_second))]


@pytest.mark.parametrize("more", [{}, NO_REDIS], ids=["with Redis", "Redis away"])
def test_a_slot_that_the_clock_passed_is_run_within_30_seconds_and_once(
    start: Start, door: Door, tmp_path: Path, more: dict[str, str]
) -> None:
    with the_clock(tmp_path / "clock") as put_ahead:
        for _ in range(2):
            start("worker.py", RASEED_CLOCK_FILE=str(tmp_path / "clock"), **more)
        wait_for(lambda: _known(door, "trim"), 60)
        assert not runs(door, "trim")
        put_ahead(timedelta(days=1))
        wait_for(lambda: [run.outcome for run in runs(door, "trim")] == ["done"], 30)
        put_ahead(timedelta(days=8))  # seven slots were missed: the last of them is made up for
        wait_for(lambda: [run.outcome for run in runs(door, "trim")] == ["done", "done"], 30)


def test_a_job_that_died_half_way_is_run_again(start: Start, door: Door, trace: Path) -> None:
    processes = [start("-m", "tests.jobs.scheduler", str(trace), "die") for _ in range(2)]
    wait_for(lambda: any(line[0] == "ended" for line in lines(trace)), 90)
    began, ended = lines(trace)[:2]
    assert (began[0], ended[0]) == ("began", "ended")
    assert began[1] == ended[1]
    assert began[2] != ended[2]
    wait_for(lambda: runs(door, "die")[0].outcome == "done")
    assert runs(door, "die")[0].attempts == 2
    assert sum(process.poll() is None for process in processes) == 1


def _known(door: Door, job: str) -> bool:
    with door.for_every_business() as session:
        return session.get(Job, job) is not None
