"""A run whose processes are killed with -9 again and again ends as if nothing had happened."""

import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from bot.billing.running import work_run
from bot.services import Services
from domain.ledger.verifying import verify
from tests.billing.world import Company, founded, report, turns, with_meters

OCT = date(2026, 10, 1)
ROOT = Path(__file__).parents[2]
KILLS = 20


def worker(environment: dict[str, str], clock: Path, run: UUID, batch: int, points: list[int]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.billing.killed", str(run), str(batch), *map(str, points)]
    known = {**os.environ, **environment, "RASEED_CLOCK_FILE": str(clock)}
    return subprocess.Popen(command, cwd=ROOT, env=known, stdout=subprocess.PIPE, text=True)


def figures(company: Company) -> list[tuple[int, ...]]:
    """Return how many there are, of how many meters or customers, and what they are over."""
    return company.looks(
        "SELECT (SELECT count(*) FROM billing_item WHERE state = 'billed'),"
        " (SELECT count(*) FROM invoice), (SELECT count(DISTINCT customer_id) FROM invoice),"
        " (SELECT count(*) FROM journal_entry WHERE kind = 'issued'),"
        " (SELECT count(DISTINCT source_id) FROM journal_entry WHERE kind = 'issued'),"
        " (SELECT count(*) FROM message), (SELECT count(DISTINCT customer_id) FROM message),"
        " (SELECT count(DISTINCT text) FROM message),"
        " (SELECT min(number) FROM invoice), (SELECT max(number) FROM invoice),"
        " (SELECT sum(total_minor)::bigint FROM invoice), (SELECT sum(wh)::bigint FROM billing_item)"
    )


@pytest.mark.parametrize("meters", [2_000, pytest.param(20_000, marks=pytest.mark.long)])
def test_a_run_that_is_killed_twenty_times(
    services: Services, company: Company, environment: dict[str, str], clock_file: Path, meters: int
) -> None:
    calm = founded(services.door, "CALM")
    for one in (company, calm):
        with_meters(one, meters, turns(date(2026, 7, 1), 5))
    chance, batch = random.Random(9), meters // 40
    points = [chance.randint(1, 45) for _ in range(KILLS)]
    # Two at once: each of them is killed ten times, and then another comes for the one that died.
    run = company.asks(OCT)
    both = [worker(environment, clock_file, run, batch, points[half::2]) for half in (0, 1)]
    killed = [int(one.communicate(timeout=600)[0].split()[-1]) for one in both]
    assert killed == [KILLS // 2, KILLS // 2]
    assert report(work_run(services, run))["exceptions"] == 0
    undisturbed = worker(environment, clock_file, calm.asks(OCT), 250, [0])
    assert undisturbed.communicate(timeout=600)[0].split()[-1] == "0"
    (found,) = figures(company)
    assert found[:10] == (meters,) * 8 + (1, meters)
    assert [found] == figures(calm)
    with services.door.for_a_look() as session:
        assert [step.bad for step in verify(session) if step.bad] == []


def test_two_processes_at_once_share_a_run(company: Company, environment: dict[str, str], clock_file: Path) -> None:
    with_meters(company, 400, turns(date(2026, 7, 1), 5))
    run = company.asks(OCT)
    assert company.asks(OCT) == run
    both = [worker(environment, clock_file, run, 20, [0]) for _ in range(2)]
    assert [one.communicate(timeout=120)[0].split()[-1] for one in both] == ["0", "0"]
    (found,) = figures(company)
    assert found[:10] == (400,) * 8 + (1, 400)
    assert company.looks("SELECT state, count(*) FROM billing_run GROUP BY state") == [("finished", 1)]
