"""A worker is killed, with -9, before each question to the database: one page is offered, money is booked once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.chat import Chat
from tests.conftest import Later
from tests.moyasar.conftest import KEY, Sandbox
from tests.noor import SARA
from tests.payments.conftest import Till
from tests.wire import before_each_question

# Making a page, and booking what came, take so many questions; the last point lies near their end.
MAKING = range(6, 27, 8)
BOOKING = range(6, 33, 8)


def killed(environment: dict[str, str], moyasar: Sandbox, clock: Path, point: int) -> None:
    ours = {"MOYASAR_API_BASE_URL": f"{moyasar.url}/v1", "MOYASAR_SECRET_KEY": KEY, "RASEED_CLOCK_FILE": str(clock)}
    command = [sys.executable, "-m", "tests.payments.killed", str(point)]
    ended = subprocess.run(command, env={**os.environ, **environment, **ours}, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", MAKING)
def test_while_the_page_is_made(
    sara: Chat, till: Till, moyasar: Sandbox, later: Later, environment: dict[str, str], tmp_path: Path, point: int
) -> None:
    for said in ("english", "pay", "1", "payment link"):
        sara.says(said)
    killed(environment, moyasar, tmp_path / "clock", point)
    for _ in range(3):
        later(minutes=2)
        till.works()
    assert till.states() == ["pending"]
    links = [row.text for row in sara.rows() if moyasar.url in row.text]
    assert len(links) == 1
    pages = [page for page in moyasar.control("/invoices")["items"] if page["id"] in links[0]]
    assert len(pages) == len(moyasar.control("/invoices")["items"]) == 1


@pytest.mark.parametrize("point", BOOKING)
def test_while_money_is_booked(
    sara: Chat, till: Till, moyasar: Sandbox, later: Later, environment: dict[str, str], tmp_path: Path, point: int
) -> None:
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    later(minutes=2)
    killed(environment, moyasar, tmp_path / "clock", point)
    for _ in range(2):
        later(minutes=3)
        till.works()
    assert (till.states(), till.invoice("INV-1").paid_minor, till.wallet(SARA)) == (["settled"], 11_435, 0)
    assert sum("received your payment" in row.text for row in sara.rows()) == 1
    till.book_is_whole()


def test_the_points_reach_to_the_end(settings: Settings, till: Till, sara: Chat, moyasar: Sandbox) -> None:
    """Were the work longer than the points, its end would never be tried."""
    asked = 0

    def count() -> None:
        nonlocal asked
        asked += 1

    for said in ("english", "pay", "1", "payment link"):
        sara.says(said)
    with before_each_question(count):
        till.works()
    assert abs(asked - MAKING[-1]) < 8, asked
    moyasar.control("/pay", {"invoice_id": till.payments()[0].page_id})
    sara.says("i have paid")
    asked = 0
    with before_each_question(count):
        till.works()
    assert abs(asked - BOOKING[-1]) < 8, asked
