"""Meters that are in use no more: they get their last bill, until then, once."""

from datetime import date
from pathlib import Path

from bot.importer.folder import import_folder
from bot.services import Services
from domain.door import Visit
from domain.readings.exchanging import exchange
from tests.billing.test_runs import AUG, JUL, NOV, OCT, SEP, worked
from tests.billing.world import Company, at, report, with_meters

CLOSED = date(2026, 10, 11)
DEC = date(2026, 12, 1)


def one_meter(company: Company) -> None:
    """Let there be a meter that has been billed until October."""
    with_meters(company, 1, [])
    for day, kwh in ((JUL, 100), (AUG, 400), (SEP, 700), (OCT, 1_000)):
        company.reads("M0000001", day, kwh)


def closes(company: Company, day: date = CLOSED) -> None:
    company.does("UPDATE meter SET active = false, closed_on = :day WHERE meter_no = 'M0000001'", day=day)


def test_the_last_bill_goes_until_the_last_reading_and_is_the_last(
    services: Services, company: Company, clock_file: Path
) -> None:
    one_meter(company)
    worked(services, company, SEP)
    closes(company)
    company.reads("M0000001", CLOSED, 1_100)
    run = report(worked(services, company, OCT))
    assert (run["billed"], run["wh"], run["estimated"], run["exceptions"]) == (1, 100_000, 0, 0)
    item = company.item("M0000001", OCT)
    assert (item.first, item.until, item.end_wh) == (OCT, CLOSED, 1_100_000)
    # Ten days of a month: a third of the fee, and the first block.
    assert company.bill("M0000001", OCT) == [
        ("Electricity, block from 0 to 1,935.484 kWh", 1_800),
        ("Fixed fee", 323),
    ]
    assert report(worked(services, company, OCT))["billed"] == 0
    clock_file.write_text("2026-12-05T09:00:00+03:00")
    november = report(worked(services, company, NOV))
    assert (november["billed"], november["exceptions"]) == (0, 0)


def test_what_was_closed_after_the_month_is_billed_to_its_end_and_then_to_the_last(
    services: Services, company: Company, clock_file: Path
) -> None:
    one_meter(company)
    company.reads("M0000001", NOV, 1_300)
    worked(services, company, SEP)
    closes(company, date(2026, 11, 10))
    company.reads("M0000001", date(2026, 11, 10), 1_400)
    worked(services, company, OCT)
    assert company.item("M0000001", OCT).until == NOV
    clock_file.write_text("2026-12-05T09:00:00+03:00")
    worked(services, company, NOV)
    last = company.item("M0000001", NOV)
    assert (last.first, last.until, last.wh) == (NOV, date(2026, 11, 10), 100_000)


def test_without_a_last_reading_staff_is_asked_for_it(services: Services, company: Company) -> None:
    """Nothing is estimated: there is no reading to come that would settle it."""
    one_meter(company)
    worked(services, company, SEP)
    closes(company)
    assert report(worked(services, company, OCT))["codes"] == {"no_reading": 1}
    assert company.item("M0000001", OCT).detail == "in use no more since 2026-10-11: its last reading is missing"
    company.reads("M0000001", CLOSED, 1_100)
    assert report(worked(services, company, OCT))["billed"] == 1
    assert company.item("M0000001", OCT).until == CLOSED


def test_what_was_billed_until_it_closed_is_not_billed_again(services: Services, company: Company) -> None:
    one_meter(company)
    worked(services, company, SEP)
    closes(company, OCT)
    run = report(worked(services, company, OCT))
    assert (run["billed"], run["exceptions"]) == (0, 0)


def test_what_was_replaced_after_the_month_is_billed_for_it(services: Services, company: Company) -> None:
    with_meters(company, 2, [])
    company.does("UPDATE meter SET customer_id = (SELECT customer_id FROM meter WHERE meter_no = 'M0000001')")
    company.does("UPDATE meter SET active = false WHERE meter_no = 'M0000002'")
    for day, kwh in ((JUL, 100), (AUG, 400), (SEP, 700), (OCT, 1_000), (NOV, 1_300)):
        company.reads("M0000001", day, kwh)
    worked(services, company, SEP)
    with services.door.for_business(company.business_id) as session:
        exchange(Visit.within(session), "M0000001", "M0000002", at(date(2026, 11, 5)), (1_350_000, 5_000))
    run = report(worked(services, company, OCT))
    assert (run["billed"], company.item("M0000001", OCT).until) == (1, NOV)


def test_an_import_says_when_a_meter_was_closed(services: Services, company: Company, tmp_path: Path) -> None:
    one_meter(company)
    (tmp_path / "business.csv").write_text("code,name_en,name_ar\nNOOR,Noor Electricity,كهرباء النور\n")
    (tmp_path / "customers.csv").write_text("account_no,name\nA0000001,Customer 1\n")
    head = "meter_no,account_no,kind,network,active\n"
    for active, closed_on in (("no", date(2026, 11, 15)), ("no", date(2026, 11, 15)), ("yes", None)):
        (tmp_path / "meters.csv").write_text(f"{head}M0000001,A0000001,postpaid,manual,{active}\nNEW,A0000001,postpaid,"
                                             "manual,no\n")  # fmt: skip
        import_folder(services.door, tmp_path)
        assert company.meter("M0000001").closed_on == closed_on
    assert company.meter("NEW").closed_on is None
