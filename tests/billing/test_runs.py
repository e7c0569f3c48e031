"""A billing run: each meter once, what is odd held back, and nothing done twice."""

from datetime import date

import pytest

from bot.billing.running import work_run
from bot.services import Services
from domain.billing.runs import PeriodNotOver, Run
from domain.documents import document_of
from domain.door import Door, Visit
from domain.ledger.verifying import verify
from domain.readings.exchanging import exchange
from tests.billing.world import Company, at, report, turns, with_meters

JUL, AUG, SEP, OCT, NOV = (date(2026, month, 1) for month in range(7, 12))


def worked(services: Services, company: Company, period: date, *, dry_run: bool = False) -> Run:
    return work_run(services, company.asks(period, dry_run=dry_run))


def proven(door: Door) -> None:
    with door.for_a_look() as session:
        assert [step.bad for step in verify(session) if step.bad] == []


def test_each_meter_gets_one_invoice_one_entry_and_one_message(services: Services, company: Company) -> None:
    with_meters(company, 600, turns(JUL, 5))
    run = worked(services, company, OCT)
    done = report(run)
    assert (run.state, done["billed"], done["exceptions"], done["estimated"]) == ("finished", 600, 0, 0)
    (counts,) = company.looks(
        "SELECT (SELECT count(*) FROM invoice), (SELECT count(DISTINCT customer_id) FROM invoice),"
        " (SELECT count(*) FROM journal_entry WHERE kind = 'issued'), (SELECT count(*) FROM message),"
        " (SELECT count(DISTINCT customer_id) FROM message), (SELECT max(number) FROM invoice),"
        " (SELECT sum(total_minor)::bigint FROM invoice)"
    )
    assert counts == (600, 600, 600, 600, 600, 600, done["total_minor"])
    proven(services.door)


def test_a_second_run_does_nothing(services: Services, company: Company) -> None:
    with_meters(company, 20, turns(JUL, 5))
    worked(services, company, OCT)
    again = report(worked(services, company, OCT))
    assert (again["billed"], again["billed_before"], again["exceptions"]) == (0, 20, 0)
    assert company.looks("SELECT count(*) FROM invoice") == company.looks("SELECT count(*) FROM message") == [(20,)]


def test_a_dry_run_says_the_same_and_writes_nothing(services: Services, company: Company) -> None:
    with_meters(company, 300, turns(JUL, 5))
    company.does("DELETE FROM reading WHERE read_at > '2026-10-20' AND meter_id IN (SELECT id FROM meter LIMIT 7)")
    dry = report(worked(services, company, OCT, dry_run=True))
    assert company.looks("SELECT count(*) FROM billing_item UNION ALL SELECT count(*) FROM invoice") == [(0,), (0,)]
    assert company.looks("SELECT count(*) FROM tariff WHERE used_at IS NOT NULL") == [(0,)]
    real = report(worked(services, company, OCT))
    assert dry == real
    assert dry["estimated"] == 7


def test_the_month_before_stands_beside_it(services: Services, company: Company) -> None:
    with_meters(company, 10, turns(JUL, 5))
    before = report(worked(services, company, SEP))
    after = report(worked(services, company, OCT))
    assert after["last_month"]["total_minor"] == before["total_minor"] > 0


def test_a_month_is_billed_when_it_is_over(company: Company) -> None:
    with pytest.raises(PeriodNotOver):
        company.asks(date(2999, 1, 1))


def test_what_is_odd_is_held_until_staff_has_looked(services: Services, company: Company) -> None:
    with_meters(company, 3, turns(JUL, 4))
    for number, kwh in (("M0000001", 50_000), ("M0000002", 0), ("M0000003", 1_300)):
        company.reads(number, NOV, kwh)
    run = worked(services, company, OCT)
    assert run.state == "finished_with_exceptions"
    assert report(run)["codes"] == {"high": 1, "lower": 1}
    held = company.looks("SELECT reason FROM reading WHERE state = 'held' ORDER BY reason")
    assert held == [("high",), ("lower",)]
    company.does("UPDATE reading SET state = 'accepted', decided_at = now(), decided_by = 'x' WHERE reason = 'high'")
    again = report(worked(services, company, OCT))
    assert (again["billed"], again["billed_before"], again["codes"]) == (1, 1, {"lower": 1})


def test_three_months_are_estimated_and_the_next_reading_settles_them(services: Services, company: Company) -> None:
    with_meters(company, 1, [])
    for day, kwh in ((date(2026, 3, 1), 0), (date(2026, 4, 1), 310), (date(2026, 5, 1), 610)):
        company.reads("M0000001", day, kwh)
    months = [date(2026, month, 1) for month in range(4, 10)]
    for month in months[:5]:
        worked(services, company, month)
    items = [company.item("M0000001", month) for month in months[:5]]
    assert [(one.state, one.estimates, one.code) for one in items] == [
        ("billed", 0, None), ("billed", 1, None), ("billed", 2, None), ("billed", 3, None),
        ("held", None, "no_reading"),
    ]  # fmt: skip
    assert [one.wh for one in items[1:4]] == [310_000, 300_000, 310_000]
    company.reads("M0000001", date(2026, 9, 1), 1_830)
    worked(services, company, months[4])
    last = company.item("M0000001", months[4])
    assert (last.estimates, last.wh) == (0, 300_000)
    assert company.bill("M0000001", months[4]) == [
        ("Electricity, block from 0 to 24,000 kWh, from 1 May 2026 to 31 August 2026", 21_960),
        ("Less what was charged by estimates, from 1 May 2026 to 31 July 2026", -16_560),
        ("Fixed fee", 1_000),
    ]  # fmt: skip
    kinds = company.looks("SELECT source, count(*) FROM reading GROUP BY source ORDER BY source")
    assert kinds == [("actual", 4), ("estimated", 3)]
    proven(services.door)


