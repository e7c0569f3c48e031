"""A folder is taken in whole or not at all, and twice is as good as once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.importer import ImportRefused, import_folder
from bot.importer.folder import Counts
from domain.businesses import Business
from domain.contacts import Consent, Contact
from domain.customers import ContactCustomer, Customer
from domain.door import Door
from domain.invoices import Invoice
from domain.meters import Meter
from domain.subscriptions import Subscription
from domain.tables import Base

DEMO = Path(__file__).parents[2] / "sandbox" / "data" / "noor"
Folder = Callable[..., Path]

BUSINESS = "code,name_en,name_ar\nNOOR,Noor,النور\n"
INVOICES = "invoice_no,account_no,issue_date,due_date,net,vat,total,paid\n"
CUSTOMERS = "account_no,name,phone\n1,Sara,0500000001\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes a folder of the files that are given by name, business.csv if not given otherwise."""

    def make(**files: str) -> Path:
        for name, content in {"business": BUSINESS, **files}.items():
            (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        return tmp_path

    return make


def _rows(door: Door) -> int:
    with door.for_every_business() as session:
        return sum(session.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables)


def _problems(door: Door, path: Path) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        import_folder(door, path)
    assert _rows(door) == 0
    return refused.value.problems


def test_the_demo_is_taken_in(door: Door) -> None:
    report = import_folder(door, DEMO)
    assert report.warnings == []
    assert report.files["customers.csv"] == Counts(21, 0, 0)
    with door.for_every_business() as session:
        assert set(session.scalars(select(Invoice.status))) == {"issued", "part_paid", "paid"}
        assert set(session.scalars(select(Subscription.status))) == {"active", "paused", "stopped", "expired"}
        assert (session.scalar(select(func.count()).select_from(Meter)) or 0) >= 20
        on_two = select(func.count()).select_from(ContactCustomer).group_by(ContactCustomer.contact_id)
        assert sorted(session.scalars(on_two))[-2:] == [2, 2]  # one phone, on WhatsApp and on SMS


def test_a_second_time_changes_nothing(door: Door) -> None:
    import_folder(door, DEMO)
    written = "SELECT array_agg(xmin::text || ' ' || id ORDER BY id) FROM {}"
    tables = [table.name for table in Base.metadata.sorted_tables if "id" in table.c]
    with door.for_every_business() as session:
        before = [session.scalar(text(written.format(name))) for name in tables]
    report = import_folder(door, DEMO)
    assert all((counts.new, counts.changed) == (0, 0) for counts in report.files.values())
    with door.for_every_business() as session:
        assert before == [session.scalar(text(written.format(name))) for name in tables]


def test_a_dry_run_tells_and_does_nothing(door: Door) -> None:
    assert import_folder(door, DEMO, dry_run=True).files["customers.csv"] == Counts(21, 0, 0)
    assert _rows(door) == 0


BAD = {
    "business.csv:2: currency: 'XXX1' is not a currency": {"business": "code,name_en,name_ar,currency\nN,a,b,XXX1\n"},
    "business.csv:2: timezone": {"business": "code,name_en,name_ar,timezone\nN,a,b,Mars/Base\n"},
    "business.csv: there are 2 businesses": {"business": BUSINESS + "B,b,b\n"},
    "customers.csv:2: phone: '12' is not a telephone number": {"customers": "account_no,name,phone\n1,Sara,12\n"},
    "customers.csv:3: account_no 1 stands in line 2": {"customers": CUSTOMERS + "1,Again,\n"},
    "customers.csv:3: there are 2 fields, not 3": {"customers": CUSTOMERS + "2,Two\n"},
    "customers.csv:4: name is empty": {"customers": 'account_no,name\n1,"Two\nlines"\n2,\n'},
    "customers.csv:1: there is no column 'surname'": {"customers": "account_no,name,surname\n"},
    "customers.csv:1: the column name is missing": {"customers": "account_no\n1\n"},
    "customers.csv:2: marketing_consent: 'maybe' is neither yes nor no": {
        "customers": "account_no,name,marketing_consent\n1,S,maybe\n"
    },
    "customers.csv:2: opening_balance: '-1' is below zero": {"customers": "account_no,name,opening_balance\n1,S,-1\n"},
    "customers.csv:2: email": {"customers": "account_no,name,email\n1,S,nobody\n"},
    "senders.csv:2: address: 'whatsapp:+966112000001' is written without whatsapp:": {
        "senders": "address,channel\nwhatsapp:+966112000001,whatsapp\n"
    },
    "senders.csv:2: a WhatsApp sender is a number": {"senders": "address,channel\nNOOR,whatsapp\n"},
    "meters.csv:2: account_no 9: there is no such customer": {
        "meters": "meter_no,account_no,kind,network\nM1,9,prepaid,manual\n"
    },
    "meters.csv:2: kind: 'solar' is not one of prepaid, postpaid": {
        "customers": CUSTOMERS,
        "meters": "meter_no,account_no,kind,network\nM1,1,solar,manual\n",
    },
    "invoices.csv:2: net and vat don't add up to total": {
        "customers": CUSTOMERS,
        "invoices": INVOICES + "I,1,2026-01-01,2026-02-01,1,1,3,0\n",
    },
    "invoices.csv:2: net: '1.005' has more decimals than SAR has": {
        "customers": CUSTOMERS,
        "invoices": INVOICES + "I,1,2026-01-01,2026-02-01,1.005,0,1,0\n",
    },
    "subscriptions.csv:2: paused_on goes with the status paused": {
        "customers": CUSTOMERS,
        "plans": "code,name_en,name_ar,days,price\nP,p,p,30,1\n",
        "subscriptions": "reference,account_no,plan,start_date,status\nS,1,P,2026-01-01,paused\n",
    },
    "subscriptions.csv:2: plan Q: there is no such plan": {
        "customers": CUSTOMERS,
        "subscriptions": "reference,account_no,plan,start_date,status\nS,1,Q,2026-01-01,active\n",
    },
}


@pytest.mark.parametrize(("wanted", "files"), BAD.items(), ids=BAD.keys())
def test_a_bad_row_is_named(door: Door, folder: Folder, wanted: str, files: dict[str, str]) -> None:
    assert any(problem.startswith(wanted) for problem in _problems(door, folder(**files)))


def test_all_bad_rows_are_named_at_once_and_good_ones_are_not_blamed_for_them(door: Door, folder: Folder) -> None:
    path = folder(
        customers="account_no,name,phone\n1,Sara,12\n2,,0500000002\n",
        meters="meter_no,account_no,kind,network\nM1,1,prepaid,manual\nM2,2,odd,manual\n",
    )
    assert [problem.split(": ")[0] for problem in _problems(door, path)] == [
        "customers.csv:2",
        "customers.csv:3",
        "meters.csv:3",
    ]


def test_what_is_no_csv_is_named(door: Door, folder: Folder) -> None:
    path = folder(customers=CUSTOMERS)
    (path / "customers.csv").write_bytes(b"account_no,name\n1,\xff\xfe\n")
    assert "not UTF-8" in _problems(door, path)[0]
    (path / "customers.csv").write_text('account_no,name\n1,"open', encoding="utf-8")
    assert _problems(door, path)[0].startswith("customers.csv:2:")
    (path / "customers.csv").write_text("", encoding="utf-8")
    assert _problems(door, path) == ["customers.csv:1: the column account_no is missing"]
    assert _problems(door, path / "nowhere") == [f"{path / 'nowhere'}: there is no such folder"]


def test_what_may_change_is_changed_and_what_is_posted_is_not(door: Door, folder: Folder) -> None:
    head = INVOICES
    customers = "account_no,name,opening_balance\n1,Sara,5\n"
    import_folder(door, folder(customers=customers, invoices=head + "I,1,2026-01-01,2026-02-01,100,15,115,0\n"))
    changed = folder(
        customers="account_no,name\n1,Sara A\n", invoices=head + "I,1,2026-01-01,2026-02-09,100,15,115,15\n"
    )
    report = import_folder(door, changed)
    assert report.files["invoices.csv"] == report.files["customers.csv"] == Counts(0, 1, 0)
    with door.for_every_business() as session:
        assert session.execute(select(Customer.name, Customer.opening_balance_minor)).one() == ("Sara A", 500)
        assert session.execute(select(Invoice.status, Invoice.paid_minor)).one() == ("part_paid", 1500)
    refused = folder(
        customers=customers.replace(",5", ",6"), invoices=head + "I,1,2026-01-02,2026-02-01,200,30,230,0\n"
    )
    with pytest.raises(ImportRefused) as error:
        import_folder(door, refused)
    assert sorted(error.value.problems) == [
        "customers.csv:2: opening_balance of customer 1 is posted and can't change",
        "invoices.csv:2: issue_date of invoice I is posted and can't change",
        "invoices.csv:2: net of invoice I is posted and can't change",
        "invoices.csv:2: total of invoice I is posted and can't change",
        "invoices.csv:2: vat of invoice I is posted and can't change",
    ]


def test_contacts_follow_the_phone(door: Door, folder: Folder) -> None:
    import_folder(door, folder(customers="account_no,name,phone,email\n1,Sara,٠٥٠٠٠٠٠٠٠١,s@example.com\n"))
    import_folder(door, folder(customers="account_no,name,phone,email\n1,Sara,+966 50 000 0002,s@example.com\n"))
    with door.for_every_business() as session:
        linked = select(Contact.channel, Contact.address).join(ContactCustomer).order_by(Contact.channel)
        assert session.execute(linked).all() == [
            ("email", "s@example.com"),
            ("sms", "+966500000002"),
            ("whatsapp", "+966500000002"),
        ]


def test_consent_is_written_down_when_it_changes(door: Door, folder: Folder) -> None:
    head = "account_no,name,phone,marketing_consent\n"
    for answer in ("no", "yes", "yes", "no"):
        import_folder(door, folder(customers=f"{head}1,Sara,0500000001,{answer}\n"))
    with door.for_every_business() as session:
        rows = session.scalars(
            select(Consent).join(Contact).where(Contact.channel == "sms").order_by(Consent.created_at)
        )
        assert [(row.topic, row.granted, row.source) for row in rows] == [
            ("marketing", True, "import"),
            ("marketing", False, "import"),
        ]


def test_a_number_of_another_business_is_refused(door: Door, folder: Folder) -> None:
    senders = "address,channel\n+966112000001,sms\n"
    import_folder(door, folder(senders=senders))
    path = folder(business="code,name_en,name_ar\nOTHER,Other,أخرى\n", senders=senders)
    with pytest.raises(ImportRefused) as error:
        import_folder(door, path)
    assert error.value.problems == ["senders.csv:2: address +966112000001 belongs to another business"]


def test_files_that_are_not_known_are_left_alone(door: Door, folder: Folder) -> None:
    warnings = import_folder(door, folder(wishes="a\n")).warnings
    assert warnings == ["wishes.csv: left alone; no such file is known"]


def test_two_imports_at_once_are_one_after_the_other(door: Door) -> None:
    together = threading.Barrier(2)

    def run() -> int:
        together.wait()
        return import_folder(door, DEMO).files["customers.csv"].new

    with ThreadPoolExecutor(2) as pool:
        assert sorted(future.result() for future in [pool.submit(run), pool.submit(run)]) == [0, 21]
    with door.for_every_business() as session:
        assert session.scalar(select(func.count()).select_from(Business)) == 1


def test_killed_in_the_middle_leaves_nothing(door: Door, environment: dict[str, str]) -> None:
    script = (
        "import os, signal; from pathlib import Path; from bot.importer import import_folder, merging, folder\n"
        "from bot.services import make_services; from bot.settings import read_settings\n"
        "before = folder.merge\n"
        "def merge(session, file, *rest):\n"
        "    if file.name == 'invoices.csv': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return before(session, file, *rest)\n"
        "folder.merge = merge\n"
        f"import_folder(make_services(read_settings()).door, Path({str(DEMO)!r}))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], env={**os.environ, **environment}, check=False, timeout=30)
    assert ended.returncode == -signal.SIGKILL
    assert _rows(door) == 0
