"""`raseed jobs`: what an operator sees of the schedule, and what can be done when a job failed."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.clock import now
from domain.door import Door
from domain.job_runs import TRIES, Claim, begin_counting, claim_run, fail, finish, plan_slot
from domain.jobs import Tally, add_up
from domain.leader import Candidate
from tests.cli.test_commands import raseed

SLOT = now().replace(microsecond=0) + timedelta(hours=1)


@pytest.fixture
def claimed(door: Door) -> Claim:
    """The night's trimming, begun."""
    with door.for_every_business() as session:
        begin_counting(session, "trim")
        assert plan_slot(session, "trim", SLOT)
        claim = claim_run(session, ["trim"])
    assert claim is not None
    return claim


def _show(environment: dict[str, str]) -> str:
    done = raseed("jobs", environment=environment)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert max(len(line) for line in shown.splitlines()) <= 80
    return shown


def _line(shown: str, name: str) -> list[str]:
    return next(line.split() for line in shown.splitlines() if line.startswith(name))


def test_before_anything_ran(environment: dict[str, str], door: Door) -> None:
    shown = _show(environment)
    assert "nobody leads: no scheduler is running" in shown
    assert "never" in _line(shown, "trim")
    assert "never" in _line(shown, "wake_workers")


def test_what_ran_and_who_leads(environment: dict[str, str], door: Door, claimed: Claim) -> None:
    assert "running" in _line(_show(environment), "trim")
    with door.for_every_business() as session:
        assert finish(session, claimed, 12.3)
        add_up(session, [Tally("wake_workers", 4, 1, 2.0, now(), last_error="Twilio is away")])
    with Candidate(door) as candidate:
        assert candidate.leads()
        shown = _show(environment)
    assert "led by " in shown
    assert _line(shown, "trim")[-6:-3] == ["done,", "12", "s"]
    assert _line(shown, "wake_workers")[-5:] == ["failed", "4", "1", "0.500", "s"]
    assert shown.splitlines()[-1] == "wake_workers: Twilio is away"


def test_what_failed_is_run_again_by_hand(environment: dict[str, str], door: Door, claimed: Claim) -> None:
    refused = raseed("jobs", "again", "trim", environment=environment)
    assert refused.returncode == 1
    assert refused.stderr.decode().strip() == "raseed: trim: no slot of it has ended, so there is none to run again"
    with door.for_every_business() as session:
        assert fail(session, claimed, 1.0, "the disk is full")
    shown = _show(environment)
    assert "retrying" in _line(shown, "trim")
    assert "trim: the disk is full" in shown
    _fail_for_good(door)
    assert _line(_show(environment), "trim")[-5:-3] == ["failed", f"{TRIES}/{TRIES}"]
    done = raseed("jobs", "again", "trim", environment=environment)
    assert done.stdout.decode().strip() == f"trim: the slot of {SLOT:%d %b %H:%M} UTC is run again."
    assert "waiting" in _line(_show(environment), "trim")


@pytest.mark.parametrize("command", [["jobs"], ["jobs", "again", "trim"]])
def test_with_the_database_away_it_is_one_line(environment: dict[str, str], command: list[str]) -> None:
    away = {**environment, "DATABASE_URL": "postgresql://me:secret@127.0.0.1:9/raseed"}
    done = raseed(*command, environment=away)
    assert done.returncode == 1
    assert len(done.stderr.decode().splitlines()) == 1
    assert "secret" not in done.stderr.decode()


def _fail_for_good(door: Door) -> None:
    for _ in range(TRIES - 1):
        with door.for_every_business() as session:
            session.execute(text("UPDATE job_run SET free_at = clock_timestamp()"))
            claim = claim_run(session, ["trim"])
            assert claim is not None
            assert fail(session, claim, 1.0, "the disk is full")
