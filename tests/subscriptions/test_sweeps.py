"""What time brings: for all rows at once the same as the reckoning says for one, however late, and once."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from bot.jobs.subscriptions import sweep_all
from domain import clock
from domain.businesses import Business
from domain.customers import Customer
from domain.door import Door, Visit
from domain.dunning.plans import Agreed, agree, cancel_plan
from domain.dunning.rules import Rules
from domain.invoices import Invoice
from domain.subscriptions import term as terms
from domain.subscriptions.changing import open_holding, payment_came
from domain.subscriptions.sweeps import CHANGES, REMINDERS
from domain.subscriptions.term import Term, planned_term
from domain.subscriptions.wall import beginning_of, midnight, moment_of
from tests.conftest import Later
from tests.noor import OMAR, SARA, Noor
from tests.subscriptions.histories import ZONES
from tests.subscriptions.people import facts, held, history, notices, subscribed


@pytest.fixture(autouse=True)
def at_noon(later: Later) -> None:
    """A day in Cairo's summer, at an hour at which it is the same day everywhere."""
    later(seconds=(datetime.fromisoformat("2027-05-10T09:00:00+00:00") - clock.now()).total_seconds())


def swept(door: Door) -> dict[str, int]:
    return sweep_all(door, CHANGES | REMINDERS)


def random_term(dice: random.Random, zone: str) -> Term:
    """Return a term as an outage of some days may have left it."""
    today = moment_of(clock.now(), zone).day
    start = today - timedelta(days=dice.randint(-2, 20))
    term = planned_term(start, dice.choice((3, 7, 30)), start)
    kind = dice.randrange(4)
    if kind == 0:
        return planned_term(start, 7, start - timedelta(days=1))
    began = beginning_of(start, zone).at + timedelta(seconds=dice.randint(0, 3 * 86400 - 1))
    if kind == 1:
        paused = moment_of(began, zone)
        return terms.pause(term, paused, paused.day + timedelta(days=dice.randint(1, 15)))
    if kind == 2:
        wish = start + timedelta(days=dice.randint(1, 12))
        return terms.schedule_pause(term, wish, dice.choice((None, wish + timedelta(days=dice.randint(1, 6)))))
    return term


def test_a_sweep_says_what_the_reckoning_says(door: Door, noor: Noor) -> None:
    dice = random.Random(7)
    swept_ones: dict[UUID, UUID] = {}
    for number in range(150):
        zone = dice.choice(ZONES)
        term = random_term(dice, zone)
        one, other = (subscribed(door, noor.business_id, f"{kind}{number}", term, zone) for kind in "AB")
        swept_ones[one] = other
    with door.for_business(noor.business_id) as session:
        for other in swept_ones.values():
            open_holding(Visit.within(session), noor.business_id, other)
    assert sum(swept(door).values()) > 100
    for one, other in swept_ones.items():
        first, second = held(door, noor.business_id, one), held(door, noor.business_id, other)
        assert first.term == second.term
        assert (first.version, first.pauses, first.cause) == (second.version, second.pauses, second.cause)
        assert [facts(row) for row in history(door, one)] == [facts(row) for row in history(door, other)]
    # Noor's own two are still running or paused, and told of at most.
    done = swept(door)
    assert not any(done[name] for name in CHANGES)
    assert not any(done[name] for name in REMINDERS)


def test_reminders_come_three_days_and_one_day_before(door: Door, noor: Noor, later: Later) -> None:
    today = moment_of(clock.now(), "Asia/Riyadh")
    term = terms.pause(planned_term(today.day, 30, today.day), today, today.day + timedelta(days=10))
    one = subscribed(door, noor.business_id, "R", term)
    told = []
    for day in range(12):
        swept(door)
        told += [(day, kind) for kind, _, _ in notices(door, one)[len(told) :]]
        later(days=1)
    assert told == [(7, "resumes_soon"), (9, "resumes_tomorrow"), (10, "resume")]
    assert held(door, noor.business_id, one).term.ends == midnight(today.day + timedelta(days=40)) - (
        today.wall - midnight(today.day)
    )


