"""Readings: from wherever they come they take one way; what is odd waits for staff, and what was billed stays."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from bot.billing.rebilling import CannotRebill, rebill
from bot.billing.running import work_run
from bot.importer.folder import ImportRefused, import_folder
from bot.services import Services
from domain.door import Visit
from domain.readings.deciding import CannotDecide, confirm, reject
from domain.readings.judging import Usual, judge
from domain.readings.taking import Kept, Taken, take_readings
from tests.billing.world import Company, at, report, turns, with_meters
from tests.importer.folders import written

JUL, AUG, SEP, OCT, NOV = (date(2026, month, 1) for month in range(7, 12))
USUAL = Usual(3_000_000, 100, 50, 200)
HEAD = "meter_no,read_at,source,kwh\n"


def takes(company: Company, *taken: Taken) -> list[Kept]:
    with company.door.for_business(company.business_id) as session:
        return take_readings(Visit.within(session), company.business_id, taken)


def read(company: Company, number: str, day: date, kwh: float, origin: str = "staff", **more: str) -> Taken:
    return Taken(company.meter(number).id, at(day), int(kwh * 1000), origin, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "digits", "used", "odd"),
    [
        (1_000_000, 1_900_000, None, 900_000, None),
        (1_000_000, 999_000, None, None, "lower"),
        (1_000_000, 1_000_000, None, 0, "no_use"),
        (1_000_000, 2_801_000, None, 1_801_000, "high"),
        (1_000_000, 1_449_000, None, 449_000, "low"),
        (99_500_000, 300_000, 5, 800_000, None),
        (99_500_000, 300_000, None, None, "lower"),
        (60_000_000, 300_000, 5, None, "lower"),
        (98_000, 2_000, 3, None, "lower"),
        (98_000, 2_000, 2, 4_000, None),
    ],
)
def test_what_is_thought_of_a_reading(
    before: int, after: int, digits: int | None, used: int | None, odd: str | None
) -> None:
    usual = USUAL if before > 98_000 else Usual(12_000, 100, 50, 200)
    judged = judge(before, after, 30, usual, digits)
    assert (judged.wh, judged.odd) == (used, odd)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from([None, 4, 6]))
def test_nobody_ever_uses_less_than_nothing(before: int, after: int, digits: int | None) -> None:
    for trusted in (True, False):
        judged = judge(before, after, 30, USUAL, digits, trusted=trusted)
        assert judged.wh is None or judged.wh >= 0
        assert (judged.wh is None) <= (judged.odd == "lower")


def test_the_same_reading_again_changes_nothing(company: Company) -> None:
    with_meters(company, 2, [])
    for _ in range(2):
        kept = takes(company, read(company, "M0000001", OCT, 100), read(company, "M0000002", OCT, 50, "network"))
    assert [(one.state, one.is_new) for one in kept] == [("accepted", False)] * 2
    assert company.looks("SELECT count(*) FROM reading") == [(2,)]


def test_odd_ones_wait_until_staff_has_looked(company: Company) -> None:
    with_meters(company, 1, [])
    for day, kwh in ((AUG, 100), (SEP, 400), (OCT, 700)):
        takes(company, read(company, "M0000001", day, kwh))
    (odd,) = takes(company, read(company, "M0000001", NOV, 9_000, "customer"))
    assert (odd.state, odd.reason, odd.used_wh) == ("held", "high", 8_300_000)
    (sms,) = takes(company, read(company, "M0000001", NOV - timedelta(days=1), 1_000, "customer", doubt="by_sms"))
    assert (sms.state, sms.reason) == ("held", "by_sms")
    with company.door.for_business(company.business_id) as session:
        visit = Visit.within(session)
        assert confirm(visit, odd.reading_id, "staff x").after == "accepted"
        assert reject(visit, sms.reading_id, "staff x").after == "rejected"
        with pytest.raises(CannotDecide):
            confirm(visit, odd.reading_id, "staff x")


def test_what_staff_is_sure_of_is_not_held(company: Company) -> None:
    with_meters(company, 1, [])
    for day, kwh in ((AUG, 100), (SEP, 400), (OCT, 700)):
        takes(company, read(company, "M0000001", day, kwh))
    (sure,) = takes(company, read(company, "M0000001", NOV, 9_000, trusted_by="staff x"))
    assert sure.state == "accepted"


def test_what_a_bill_was_made_of_stays(services: Services, company: Company, tmp_path: Path) -> None:
    with_meters(company, 1, turns(JUL, 5))
    work_run(services, company.asks(OCT))
    for change in (
        "UPDATE reading SET wh = wh + 1 WHERE read_at > '2026-10-20'",
        "UPDATE reading SET state = 'rejected' WHERE read_at > '2026-10-20'",
        "DELETE FROM reading WHERE read_at > '2026-10-20'",
        "UPDATE tariff SET fixed_fee_minor = 1",
        "UPDATE tariff SET blocks = '[[0, 1]]'",
        "UPDATE tariff SET used_at = NULL",
        "UPDATE billing_item SET wh = 1",
        "DELETE FROM billing_item",
    ):
        with pytest.raises(DBAPIError, match="refused"):
            company.does(change)
    company.does("UPDATE tariff SET name_en = 'Homes'")
    row = "M0000001,2026-11-01T08:00+03:00,actual,1\n"
    with pytest.raises(ImportRefused) as refused:
        import_folder(services.door, written(tmp_path / "files", readings=HEAD + row))
    assert refused.value.problems == ["readings.csv:2: kwh of reading M0000001 is posted and can't change"]


def test_readings_come_from_a_file(services: Services, company: Company, tmp_path: Path) -> None:
    with_meters(company, 1, [])
    rows = "M0000001,2026-10-01T08:00+03:00,actual,100.5\nM0000001,2026-11-01T08:00+03:00,estimated,٢٠٠\n"
    files = written(tmp_path / "files", readings=HEAD + rows)
    assert import_folder(services.door, files).files["readings.csv"].new == 2
    assert import_folder(services.door, files).files["readings.csv"].unchanged == 2
    found = company.looks("SELECT source, wh, origin, state FROM reading ORDER BY read_at")
    assert found == [("actual", 100_500, "file", "accepted"), ("estimated", 200_000, "file", "accepted")]
    for bad in ("GONE,2026-10-01T08:00+03:00,actual,1", "M0000001,2999-10-01T08:00+03:00,actual,1",
                "M0000001,2026-10-01T08:00,actual,1", "M0000001,2026-10-01T08:00+03:00,actual,-1"):  # fmt: skip
        with pytest.raises(ImportRefused):
            import_folder(services.door, written(tmp_path / "bad", readings=f"{HEAD}{bad}\n"))


def test_a_wrong_bill_is_taken_back_and_issued_anew(services: Services, company: Company) -> None:
    with_meters(company, 1, turns(JUL, 5))
    for month in (SEP, OCT):
        work_run(services, company.asks(month))
    first, wrong = (company.item("M0000001", month) for month in (SEP, OCT))
    assert isinstance(wrong.invoice_id, UUID)
    with company.door.for_business(company.business_id) as session:
        with pytest.raises(CannotRebill, match="billed_later"):
            rebill(services, Visit.within(session), first.invoice_id, "x")  # type: ignore[arg-type]
        done = rebill(services, Visit.within(session), wrong.invoice_id, "It was read wrong")
    again = company.item("M0000001", OCT)
    assert (again.invoice_id, again.wh, again.first) == (done.invoice_id, wrong.wh, wrong.first)
    states = company.looks("SELECT status, count(*) FROM invoice GROUP BY status ORDER BY status")
    assert states == [("cancelled", 1), ("issued", 2)]
    assert report(work_run(services, company.asks(OCT)))["billed"] == 0
