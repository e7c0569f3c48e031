"""What time brings is told to the customer: once, by day, and only while it is true."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.contents import Contents
from bot.jobs.plan import PLAN
from bot.jobs.subscriptions import sweep_all, sweep_subscriptions
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from bot.subscriptions import by_day
from domain import clock
from domain.door import Door, Visit
from domain.messages import Message
from domain.subscriptions import term as terms
from domain.subscriptions.changing import renew
from domain.subscriptions.history import BY_ITSELF
from domain.subscriptions.sweeps import REMINDERS
from domain.subscriptions.term import planned_term
from domain.subscriptions.wall import moment_of
from tests.conftest import Later
from tests.noor import HUDA, Noor
from tests.subscriptions.people import notices, subscribed


@pytest.fixture
def workers(services: Services) -> WorkerServices:
    contents = Contents(services.door)
    return WorkerServices(
        services.settings, services.door, services.redis, services.bell, services.accounts, contents, None
    )  # fmt: skip


def said(door: Door) -> list[Message]:
    with door.for_every_business() as session:
        return [row for row in session.scalars(select(Message).order_by(Message.seq)) if "T-1" in row.text]


def test_a_pause_that_ends_by_itself_is_told_three_times(
    door: Door, noor: Noor, later: Later, workers: WorkerServices
) -> None:
    later(seconds=(datetime.fromisoformat("2027-05-10T00:01:00+03:00") - clock.now()).total_seconds())
    now = moment_of(clock.now(), "Asia/Riyadh")
    term = terms.pause(planned_term(now.day, 30, now.day), now, now.day + timedelta(days=10))
    one = subscribed(door, noor.business_id, "T-1", term, phone=HUDA)
    for _ in range(12):
        sweep_subscriptions(workers, clock.now())
        sweep_subscriptions(workers, clock.now())
        later(days=1)
    kinds = [(kind, outcome) for kind, _, outcome in notices(door, one)]
    assert kinds == [("resumes_soon", "told"), ("resumes_tomorrow", "told"), ("resume", "told")]
    due = [row.due_at.isoformat() for row in said(door) if row.due_at]
    assert due == [f"2027-05-{day}T06:00:00+00:00" for day in (17, 19, 20)]  # nine in the morning in Riyadh
    assert "ويُستأنف تلقائيًا في 20 مايو 2027" in said(door)[0].text.replace("\u00a0", " ")


def test_what_is_no_longer_true_is_not_told(door: Door, noor: Noor, later: Later, workers: WorkerServices) -> None:
    now = moment_of(clock.now(), "Asia/Riyadh")
    one = subscribed(door, noor.business_id, "T-1", planned_term(now.day - timedelta(days=28), 30, now.day), phone=HUDA)
    sweep_all(door, REMINDERS)
    with door.for_business(noor.business_id) as session:
        renew(Visit.within(session), noor.business_id, one, BY_ITSELF)
    sweep_subscriptions(workers, clock.now())
    assert [(kind, outcome) for kind, _, outcome in notices(door, one)] == [("ends_soon", "dropped")]
    assert said(door) == []


@pytest.mark.parametrize(
    ("wall", "told"), [("2027-05-10T03:00", "2027-05-10T09:00"), ("2027-05-10T12:00", "2027-05-10T12:00"),
                       ("2027-05-10T20:00", "2027-05-11T09:00")]
)  # fmt: skip
def test_nobody_is_woken(wall: str, told: str) -> None:
    at = datetime.fromisoformat(f"{wall}+03:00")
    assert by_day(at, "Asia/Riyadh") == datetime.fromisoformat(f"{told}+03:00")


def test_the_sweep_is_planned() -> None:
    assert [one.name for one in PLAN if one.run is sweep_subscriptions] == ["sweep_subscriptions"]