def test_a_counter_that_begins_anew_is_no_lower_reading(services: Services, company: Company) -> None:
    with_meters(company, 2, [])
    for day, kwh in ((JUL, 998_000), (AUG, 998_600), (SEP, 999_200), (OCT, 999_800), (NOV, 450)):
        company.reads("M0000001", day, kwh)
    for day, kwh in ((JUL, 1_000), (AUG, 1_600), (SEP, 2_200), (OCT, 2_800), (NOV, 450)):
        company.reads("M0000002", day, kwh)
    worked(services, company, OCT)
    assert company.item("M0000001", OCT).wh == 650_000
    assert company.item("M0000002", OCT).code == "lower"


def test_an_exchanged_meter_is_billed_with_the_new_one(services: Services, company: Company) -> None:
    with_meters(company, 2, [])
    company.does("UPDATE meter SET customer_id = (SELECT customer_id FROM meter WHERE meter_no = 'M0000001')")
    company.does("UPDATE meter SET active = false WHERE meter_no = 'M0000002'")
    for day, kwh in ((JUL, 100), (AUG, 400), (SEP, 700), (OCT, 1_000)):
        company.reads("M0000001", day, kwh)
    worked(services, company, SEP)
    company.does("UPDATE meter SET active = true WHERE meter_no = 'M0000002'")
    with services.door.for_business(company.business_id) as session:
        exchange(Visit.within(session), "M0000001", "M0000002", at(date(2026, 10, 11)), (1_100_000, 5_000))
    company.reads("M0000002", NOV, 205)
    run = report(worked(services, company, OCT))
    assert (run["billed"], run["wh"], run["exceptions"]) == (1, 300_000, 0)
    item = company.item("M0000002", OCT)
    assert (item.first, item.until, item.end_wh) == (OCT, NOV, 205_000)


def test_one_that_the_database_refuses_stops_no_other(services: Services, company: Company) -> None:
    with_meters(company, 5, turns(JUL, 5))
    company.does("UPDATE meter SET meter_no = 'M0000009' WHERE meter_no = 'M0000003'")
    company.does(
        "UPDATE tariff SET code = 'HOME'; INSERT INTO tariff (id, created_at, business_id, code, valid_from, name_en,"
        " name_ar, mode, blocks, fixed_fee_minor, minimum_charge_minor, currency) SELECT gen_random_uuid(), now(),"
        " business_id, 'HUGE', valid_from, 'x', 'x', mode, '[[0, 99999999999999]]', 9000000000000000000, 0, currency"
        " FROM tariff"
    )
    company.does("UPDATE meter SET tariff = 'HUGE' WHERE meter_no = 'M0000009'")
    run = worked(services, company, OCT)
    assert (report(run)["billed"], report(run)["codes"]) == (4, {"error": 1})
    assert company.item("M0000009", OCT).state == "failed"
    proven(services.door)


def test_after_a_month_of_outage_each_month_is_billed_once(services: Services, company: Company) -> None:
    with_meters(company, 4, [*turns(JUL, 3), NOV])
    for month in (JUL, AUG, SEP, OCT, SEP, OCT):
        worked(services, company, month)
    rows = company.looks(
        "SELECT period, count(*), min(until), max(until) FROM billing_item GROUP BY period ORDER BY period"
    )
    assert rows == [(JUL, 4, AUG, AUG), (AUG, 4, SEP, SEP), (SEP, 4, OCT, OCT), (OCT, 4, NOV, NOV)]
    proven(services.door)


def test_a_leap_day_is_billed_with_its_month(services: Services, company: Company) -> None:
    with_meters(company, 1, [])
    for day, kwh in ((date(2024, 2, 1), 100), (date(2024, 2, 29), 380), (date(2024, 4, 1), 700)):
        company.reads("M0000001", day, kwh)
    worked(services, company, date(2024, 2, 1))
    worked(services, company, date(2024, 3, 1))
    items = [company.item("M0000001", date(2024, month, 1)) for month in (2, 3)]
    assert [(one.first, one.until, one.wh) for one in items] == [
        (date(2024, 2, 1), date(2024, 2, 29), 280_000), (date(2024, 2, 29), date(2024, 4, 1), 320_000),
    ]  # fmt: skip


def test_where_no_tariff_holds_it_is_said(services: Services, company: Company) -> None:
    with_meters(company, 2, turns(JUL, 5))
    company.does("UPDATE meter SET tariff = NULL WHERE meter_no = 'M0000001'")
    company.does("UPDATE meter SET tariff = 'GONE' WHERE meter_no = 'M0000002'")
    assert report(worked(services, company, OCT))["codes"] == {"no_tariff": 2}


def test_the_invoice_says_which_days_it_is_for_and_that_it_is_estimated(services: Services, company: Company) -> None:
    with_meters(company, 1, turns(JUL, 4))
    for month, estimated in ((SEP, False), (OCT, True)):
        worked(services, company, month)
        invoice_id = company.item("M0000001", month).invoice_id
        assert invoice_id is not None
        with services.door.for_business(company.business_id) as session:
            document = document_of(Visit.within(session), invoice_id)
        assert document is not None
        english, arabic = document.about
        assert (english.startswith(f"Electricity from 1 {month:%B} 2026 to"), bool(arabic)) == (True, True)
        assert ("estimated" in english) == estimated
