"""Outages, hours and holidays, and the areas that they are of."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.importer import import_folder
from bot.importer.folder import Counts
from domain.businesses import Business
from domain.customers import Customer
from domain.door import Door
from domain.dunning.rules import DunningRules
from domain.hours import Holiday, OpeningHours
from domain.meters import Meter
from domain.outages import Outage
from tests.importer.folders import refused, written

OUTAGES = "reference,area,starts_at,ends_at,kind,reason_en,reason_ar\n"
HOURS = "weekday,opens,closes\n"
HOLIDAYS = "date,name_en,name_ar\n"


def test_an_outage_is_taken_in_and_its_end_follows(door: Door, tmp_path: Path) -> None:
    head, start = f"{OUTAGES}O1, Olaya ,", "2026-11-21T08:00+03:00"
    import_folder(door, written(tmp_path, outages=f"{head}{start},,unplanned,Cable,كابل\n"))
    report = import_folder(door, written(tmp_path, outages=f"{head}{start},2026-11-21T١٢:٠٠Z,unplanned,Cable,كابل\n"))
    assert report.files["outages.csv"] == Counts(0, 1, 0)
    with door.for_every_business() as session:
        outage = session.scalars(select(Outage)).one()
    assert (outage.area, outage.kind, outage.reason_ar) == ("Olaya", "unplanned", "كابل")
    assert (outage.starts_at, outage.ends_at) == (
        datetime(2026, 11, 21, 5, tzinfo=UTC),
        datetime(2026, 11, 21, 12, tzinfo=UTC),
    )


def test_hours_and_holidays_are_all_there_is(door: Door, tmp_path: Path) -> None:
    hours = f"{HOURS}Sunday,08:00,12:00\nsun,13:00,24:00\nfriday,20:00,02:00\n"
    import_folder(door, written(tmp_path, hours=hours, holidays=f"{HOLIDAYS}2027-09-23,National Day,اليوم الوطني\n"))
    report = import_folder(door, written(tmp_path, hours=f"{HOURS}sunday,08:00,14:00\n", holidays=HOLIDAYS))
    assert report.files["hours.csv"] == Counts(0, 1, 0)
    with door.for_every_business() as session:
        assert session.execute(select(OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes)).all() == [
            (6, time(8), time(14))
        ]
        assert session.scalars(select(Holiday)).all() == []


def test_what_is_done_about_unpaid_invoices_is_one_row(door: Door, tmp_path: Path) -> None:
    head = "reminder_days,channels,late_fee,late_fee_days,notice_days,cut_days,reconnects,instalments_from\n"
    import_folder(door, written(tmp_path, dunning=f"{head}-٣;0;10,sms;email,25.00,15,20,,yes,500\n"))
    report = import_folder(door, written(tmp_path, dunning="cut_days,notice_days\n40,20\n"))
    assert report.files["dunning.csv"] == Counts(0, 1, 0)
    with door.for_every_business() as session:
        (kept,) = session.scalars(select(DunningRules))
        assert (kept.remind_at, kept.reminder_days, kept.channels) == (time(9), [-3, 0, 10], ["sms", "email"])
        assert (kept.late_fee_minor, kept.late_fee_days, kept.notice_days, kept.cut_days) == (2_500, 15, 20, 40)
        assert (kept.reconnects, kept.instalments_from_minor, kept.grace_days) == (True, 50_000, 3)


def test_what_a_folder_leaves_out_stays(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, hours=f"{HOURS}sunday,08:00,14:00\n", holidays=f"{HOLIDAYS}2027-01-01,a,b\n"))
    import_folder(door, written(tmp_path))
    with door.for_every_business() as session:
        assert session.scalars(select(OpeningHours.weekday)).all() == [6]
        assert session.scalars(select(Holiday.date)).all() == [date(2027, 1, 1)]


def test_hours_of_another_business_stay(door: Door, tmp_path: Path) -> None:
    other = "code,name_en,name_ar\nOTHER,Other,أخرى\n"
    import_folder(door, written(tmp_path, business=other, hours=f"{HOURS}monday,08:00,14:00\n"))
    import_folder(door, written(tmp_path, hours=f"{HOURS}sunday,08:00,14:00\n"))
    with door.for_every_business() as session:
        assert sorted(session.scalars(select(OpeningHours.weekday))) == [0, 6]


def test_areas_and_the_number_for_emergencies(door: Door, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        business="code,name_en,name_ar,emergency_number\nNOOR,Noor,النور,٩٣٣\n",
        customers="account_no,name,area\n1,Sara,Olaya\n",
        meters="meter_no,account_no,kind,network,area\nM1,1,prepaid,manual,Farms\nM2,1,prepaid,manual,\n",
    )
    import_folder(door, path)
    with door.for_every_business() as session:
        assert session.scalars(select(Business.emergency_number)).one() == "933"
        assert session.scalars(select(Customer.area)).one() == "Olaya"
        assert session.scalars(select(Meter.area).order_by(Meter.meter_no)).all() == ["Farms", None]


BAD = {
    "outages.csv:2: ends_at is before starts_at": {
        "outages": f"{OUTAGES}O,a,2026-11-21T08:00Z,2026-11-21T07:00Z,planned,,\n"
    },
    "outages.csv:2: a planned outage has its ends_at": {"outages": f"{OUTAGES}O,a,2026-11-21T08:00Z,,planned,,\n"},
    "outages.csv:2: starts_at: '2026-11-21T08:00' is not an instant": {
        "outages": f"{OUTAGES}O,a,2026-11-21T08:00,,unplanned,,\n"
    },
    "outages.csv:2: kind: 'storm' is not one of": {"outages": f"{OUTAGES}O,a,2026-11-21T08:00Z,,storm,,\n"},
    "hours.csv:2: weekday: 'someday' is not a day": {"hours": f"{HOURS}someday,08:00,12:00\n"},
    "hours.csv:2: opens: '8' is not a time": {"hours": f"{HOURS}sunday,8,12:00\n"},
    "hours.csv:2: closes: '24:30' is not a time": {"hours": f"{HOURS}sunday,08:00,24:30\n"},
    "hours.csv:3: weekday and opens 6 08:00:00 stands in line 2": {
        "hours": f"{HOURS}sunday,08:00,12:00\nsun,8:00,13:00\n"
    },
    "dunning.csv:3: there is one row only": {"dunning": "remind_at\n09:00\n10:00\n"},
    "dunning.csv:2: late_fee and late_fee_days go together": {"dunning": "late_fee\n25\n"},
    "dunning.csv:2: nobody is disconnected (cut_days) without a notice": {"dunning": "cut_days\n25\n"},
    "dunning.csv:2: reminder_days: 'soon' is not a list": {"dunning": "reminder_days\nsoon\n"},
    "dunning.csv:2: channels: 'post' is not a list": {"dunning": "channels\npost\n"},
    "holidays.csv:2: date: '23/09' is not a date": {"holidays": f"{HOLIDAYS}23/09,a,b\n"},
    "business.csv:2: emergency_number: 'police' is not a number to call": {
        "business": "code,name_en,name_ar,emergency_number\nNOOR,Noor,النور,police\n"
    },
}


@pytest.mark.parametrize(("wanted", "files"), BAD.items(), ids=BAD.keys())
def test_a_bad_row_is_named(door: Door, tmp_path: Path, wanted: str, files: dict[str, str]) -> None:
    problems = refused(door, written(tmp_path, **files))
    assert any(problem.startswith(wanted) for problem in problems), problems
