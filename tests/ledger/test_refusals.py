"""What the database itself refuses, whoever asks it."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.ledger.balances import balance_of
from domain.ledger.chart import CASH, OPENING, Account, NoSuchAccount, house, receivable, wallet
from domain.ledger.entries import Entry, EntryError, credit, debit
from domain.ledger.posting import CannotReverse, post, reverse
from domain.money import Money
from domain.wallet import wallet_of
from tests.ledger.conftest import Visiting
from tests.noor import Noor

DAY = date(2026, 11, 20)
SAR = "SAR"


def topped_up(noor: Noor, customer: UUID, minor: int, source: UUID | None = None) -> Entry:
    amount = Money(minor, SAR)
    lines = (debit(house(CASH), amount), credit(wallet(customer), amount))
    return Entry(noor.business_id, DAY, "top_up", "test", source or new_id(), lines)


def by_hand(visit: Visit, noor: Noor, amounts: list[tuple[str, str, int]], lines: int | None = None) -> UUID:
    """Write an entry past all that Python knows: (kind of account, currency of the line, amount) each."""
    entry = new_id()
    visit.ask(
        "INSERT INTO journal_entry (id, created_at, business_id, day, kind, source_type, source_id, lines)"
        " VALUES (%(id)s, %(at)s, %(business)s, %(day)s, 'x', 'test', %(id)s, %(lines)s)",
        {"id": entry, "at": now(), "business": noor.business_id, "day": DAY, "lines": lines or len(amounts)},
    )
    for n, (kind, currency, amount) in enumerate(amounts, start=1):
        add_line(visit, noor, entry, n, lines or len(amounts), (kind, currency, amount))
    return entry


def add_line(visit: Visit, noor: Noor, entry: UUID, n: int, lines: int, amount: tuple[str, str, int]) -> None:
    values: dict[str, Any] = {"entry": entry, "n": n, "lines": lines, "at": now(), "business": noor.business_id}
    values |= {"kind": amount[0], "currency": amount[1], "amount": amount[2]}
    visit.ask(
        "INSERT INTO journal_line (entry_id, n, lines, created_at, business_id, account_id, currency, amount_minor)"
        " SELECT %(entry)s, %(n)s, %(lines)s, %(at)s, %(business)s, id, %(currency)s, %(amount)s FROM ledger_account"
        " WHERE kind = %(kind)s AND business_id = %(business)s LIMIT 1",
        values,
    )


@pytest.fixture
def opened(visiting: Visiting, noor: Noor) -> UUID:
    """A first entry, so that the accounts cash and opening are there."""
    amount = Money(1000, SAR)
    lines = (debit(house(CASH), amount), credit(house(OPENING), amount))
    with visiting() as visit:
        (entry,) = post(visit, [Entry(noor.business_id, DAY, "start", "test", new_id(), lines)])
    return entry


@pytest.mark.parametrize(
    ("amounts", "lines", "says"),
    [
        ([(CASH, SAR, 5), (OPENING, SAR, -4)], None, "does not sum to zero"),
        ([(CASH, SAR, 5)], 1, "ck_journal_entry_lines"),
        ([(CASH, SAR, 5)], 2, "has 1 lines, not 2"),
        ([], 2, "has 0 lines, not 2"),
        ([(CASH, SAR, 5), (OPENING, SAR, -5), (CASH, SAR, 1), (CASH, SAR, -1)], 3, "ck_journal_line_n"),
        ([(CASH, "KWD", 5), (OPENING, "KWD", -5)], None, "fk_journal_line_business_id_account_id_currency"),
        ([(CASH, SAR, 0), (OPENING, SAR, 0)], None, "ck_journal_line_amount"),
    ],
)
def test_an_entry_that_is_none(
    visiting: Visiting, noor: Noor, opened: UUID, amounts: list[tuple[str, str, int]], lines: int | None, says: str
) -> None:
    with pytest.raises(psycopg.Error, match=says):
        _commit(visiting, lambda visit: by_hand(visit, noor, amounts, lines))


def test_an_entry_by_hand_that_is_one(visiting: Visiting, noor: Noor, opened: UUID) -> None:
    _commit(visiting, lambda visit: by_hand(visit, noor, [(CASH, SAR, 5), (OPENING, SAR, -5)]))


@pytest.mark.parametrize("n", [1, 3])
def test_a_line_that_comes_later(visiting: Visiting, noor: Noor, opened: UUID, n: int) -> None:
    with pytest.raises(psycopg.errors.IntegrityError, match=r"pk_journal_line|ck_journal_line_n"):
        _commit(visiting, lambda visit: add_line(visit, noor, opened, n, 2, (CASH, SAR, 5)))


def test_a_currency_must_balance_by_itself(visiting: Visiting, noor: Noor, opened: UUID) -> None:
    dinars = (debit(house(CASH), Money(7, "KWD")), credit(house(OPENING), Money(7, "KWD")))
    with visiting() as visit:
        post(visit, [Entry(noor.business_id, DAY, "dinars", "test", new_id(), dinars)])
    with pytest.raises(EntryError):
        Entry(noor.business_id, DAY, "x", "test", new_id(), (dinars[0], credit(house(OPENING), Money(7, SAR))))


def test_the_same_cause_twice(visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    entry = topped_up(noor, people[0], 500)
    with visiting() as visit:
        post(visit, [entry])
    with pytest.raises(psycopg.errors.UniqueViolation), visiting() as visit:
        post(visit, [entry])
    with visiting() as visit:
        assert wallet_of(visit, people[0], SAR) == Money(500, SAR)


def test_a_reversal_and_no_second(visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with visiting() as visit:
        (entry,) = post(visit, [topped_up(noor, people[0], 500)])
        reversal = reverse(visit, entry, DAY)
    with visiting() as visit:
        assert wallet_of(visit, people[0], SAR) == Money(0, SAR)
        assert balance_of(visit, noor.business_id, house(CASH), SAR) == Money(0, SAR)
    with pytest.raises(psycopg.errors.UniqueViolation), visiting() as visit:
        reverse(visit, entry, DAY)
    for nothing in (reversal, new_id()):
        with pytest.raises(CannotReverse), visiting() as visit:
            reverse(visit, nothing, DAY)


def test_a_reversal_that_is_not_the_opposite(visiting: Visiting, noor: Noor, opened: UUID) -> None:
    def half(visit: Visit) -> None:
        entry = new_id()
        visit.ask(
            "INSERT INTO journal_entry (id, created_at, business_id, day, kind, source_type, source_id, reverses_id,"
            " lines) VALUES (%(id)s, %(at)s, %(business)s, %(day)s, 'reversal', 'entry', %(old)s, %(old)s, 2)",
            {"id": entry, "at": now(), "business": noor.business_id, "day": DAY, "old": opened},
        )
        add_line(visit, noor, entry, 1, 2, (CASH, SAR, -1))
        add_line(visit, noor, entry, 2, 2, (OPENING, SAR, 1))

    with pytest.raises(psycopg.errors.CheckViolation, match="not the opposite"):
        _commit(visiting, half)


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_account SET balance_minor = 9", "DELETE FROM ledger_account", "TRUNCATE ledger_account"]
)
def test_an_account_is_only_booked_on(
    visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, change: str
) -> None:
    with visiting() as visit:
        post(visit, [topped_up(noor, people[0], 500)])
    with pytest.raises(psycopg.Error, match=r"only ever added to|permission denied"), visiting() as visit:
        visit.ask(change, {})


@pytest.mark.parametrize(("kind", "customer"), [("cash", new_id()), ("wallet", None), ("gold", None)])
def test_an_account_that_the_chart_has_not(kind: str, customer: UUID | None) -> None:
    with pytest.raises(NoSuchAccount):
        Account(kind, customer)


def test_nothing_or_one_sided(noor: Noor, people: list[UUID]) -> None:
    nothing, something = Money(0, SAR), Money(5, SAR)
    for lines in (
        (debit(house(CASH), nothing), credit(wallet(people[0]), nothing)),
        (debit(house(CASH), something),),
        (debit(receivable(people[0]), something), credit(house(CASH), Money(4, SAR))),
    ):
        with pytest.raises(EntryError):
            Entry(noor.business_id, DAY, "x", "test", new_id(), lines)


def _commit(visiting: Visiting, write: Any) -> None:
    with visiting() as visit:
        write(visit)
        visit.ask("SET CONSTRAINTS ALL IMMEDIATE", {})
