"""What a folder means for the ledger: the book agrees with the files, however often and in whatever order they come."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.pool import NullPool

import migrations
from bot.importer import import_folder
from bot.importer.folder import Counts
from domain.door import Door, psycopg_url
from domain.invoices import Invoice
from domain.ledger.tables import JournalEntry, LedgerAccount
from domain.ledger.verifying import verify
from tests.importer.folders import INVOICES, OTHER, refused, rows_with_versions, written
from tests.noor import found_noor

BALANCES = "account_no,name,opening_balance\n"
ROW = "I,1,2026-01-01,2026-02-01,100,15,115"


def bad(door: Door) -> list[str]:
    with door.for_a_look() as session:
        return [step.bad for step in verify(session) if step.bad]


def balances(door: Door) -> dict[str, int]:
    """Return the balance of each kind of account, over all customers."""
    statement = "SELECT kind, sum(amount_minor) FROM journal_line JOIN ledger_account a ON a.id = account_id GROUP BY 1"
    with door.for_every_business() as session:
        return {kind: int(minor) for kind, minor in session.execute(text(statement))}


def test_an_opening_balance_is_in_the_wallet_once(door: Door, tmp_path: Path) -> None:
    path = written(tmp_path, customers=BALANCES + "1,Sara,25.50\n2,Omar,0\n")
    for _ in range(2):
        import_folder(door, path)
        assert balances(door) == {"opening": 2550, "wallet": -2550}
    with door.for_every_business() as session:
        wallets = session.execute(select(LedgerAccount.balance_minor).where(LedgerAccount.kind == "wallet"))
        assert wallets.scalars().all() == [2550]
    assert bad(door) == []


def test_an_opening_balance_that_differs_later_is_refused(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers=BALANCES + "1,Sara,25.50\n"))
    assert refused(door, written(tmp_path, customers=BALANCES + "1,Sara,25.49\n")) == [
        "customers.csv:2: opening_balance of customer 1 is posted and can't change"
    ]


def test_what_is_owed_by_invoices_is_owed_by_the_ledger(door: Door, tmp_path: Path) -> None:
    rows = f"{ROW},40\nJ,1,2026-01-01,2026-02-01,10,0,10,10\nK,2,2026-01-01,2026-02-01,7,1,8,0\n"
    path = written(tmp_path, customers=BALANCES + "1,Sara,0\n2,Omar,3\n", invoices=INVOICES + rows)
    import_folder(door, path)
    assert balances(door) == {"opening": 300 - 7500 - 800, "receivable": 8300, "wallet": -300}
    assert bad(door) == []
    before = rows_with_versions(door)
    import_folder(door, path)
    assert rows_with_versions(door) == before


def test_what_was_paid_elsewhere_is_booked_as_that(door: Door, tmp_path: Path) -> None:
    for paid in ("0", "40", "40", "115"):
        import_folder(door, written(tmp_path, customers=BALANCES + "1,Sara,0\n", invoices=f"{INVOICES}{ROW},{paid}\n"))
        assert bad(door) == []
    assert balances(door) == {"opening": -11500, "receivable": 0, "elsewhere": 11500}


def test_an_older_file_takes_no_payment_back(door: Door, tmp_path: Path) -> None:
    older = written(tmp_path / "older", customers=BALANCES + "1,Sara,0\n", invoices=f"{INVOICES}{ROW},0\n")
    import_folder(door, older)
    import_folder(door, written(tmp_path / "newer", invoices=f"{INVOICES}{ROW},40\n"))
    before = rows_with_versions(door)
    assert import_folder(door, older).files["invoices.csv"] == Counts(0, 0, 1)
    assert rows_with_versions(door) == before


def test_a_cancelled_invoice_is_not_booked_again(door: Door, tmp_path: Path) -> None:
    customers = BALANCES + "1,Sara,0\n"
    import_folder(door, written(tmp_path, customers=customers, invoices=f"{INVOICES}{ROW},0\n"))
    with door.for_every_business() as session:
        session.execute(update(Invoice).values(status="cancelled"))
        entries = session.scalars(select(JournalEntry.id)).all()
    import_folder(door, written(tmp_path, customers=customers, invoices=f"{INVOICES}{ROW},40\n"))
    with door.for_every_business() as session:
        assert session.scalars(select(JournalEntry.id)).all() == entries
        assert session.execute(select(Invoice.status, Invoice.paid_minor)).one() == ("cancelled", 0)


def test_each_business_has_its_own_book(door: Door, tmp_path: Path) -> None:
    files = {"customers": BALANCES + "1,Sara,5\n", "invoices": f"{INVOICES}{ROW},0\n"}
    import_folder(door, written(tmp_path, **files))
    import_folder(door, written(tmp_path, business=OTHER, **files))
    assert balances(door) == {"opening": 1000 - 23000, "receivable": 23000, "wallet": -1000}
    assert bad(door) == []
    with door.for_every_business() as session:
        assert len(session.scalars(select(LedgerAccount.id)).all()) == 6


def test_a_dry_run_books_nothing(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers=BALANCES + "1,Sara,5\n"), dry_run=True)
    assert balances(door) == {}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 11500)), max_size=6), min_size=1, max_size=4))
def test_any_files_in_any_order_leave_the_book_whole(
    door: Door, empty: None, superuser: Any, tmp_path: Path, files: list[list[tuple[int, int]]]
) -> None:
    superuser.execute(text("TRUNCATE business CASCADE"))
    most = dict.fromkeys(range(4), 0)
    for rows in files:
        paid = dict(rows)
        invoices = "".join(
            f"I{n},{n % 2},2026-01-01,2026-02-01,100,15,115,{minor / 100:.2f}\n" for n, minor in paid.items()
        )
        import_folder(
            door, written(tmp_path, customers=BALANCES + "0,Sara,1\n1,Omar,0\n", invoices=INVOICES + invoices)
        )
        most |= {n: max(most[n], minor) for n, minor in paid.items()}
        assert bad(door) == []
    with door.for_every_business() as session:
        for number, minor in session.execute(select(Invoice.invoice_no, Invoice.paid_minor)):
            assert minor == most[int(number[1:])]


def test_a_database_that_has_no_book_yet_gets_one(postgres: Any, tmp_path: Path) -> None:
    urls = postgres.create_database("no_book_yet", owner="raseed_owner", service_role="raseed")
    command.upgrade(migrations.config(urls.owner_url, "raseed"), "head")
    command.downgrade(migrations.config(urls.owner_url), _before_the_ledger())
    engine = create_engine(psycopg_url(urls.owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(_OLD_ROWS))
    command.upgrade(migrations.config(urls.owner_url, "raseed"), "head")
    door = Door(create_engine(psycopg_url(urls.service_url), poolclass=NullPool))
    assert balances(door) == {"opening": 250 - 7500, "receivable": 7500, "wallet": -250}
    assert bad(door) == []


def _before_the_ledger() -> str:
    from alembic.script import ScriptDirectory

    revision = ScriptDirectory.from_config(migrations.config("")).get_revision("0030").down_revision
    assert isinstance(revision, str)
    return revision


_OLD_ROWS = """
INSERT INTO business (id, created_at, code, name_en, name_ar, currency, timezone, country, vat_rate, language)
    VALUES (gen_random_uuid(), now(), 'N', 'N', 'N', 'SAR', 'Asia/Riyadh', 'SA', 0.15, 'ar');
INSERT INTO customer (id, created_at, business_id, account_no, name, opening_balance_minor, marketing_consent, tags,
        protected)
    SELECT gen_random_uuid(), now(), id, '1', 'Sara', 250, false, '{}', false FROM business;
INSERT INTO invoice (id, created_at, business_id, customer_id, invoice_no, status, issue_date, due_date, currency,
        net_minor, vat_minor, total_minor, paid_minor)
    SELECT gen_random_uuid(), now(), business_id, id, 'I', 'part_paid', current_date, current_date, 'SAR', 10000, 1500,
           11500, 4000 FROM customer
"""


@pytest.mark.parametrize(
    "change", ["net_minor = 1, total_minor = 1", "issue_date = issue_date - 1", "invoice_no = 'X'"]
)
def test_the_database_keeps_what_is_posted(door: Door, change: str) -> None:
    found_noor(door)
    with pytest.raises(Exception, match="is posted: UPDATE refused"), door.for_every_business() as session:
        session.execute(text(f"UPDATE invoice SET {change} WHERE invoice_no = 'INV-1'"))
