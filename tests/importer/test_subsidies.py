"""The import of subsidies: twice is as good as once, and what makes no sense is refused."""

import pytest
from sqlalchemy import text

from bot.importer.folder import ImportRefused, import_folder
from domain.door import Door
from tests.importer.folders import Folder

CUSTOMERS = "account_no,name\n1,Huda\n2,Salem\n"
METERS = "meter_no,account_no,kind,network\nA1,1,postpaid,acrel\nA2,2,postpaid,acrel\n"
HEADER = "programme,account_no,meter_no,valid_from,monthly_kwh,valid_to\n"


def found(door: Door) -> list[tuple[object, ...]]:
    with door.for_every_business() as session:
        statement = "SELECT programme, monthly_kwh::text, valid_to FROM subsidy ORDER BY programme"
        return [tuple(row) for row in session.execute(text(statement))]


def test_they_are_taken_in_and_changed(door: Door, folder: Folder) -> None:
    first = folder(
        customers=CUSTOMERS, meters=METERS, subsidies=f"{HEADER}C,1,A1,2026-01-01,250.5,\nF,2,A2,2026-01-01,90,\n"
    )
    assert import_folder(door, first).files["subsidies.csv"].new == 2
    assert import_folder(door, first).files["subsidies.csv"].unchanged == 2
    changed = folder(subsidies=f"{HEADER}C,1,A1,2026-01-01,٣٠٠,2026-12-31\n")
    assert import_folder(door, changed).files["subsidies.csv"].changed == 1
    assert [row[:2] for row in found(door)] == [("C", "300.000"), ("F", "90.000")]


def test_what_makes_no_sense_is_refused(door: Door, folder: Folder) -> None:
    rows = ("C,1,A1,2026-02-01,0,", "C,1,A1,2026-03-01,5,2026-02-01", "C,9,A1,2026-04-01,5,", "C,1,A9,2026-05-01,5,")
    with pytest.raises(ImportRefused) as refused:
        import_folder(door, folder(customers=CUSTOMERS, meters=METERS, subsidies=HEADER + "\n".join(rows) + "\n"))
    assert [line.split(": ")[0] for line in refused.value.problems] == [f"subsidies.csv:{n}" for n in (2, 3, 4, 5)]
    assert found(door) == []
