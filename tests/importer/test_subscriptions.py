"""Subscriptions from a file: into periods with their history, and never over what happened here since."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bot.importer import import_folder
from bot.importer.folder import Counts
from domain import clock
from domain.door import Door
from domain.subscriptions import Pause, Subscription, SubscriptionChange
from tests.importer.folders import CUSTOMER, PLAN, rows_with_versions, written

HEAD = "reference,account_no,plan,start_date,status,end_date,paused_on,stopped_on,reason\n"
TODAY = clock.today("Asia/Riyadh")
START = TODAY - timedelta(days=12)


def taken(door: Door, folder: Path, *rows: str, head: str = HEAD) -> Counts:
    files = {"customers": CUSTOMER, "plans": PLAN, "subscriptions": head + "".join(f"{row}\n" for row in rows)}
    return import_folder(door, written(folder, **files)).files["subscriptions.csv"]


def found(door: Door, reference: str = "S") -> Subscription:
    with door.for_every_business() as session:
        return session.scalars(select(Subscription).where(Subscription.reference == reference)).one()


def changes(door: Door) -> list[SubscriptionChange]:
    with door.for_every_business() as session:
        return list(session.scalars(select(SubscriptionChange).order_by(SubscriptionChange.seq)))


def set_to(door: Door, **values: Any) -> None:
    with door.for_every_business() as session:
        one = session.scalars(select(Subscription)).one()
        for name, value in values.items():
            setattr(one, name, value)


def test_each_status_becomes_a_period_with_its_first_row_of_history(door: Door, tmp_path: Path) -> None:
    paused, ahead = START + timedelta(days=5), TODAY + timedelta(days=3)
    rows = (
        f"A,1,P,{START},active,,,,",
        f"B,1,P,{START},paused,,{paused},,Travelling",
        f"C,1,P,{START},stopped,,,{paused},Moved",
        "D,1,P,2026-01-01,expired,2026-02-04,,,",
        f"E,1,P,{ahead},active,,,,",
        f"F,1,P,{START},active,{START + timedelta(days=33)},,,",
    )
    assert taken(door, tmp_path, *rows) == Counts(6, 0, 0)
    told = {one.reference: one for one in (found(door, row[0]) for row in rows)}
    assert {name: one.status for name, one in told.items()} == {
        "A": "active", "B": "paused", "C": "stopped", "D": "expired", "E": "pending", "F": "active",
    }  # fmt: skip
    assert told["A"].last_day == START + timedelta(days=29)
    assert (told["B"].paused_on, told["B"].resume_on) == (paused, paused + timedelta(days=90))
    assert (told["C"].stopped_on, told["C"].days_wasted) == (paused, 24)
    assert (told["D"].days_planned, told["D"].days_adjusted, told["D"].last_day) == (30, 5, date(2026, 2, 4))
    assert (told["F"].days_planned, told["F"].days_adjusted) == (30, 4)
    history = changes(door)
    assert [one.action for one in history] == ["import"] * 6
    assert [(one.from_status, one.to_status) for one in history] == [(None, told[row[0]].status) for row in rows]
    assert [one.days_after for one in history] == [17, 24, 0, 0, 30, 21]


def test_importing_twice_changes_nothing(door: Door, tmp_path: Path) -> None:
    rows = (f"A,1,P,{START},active,,,,", f"B,1,P,{START},paused,,{TODAY},,x", f"C,1,P,{START},stopped,,,{TODAY},")
    taken(door, tmp_path, *rows)
    before = rows_with_versions(door)
    assert taken(door, tmp_path, *rows) == Counts(0, 0, 3)
    assert rows_with_versions(door) == before


def test_a_file_that_repeats_itself_undoes_nothing(door: Door, tmp_path: Path) -> None:
    taken(door, tmp_path, f"S,1,P,{START},active,,,,")
    set_to(door, status="stopped", stopped_on=TODAY, days_wasted=17)
    assert taken(door, tmp_path, f"S,1,P,{START},active,,,,") == Counts(0, 0, 1)
    assert found(door).status == "stopped"


def test_an_end_that_was_left_out_is_kept_when_the_plan_changes(door: Door, tmp_path: Path) -> None:
    taken(door, tmp_path, f"S,1,P,{START},active,,,,")
    before = found(door).last_day
    plans = PLAN.replace(",30,", ",60,")
    rows = f"{HEAD}S,1,P,{START},active,,,,\n"
    import_folder(door, written(tmp_path, customers=CUSTOMER, plans=plans, subscriptions=rows))
    assert found(door).last_day == before


def test_a_file_that_says_something_new_is_followed_and_remembered(door: Door, tmp_path: Path) -> None:
    paused = TODAY - timedelta(days=5)
    taken(door, tmp_path, f"S,1,P,{START},paused,,{paused},,Travelling")
    assert taken(door, tmp_path, f"S,1,P,{START},active,,,,") == Counts(0, 1, 0)
    one = found(door)
    assert (one.status, one.last_day, one.pauses) == ("active", START + timedelta(days=34), 1)
    with door.for_every_business() as session:
        pause = session.scalars(select(Pause)).one()
    assert (pause.ended - pause.began, pause.reason) == (timedelta(days=5), "Travelling")
    assert [(row.from_status, row.to_status) for row in changes(door)] == [(None, "paused"), ("paused", "active")]


def test_who_it_belongs_to_changes_without_history(door: Door, tmp_path: Path) -> None:
    taken(door, tmp_path, f"S,1,P,{START},active,,,,")
    files = {"customers": CUSTOMER + "2,Omar\n", "subscriptions": f"{HEAD}S,2,P,{START},active,,,,moved\n"}
    assert import_folder(door, written(tmp_path, **files)).files["subscriptions.csv"] == Counts(0, 1, 0)
    assert (found(door).reason, len(changes(door))) == ("moved", 1)


def test_the_database_refuses_an_end_that_does_not_add_up(door: Door, tmp_path: Path) -> None:
    taken(door, tmp_path, f"S,1,P,{START},active,,,,")
    for wrong in ({"days_planned": 31}, {"ends": found(door).ends + timedelta(seconds=1)}, {"pauses": 1}):
        with pytest.raises(DBAPIError, match="its end is not what was planned and paused"):
            set_to(door, **wrong)
