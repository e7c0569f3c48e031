"""A wallet is never below zero, and no unit is lost or made, whatever happens at the same time."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from domain.door import Door
from domain.ids import new_id
from domain.ledger.balances import balance_of
from domain.ledger.chart import CASH, house, wallet
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post, reverse
from domain.ledger.verifying import verify
from domain.money import Money
from domain.wallet import hold_wallet, wallet_of
from tests.ledger.conftest import Visiting
from tests.ledger.test_refusals import DAY, SAR, topped_up
from tests.noor import Noor

CONNECTIONS = 20


def spent(noor: Noor, customer: UUID, minor: int, source: UUID | None = None) -> Entry:
    amount = Money(minor, SAR)
    lines = (debit(wallet(customer), amount), credit(house(CASH), amount))
    return Entry(noor.business_id, DAY, "spent", "test", source or new_id(), lines)


def proven(door: Door) -> None:
    with door.for_a_look() as session:
        assert [step.bad for step in verify(session) if step.bad and "owes" not in step.bad] == []


def test_twenty_at_once_take_no_more_than_there_is(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID]
) -> None:
    with visiting() as visit:
        post(visit, [topped_up(noor, people[0], 1050)])
    together = Barrier(CONNECTIONS)

    def take(_: int) -> bool:
        together.wait()
        try:
            with visiting() as visit:
                post(visit, [spent(noor, people[0], 100)])
        except psycopg.errors.CheckViolation:
            return False
        return True

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        taken = Counter(pool.map(take, range(CONNECTIONS)))
    assert taken == {True: 10, False: 10}
    with visiting() as visit:
        assert wallet_of(visit, people[0], SAR) == Money(50, SAR)
    proven(door)


def test_who_holds_the_wallet_knows_what_is_in_it(visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with visiting() as visit:
        post(visit, [topped_up(noor, people[0], 1000)])
    together = Barrier(CONNECTIONS)

    def take(_: int) -> bool:
        together.wait()
        with visiting() as visit:
            if hold_wallet(visit, people[0], SAR).minor < 300:
                return False
            post(visit, [spent(noor, people[0], 300)])
            return True

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert sum(pool.map(take, range(CONNECTIONS))) == 3
    with visiting() as visit:
        assert wallet_of(visit, people[0], SAR) == Money(100, SAR)


def test_the_same_thing_twenty_times_at_once_is_booked_once(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID]
) -> None:
    together, source = Barrier(CONNECTIONS), new_id()

    def book(_: int) -> bool:
        together.wait()
        try:
            with visiting() as visit:
                post(visit, [topped_up(noor, people[1], 70, source)])
        except psycopg.errors.UniqueViolation:
            return False
        return True

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert sum(pool.map(book, range(CONNECTIONS))) == 1
    with visiting() as visit:
        assert wallet_of(visit, people[1], SAR) == Money(70, SAR)
    proven(door)


def test_hundreds_in_one_transaction(door: Door, visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    entries = [topped_up(noor, people[n % len(people)], n + 1) for n in range(700)]
    with visiting() as visit:
        assert len(set(post(visit, entries))) == 700
    with visiting() as visit:
        total = sum(wallet_of(visit, person, SAR).minor for person in people)
        assert total == balance_of(visit, noor.business_id, house(CASH), SAR).minor == 700 * 701 // 2
    proven(door)


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["top_up", "spend", "again", "reverse"]), st.integers(0, 2), st.integers(1, 400)),
    min_size=1,
    max_size=25,
)


FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(ACTIONS)
def test_any_history_leaves_the_book_whole(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, history: list[tuple[str, int, int]]
) -> None:
    play(door, visiting, noor, people, superuser, history)


@pytest.mark.long
@settings(FEW, max_examples=2000)
@given(ACTIONS)
def test_thousands_of_histories_leave_the_book_whole(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, history: list[tuple[str, int, int]]
) -> None:
    play(door, visiting, noor, people, superuser, history)


def play(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, history: list[tuple[str, int, int]]
) -> None:
    superuser.execute(text("TRUNCATE ledger_account, journal_entry, journal_line"))
    purses, booked = Counter[int](), []
    for action, who, amount in history:
        _play(visiting, noor, people, purses, booked, (action, who, amount))
    with visiting() as visit:
        for who in range(3):
            assert wallet_of(visit, people[who], SAR).minor == purses[who]
        assert balance_of(visit, noor.business_id, house(CASH), SAR).minor == purses.total()
    proven(door)


def _play(
    visiting: Visiting, noor: Noor, people: list[UUID], purses: "Counter[int]", booked: list[Any], step: Any
) -> None:
    """Do one thing, both to the ledger and to a model of it, which knows whether the ledger must refuse."""
    action, who, amount = step
    if action in {"again", "reverse"} and not booked:
        return
    if action in {"top_up", "spend"}:
        entry = (topped_up if action == "top_up" else spent)(noor, people[who], amount)
        change, refused = amount if action == "top_up" else -amount, None
    else:
        nth = amount % len(booked)
        entry, posted, who, change, is_reversed = booked[nth]
        change = -change if action == "reverse" else change
        refused = psycopg.errors.UniqueViolation if action == "again" or is_reversed else None
    if refused is None and purses[who] + change < 0:
        refused = psycopg.errors.CheckViolation
    try:
        with visiting() as visit:
            if action == "reverse":
                reverse(visit, posted, DAY)
            else:
                (posted,) = post(visit, [entry])
    except (psycopg.errors.UniqueViolation, psycopg.errors.CheckViolation):
        # What is refused for two reasons may be refused for either.
        if refused is None:
            raise
        return
    assert refused is None
    purses[who] += change
    if action == "reverse":
        booked[nth] = (*booked[nth][:4], True)
    else:
        booked.append((entry, posted, who, change, False))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("UPDATE journal_line SET amount_minor = amount_minor + 1 WHERE n = 1", "does not sum to zero"),
        ("DELETE FROM journal_line WHERE n = 2", "has 1 lines, not 2"),
        ("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE kind = 'wallet'", "its lines say 500"),
        ("UPDATE ledger_account SET currency = 'KWD' WHERE kind = 'cash'", "another currency"),
        ("UPDATE customer SET opening_balance_minor = 77 WHERE account_no = '1001'", "opening balance of customer"),
        ("INSERT INTO number_series SELECT id, 'X', 3 FROM business", "series X has given out 3 numbers"),
    ],
)
def test_the_proof_finds_what_was_done_past_the_database(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, harm: str, says: str
) -> None:
    superuser.execute(text("DELETE FROM invoice"))
    with visiting() as visit:
        post(visit, [topped_up(noor, people[0], 500)])
    with door.for_a_look() as session:
        assert [step.bad for step in verify(session) if step.bad] == []
    superuser.execute(text("SET session_replication_role = replica"))
    superuser.execute(text(harm))
    with door.for_a_look() as session:
        *_, last = verify(session)
    assert says in (last.bad or "")
