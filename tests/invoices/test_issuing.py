"""Invoices are numbered without a gap, posted, and cancelled by a credit note; the book agrees at every moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from domain.cancelling import CannotCancel, cancel
from domain.door import Door, Visit
from domain.ids import new_id
from domain.invoice_lines import CreditNote, InvoiceLine
from domain.invoices import Invoice, status_of
from domain.issuing import Draft, DraftLine, NoSuchCustomer, issue
from domain.ledger.balances import balance_of
from domain.ledger.chart import CASH, REVENUE, VAT_PAYABLE, house, receivable
from domain.ledger.entries import Entry, credit, debit
from domain.ledger.posting import post
from domain.ledger.verifying import verify
from domain.money import Money
from domain.numbers import take_numbers
from domain.wallet import wallet_of
from tests.ledger.conftest import Visiting
from tests.noor import Noor

FIFTEEN = Decimal("0.15")
SAR = "SAR"


@pytest.fixture(autouse=True)
def nothing_yet(superuser: Any, noor: Noor) -> None:
    """The company's own invoices stand in no book, and are none of these tests'."""
    superuser.execute(text("TRUNCATE invoice CASCADE"))


def draft(noor: Noor, customer: UUID, *nets: int) -> Draft:
    lines = tuple(DraftLine("Electricity", "كهرباء", net, "S", FIFTEEN, "04012345678") for net in nets or (10000,))
    return Draft(customer, noor.today + timedelta(days=30), "Electricity", "كهرباء", lines)


def bad(door: Door) -> list[str]:
    with door.for_a_look() as session:
        return [step.bad for step in verify(session) if step.bad]


def pay_in_cash(visit: Visit, noor: Noor, customer: UUID, invoice: UUID, minor: int) -> None:
    """Book a payment, as whoever takes payments will."""
    ((total, paid),) = visit.ask("SELECT total_minor, paid_minor FROM invoice WHERE id = %(id)s", {"id": invoice})
    values = {"id": invoice, "paid": paid + minor, "status": status_of(total, paid + minor)}
    visit.ask("UPDATE invoice SET paid_minor = %(paid)s, status = %(status)s WHERE id = %(id)s", values)
    amount = Money(minor, SAR)
    lines = (debit(house(CASH), amount), credit(receivable(customer), amount))
    post(visit, [Entry(noor.business_id, noor.today, "paid", "test", new_id(), lines)])


def test_an_invoice_is_posted_with_its_lines(door: Door, visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with visiting() as visit:
        (issued,) = issue(visit, noor.business_id, [draft(noor, people[0], 3, 3, 3, 10000, -9)])
    assert issued.invoice_no == f"INV-{noor.today.year}-000001"
    assert (issued.net.minor, issued.vat.minor, issued.total.minor) == (10000, 1500, 11500)
    with visiting() as visit:
        assert balance_of(visit, noor.business_id, receivable(people[0]), SAR).minor == 11500
        assert balance_of(visit, noor.business_id, house(REVENUE), SAR).minor == -10000
        assert balance_of(visit, noor.business_id, house(VAT_PAYABLE), SAR).minor == -1500
    with door.for_business(noor.business_id) as session:
        assert session.scalars(select(InvoiceLine.net_minor).order_by(InvoiceLine.n)).all() == [3, 3, 3, 10000, -9]
        invoice = session.scalars(select(Invoice)).one()
        assert (invoice.status, invoice.due_date) == ("issued", noor.today + timedelta(days=30))
        assert invoice.parties is not None
        assert invoice.parties["buyer"]["name_ar"] == "سارة الغامدي"
    assert bad(door) == []


def test_an_invoice_of_nothing_is_paid(door: Door, visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with visiting() as visit:
        issue(visit, noor.business_id, [draft(noor, people[0], 500, -500)])
    with door.for_business(noor.business_id) as session:
        assert session.scalars(select(Invoice.status)).all() == ["paid"]
    assert bad(door) == []


def test_for_nobody_nothing_is_issued(door: Door, visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with pytest.raises(NoSuchCustomer), visiting() as visit:
        issue(visit, noor.business_id, [draft(noor, people[0]), draft(noor, new_id())])
    with door.for_business(noor.business_id) as session:
        assert session.scalars(select(Invoice.id)).all() == []


def test_hundreds_at_once_are_numbered_in_their_order(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID]
) -> None:
    with visiting() as visit:
        issued = issue(visit, noor.business_id, [draft(noor, people[n % 5], 100 + n) for n in range(400)], "B")
    assert [one.invoice_no for one in issued] == [f"B-{n:06}" for n in range(1, 401)]
    assert [one.net.minor for one in issued] == [100 + n for n in range(400)]
    assert bad(door) == []


def test_no_gap_when_many_issue_at_once_and_some_die(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID]
) -> None:
    together = Barrier(12)

    def run(worker: int) -> None:
        together.wait()
        for turn in range(4):
            try:
                with visiting() as visit:
                    issue(visit, noor.business_id, [draft(noor, people[worker % 5])] * (1 + turn))
                    if (worker + turn) % 3 == 0:
                        visit.ask("SELECT pg_terminate_backend(pg_backend_pid())", {})  # the process dies here
            except (DBAPIError, psycopg.OperationalError):
                continue

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(run, range(12)))
    with door.for_business(noor.business_id) as session:
        numbers = session.scalars(select(Invoice.number).order_by(Invoice.number)).all()
    assert len(numbers) > 20
    assert numbers == list(range(1, len(numbers) + 1))
    assert bad(door) == []


def test_a_number_that_is_not_used_is_found(door: Door, visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with visiting() as visit:
        issue(visit, noor.business_id, [draft(noor, people[0])], "B")
        take_numbers(visit, noor.business_id, "B")
    assert bad(door) == ["series B has given out 2 numbers, there are 1 documents up to number 1"]


def test_a_credit_note_takes_it_all_back(door: Door, visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with visiting() as visit:
        (issued,) = issue(visit, noor.business_id, [draft(noor, people[0])])
        pay_in_cash(visit, noor, people[0], issued.invoice_id, 4000)
    with visiting() as visit:
        cancelled = cancel(visit, issued.invoice_id, "Wrong meter")
    assert cancelled.credit_note_no == f"CN-{noor.today.year}-000001"
    assert cancelled.refunded == Money(4000, SAR)
    with visiting() as visit:
        assert wallet_of(visit, people[0], SAR) == Money(4000, SAR)
        for account in (receivable(people[0]), house(REVENUE), house(VAT_PAYABLE)):
            assert balance_of(visit, noor.business_id, account, SAR).minor == 0
    with door.for_business(noor.business_id) as session:
        assert session.execute(select(CreditNote.total_minor, CreditNote.reason)).one() == (11500, "Wrong meter")
    assert bad(door) == []
    with pytest.raises(CannotCancel), visiting() as visit:
        cancel(visit, issued.invoice_id, "again")


def test_cancelled_once_by_twenty_at_once(door: Door, visiting: Visiting, noor: Noor, people: list[UUID]) -> None:
    with visiting() as visit:
        (issued,) = issue(visit, noor.business_id, [draft(noor, people[0])])
        pay_in_cash(visit, noor, people[0], issued.invoice_id, 11500)
    together = Barrier(20)

    def run(_: int) -> bool:
        together.wait()
        try:
            with visiting() as visit:
                cancel(visit, issued.invoice_id, "Wrong")
        except CannotCancel:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(run, range(20))) == 1
    with visiting() as visit:
        assert wallet_of(visit, people[0], SAR) == Money(11500, SAR)
    assert bad(door) == []


HISTORIES = st.lists(
    st.tuples(st.sampled_from(["issue", "pay", "cancel"]), st.integers(0, 9), st.integers(1, 20000)), max_size=14
)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(HISTORIES)
def test_any_history_of_invoices_leaves_the_book_whole(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, history: list[tuple[str, int, int]]
) -> None:
    play(door, visiting, noor, people, superuser, history)


@pytest.mark.long
@settings(FEW, max_examples=1000)
@given(HISTORIES)
def test_a_thousand_histories_of_invoices_leave_the_book_whole(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, history: list[tuple[str, int, int]]
) -> None:
    play(door, visiting, noor, people, superuser, history)


def play(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any, history: list[tuple[str, int, int]]
) -> None:
    tables = "invoice, invoice_line, credit_note, number_series, ledger_account, journal_entry, journal_line"
    superuser.execute(text(f"TRUNCATE {tables} CASCADE"))
    issued: list[tuple[UUID, UUID, int]] = []
    in_cash, cancelled, paid = 0, set[UUID](), dict[UUID, int]()
    for action, which, amount in history:
        with visiting() as visit:
            if action == "issue":
                customer = people[which % 3]
                (one,) = issue(visit, noor.business_id, [draft(noor, customer, amount, which)])
                issued.append((one.invoice_id, customer, one.total.minor))
                paid[one.invoice_id] = 0
            elif issued:
                invoice, customer, total = issued[which % len(issued)]
                owed = total - paid[invoice]
                if action == "pay" and invoice not in cancelled and owed:
                    pay_in_cash(visit, noor, customer, invoice, min(amount, owed))
                    paid[invoice] += min(amount, owed)
                    in_cash += min(amount, owed)
                elif action == "cancel" and invoice not in cancelled:
                    cancel(visit, invoice, "Wrong")
                    cancelled.add(invoice)
    assert bad(door) == []
    with visiting() as visit:
        wallets = sum(wallet_of(visit, person, SAR).minor for person in people)
        assert wallets == sum(paid[invoice] for invoice in cancelled)
        assert balance_of(visit, noor.business_id, house(CASH), SAR).minor == in_cash


@pytest.mark.parametrize("values", [{"total_minor": 1, "net_minor": 1, "vat_minor": 0}, {"number": 9}, {"parties": {}}])
def test_what_was_issued_stays(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], values: dict[str, Any]
) -> None:
    with visiting() as visit:
        issue(visit, noor.business_id, [draft(noor, people[0])])
    with pytest.raises(DBAPIError, match="is posted"), door.for_business(noor.business_id) as session:
        session.execute(update(Invoice).values(**values))


def test_the_proof_finds_an_invoice_whose_lines_say_something_else(
    door: Door, visiting: Visiting, noor: Noor, people: list[UUID], superuser: Any
) -> None:
    with visiting() as visit:
        issue(visit, noor.business_id, [draft(noor, people[0], 10000, 3)], "B")
    superuser.execute(text("UPDATE invoice_line SET net_minor = 4 WHERE n = 2"))
    assert bad(door) == ["invoice B-000001 is of 10003 and 1500 tax, its lines say 10004 and 1501"]