def test_a_long_pause_and_an_end_that_is_near_are_called_to_mind(door: Door, noor: Noor, later: Later) -> None:
    today = moment_of(clock.now(), "Asia/Riyadh")
    fresh = planned_term(today.day, 30, today.day)
    paused = subscribed(door, noor.business_id, "P", terms.pause(fresh, today, today.day + timedelta(days=90)))
    running = subscribed(door, noor.business_id, "E", fresh)
    seen = []
    for day in range(70):
        swept(door)
        if day in (26, 27, 29, 30, 31, 60):
            seen.append((day, [kind for kind, _, _ in (*notices(door, paused), *notices(door, running))]))
        later(days=1)
    assert seen == [
        (26, []), (27, ["ends_soon"]), (29, ["ends_soon"]), (30, ["long_pause", "ends_soon", "expire"]),
        (31, ["long_pause", "ends_soon", "expire"]), (60, ["long_pause", "long_pause", "ends_soon", "expire"]),
    ]  # fmt: skip


def test_an_outage_of_days_is_made_up_for_as_if_it_had_not_been(door: Door, noor: Noor, later: Later) -> None:
    today = moment_of(clock.now(), "Asia/Riyadh")
    planned = terms.schedule_pause(
        planned_term(today.day, 7, today.day), today.day + timedelta(days=2), today.day + timedelta(days=5)
    )
    one = subscribed(door, noor.business_id, "O", planned)
    later(days=30)
    swept(door)
    rows = history(door, one)
    days = [(row.action, row.changed_at, row.pause_days) for row in rows]
    began = [beginning_of(today.day + timedelta(days=day), "Asia/Riyadh").at for day in (2, 5, 10)]
    assert days == [("pause", began[0], None), ("resume", began[1], 3), ("expire", began[2], None)]
    assert all(row.created_at == clock.now() for row in rows)
    assert notices(door, one) == []  # what lies weeks back is no news


def test_who_pays_in_instalments_is_not_paused_for_the_debt(door: Door, noor: Noor, later: Later) -> None:
    with door.for_business(noor.business_id) as session:
        session.execute(text("UPDATE invoice SET due_date = issue_date"))
        session.execute(update(Business).values(overdue_pause_days=1))
    later(days=2)
    with door.for_business(noor.business_id) as session:
        visit, agreed = Visit.within(session), Agreed("staff", clock.today("Asia/Riyadh"))
        owed = session.query(Invoice.id).filter(Invoice.status.in_(["issued", "part_paid"])).all()
        plans = [agree(visit, noor.business_id, invoice_id, 2, Rules(), agreed) for (invoice_id,) in owed]
    assert swept(door)["overdue"] == 0
    with door.for_business(noor.business_id) as session:
        assert [cancel_plan(Visit.within(session), plan_id) for plan_id in plans] == [True] * len(plans)
    assert swept(door)["overdue"] == 1


def test_who_is_overdue_is_paused_where_the_business_wants_it_and_resumed_when_they_pay(
    door: Door, noor: Noor, later: Later
) -> None:
    with door.for_business(noor.business_id) as session:
        session.execute(text("UPDATE invoice SET due_date = issue_date"))
        session.execute(text("UPDATE subscription SET resume_on = NULL"))
    later(days=2)
    today = moment_of(clock.now(), "Asia/Riyadh")
    one = subscribed(door, noor.business_id, "O1", planned_term(today.day, 30, today.day), phone=SARA)
    home = subscribed(door, noor.business_id, "O2", planned_term(today.day, 30, today.day), phone=OMAR)
    assert swept(door)["overdue"] == 0
    with door.for_business(noor.business_id) as session:
        session.execute(update(Business).values(overdue_pause_days=1))
    later(seconds=5)
    assert swept(door)["overdue"] == 2  # the one that she has anyway, too
    assert (held(door, noor.business_id, one).cause, held(door, noor.business_id, home).cause) == ("overdue", None)
    assert [kind for kind, _, _ in notices(door, one)] == ["overdue_pause"]
    later(days=100)
    swept(door)
    assert held(door, noor.business_id, one).term.status == "paused"  # it waits for the money, not for a day
    with door.for_business(noor.business_id) as session:
        customer = session.query(Customer).filter_by(phone=SARA).one().id
        assert payment_came(Visit.within(session), noor.business_id, customer) == []
        session.execute(text("UPDATE invoice SET paid_minor = total_minor, status = 'paid'"))
        change = payment_came(Visit.within(session), noor.business_id, customer)[-1]
    assert (change.action, change.pause_days, change.days_after) == ("resume", 100, change.days_before)
    assert held(door, noor.business_id, one).term.status == "active"
