"""A file that is no proper CSV is said to be so, at its line; and every problem of every file is said at once."""

from pathlib import Path

import pytest

from bot.importer import ImportRefused, import_folder
from bot.importer.fields import Locality
from bot.importer.files import CUSTOMERS
from bot.importer.reading import header_of, rows_of
from domain.customers import Customer
from domain.door import Door
from tests.importer.folders import CUSTOMER, OTHER, count, refused, written

HEAD = "account_no,name,address\n"


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    content = HEAD + '1,A,"one\ntwo\r\nthree"\n\n2,B,\n3,"C ""D""",x\n4,E\n'
    path = written(tmp_path, customers=content) / "customers.csv"
    rows = list(rows_of(path, CUSTOMERS, header_of(path, CUSTOMERS), Locality("SAR", "SA")))
    assert [(row.line, bool(row.complaints)) for row in rows] == [(2, False), (6, False), (7, False), (8, True)]
    assert [row.values.get("name") for row in rows] == ["A", "B", 'C "D"', None]


def test_a_byte_order_mark_and_dos_lines_are_no_problem(door: Door, tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + b'"account_no", name \r\n 1 , Sara \r\n'
    assert import_folder(door, written(tmp_path, customers=content)).files["customers.csv"].new == 1


BROKEN = {
    "not utf-8, far in": (b"account_no,name\n" + b"1,a\n" * 3000 + b"x,\xff\n", "customers.csv:3002: this line is not"),
    "utf-16": ("account_no,name\n1,a\n".encode("utf-16"), "customers.csv:1: this line is not UTF-8"),
    "an open quote": (b'account_no,name\n1,"a\n2,b\n', "customers.csv:2: a quote"),
    "a very long open quote": (b'account_no,name\n1,"a\n' + b"2,b\n" * 99_999, "customers.csv:2: a quote"),
    "a very long line": (b"account_no,name\n1," + b"a" * 200_000, "customers.csv:2: the line is longer"),
    "text after a quote": (b'account_no,name\n1,"a"b\n', "customers.csv:2: "),
    "a zero character": (b"account_no,name\n1,a\0b\n", "customers.csv:2: name: 'a\\x00b' holds a zero"),
    "a zero character in the header": (b"account_no,na\0me\n1,ab\n", "customers.csv:1: there is no column 'na\\x00me'"),
    "a column twice": (b"account_no,name,name\n", "customers.csv:1: the column name stands there twice"),
    "nothing": (b"", "customers.csv:1: the column account_no is missing"),
    "blank lines only": (b"\n\n", "customers.csv:1: the column account_no is missing"),
    "semicolons": (b"account_no;name\n1;a\n", "customers.csv:1: there is no column 'account_no;name'"),
}


@pytest.mark.parametrize(("content", "wanted"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_csv(door: Door, tmp_path: Path, content: bytes, wanted: str) -> None:
    problems = refused(door, written(tmp_path, customers=content))
    assert any(problem.startswith(wanted) for problem in problems), problems[:3]
    assert not any("\n" in problem for problem in problems)


def test_a_folder_that_is_none(door: Door, tmp_path: Path) -> None:
    assert refused(door, tmp_path / "nowhere")[0].endswith("there is no such folder")
    assert "there is no file to import" in refused(door, tmp_path)[0]
    (tmp_path / "customers.csv").mkdir()
    assert "customers.csv: Is a directory" in refused(door, tmp_path)


def test_whose_the_folder_is(door: Door, tmp_path: Path) -> None:
    alone = written(tmp_path / "alone", customers=CUSTOMER)
    (alone / "business.csv").unlink()
    assert "there are 0 businesses" in refused(door, alone)[0]
    import_folder(door, written(tmp_path / "noor"))
    assert import_folder(door, alone).business == "NOOR"
    import_folder(door, written(tmp_path / "other", business=OTHER))
    assert "there are 2 businesses" in refused(door, alone)[0]


def test_every_problem_of_every_file_is_said_at_once(door: Door, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        business="code,name_en,name_ar,currency\nNOOR,Noor,النور,RIYAL\n",
        customers="account_no,name,phone\n1,,\n1,Twice,\n",
        plans=b"code,name_en,name_ar,days,price\nP,p,p,30,1.005\nQ,q,q,0,1\nR,\xff,r,7,1\n",
        meters="meter_no,owner\nM,1\n",
        invoices="invoice_no,account_no,issue_date,due_date,net,vat,total\nI,1,today,2026-01-01,1,1,2\n",
    )
    assert [problem.partition(": ")[0] for problem in refused(door, path)] == [
        "business.csv:2",
        "customers.csv:2",
        "customers.csv:3",
        "plans.csv:3",  # that price may be right in the currency that is meant
        "plans.csv:4",
        "meters.csv:1",
        "invoices.csv:2",
    ]


def test_nobody_is_blamed_for_naming_what_could_not_be_read(door: Door, tmp_path: Path) -> None:
    meters = "meter_no,account_no,kind,network\nM,9,prepaid,manual\n"
    path = written(tmp_path, customers=b"account_no,name\n1,\xff\n9,Sara\n", meters=meters)
    assert refused(door, path) == ["customers.csv:2: this line is not UTF-8"]


def test_many_problems_are_all_counted_and_some_kept(door: Door, tmp_path: Path) -> None:
    meters = "meter_no,account_no,kind,network\n" + "".join(f"M{n},9,prepaid,manual\n" for n in range(3000))
    customers = "account_no,name\n" + "1,\n" * 3000
    with pytest.raises(ImportRefused) as error:
        import_folder(door, written(tmp_path, customers=customers, meters=meters))
    assert (error.value.number, len(error.value.problems)) == (3000 + 2999 + 3000, 1000)
    assert count(door, Customer) == 0
