"""By itself: at night, on the business's day, and after an outage what was missed, once; and the accountant's mail."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from bot.billing.running import work_run
from bot.channels.contents import Contents
from bot.jobs.billing import ask_for_bills, work_all
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain.billing.nights import due_period
from domain.billing.runs import Nightly
from domain.clock import now
from tests.billing.world import Company, turns, with_meters

JUL, AUG, SEP, OCT, NOV = (date(2026, month, 1) for month in range(7, 12))


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "SMTP_HOST": "127.0.0.1", "SMTP_FROM": "no-reply@noor.example"}


@pytest.fixture
def workers(services: Services) -> WorkerServices:
    made = services
    return WorkerServices(
        made.settings, made.door, made.redis, made.bell, made.accounts, Contents(made.door), None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "last", "due"),
    [
        ("2026-11-05T00:59+03:00", SEP, None),
        ("2026-11-05T01:00+03:00", SEP, OCT),
        ("2026-11-20T12:00+03:00", SEP, OCT),
        ("2026-11-20T12:00+03:00", OCT, None),
        ("2026-11-20T12:00+03:00", None, OCT),
        ("2026-11-02T12:00+03:00", None, None),
        ("2026-11-02T12:00+03:00", JUL, AUG),
        ("2026-11-20T12:00+03:00", JUL, AUG),
        ("2028-03-05T01:00+03:00", date(2028, 1, 1), date(2028, 2, 1)),
        ("2027-01-05T02:00+03:00", NOV, date(2026, 12, 1)),
    ],
)
def test_what_is_due_is_told_by_the_date(at: str, last: date | None, due: date | None) -> None:
    one = Nightly(UUID(int=1), 5, "Asia/Riyadh", last, is_at_one=False)
    assert due_period(one, datetime.fromisoformat(at)) == due


def test_a_month_of_outage_is_made_up_for_once(workers: WorkerServices, company: Company, clock_file: Path) -> None:
    with_meters(company, 3, turns(JUL, 5))
    company.does("UPDATE business SET billing_day = 5")
    for at in ("2026-09-05T02:00:00+03:00", *["2026-11-05T02:12:00+03:00"] * 4):
        clock_file.write_text(at)
        ask_for_bills(workers, now())
        ask_for_bills(workers, now())
        work_all(workers)
    runs = company.looks("SELECT period, state, by_itself FROM billing_run ORDER BY id")
    assert runs == [(month, "finished", True) for month in (AUG, SEP, OCT)]
    assert company.looks("SELECT count(*), count(DISTINCT period) FROM billing_item") == [(9, 3)]


def test_what_is_billed_at_night_is_told_by_day(workers: WorkerServices, company: Company, clock_file: Path) -> None:
    with_meters(company, 2, turns(JUL, 5))
    clock_file.write_text("2026-11-05T01:30:00+03:00")
    work_run(workers, company.asks(OCT))
    due = company.looks("SELECT DISTINCT due_at AT TIME ZONE 'Asia/Riyadh' FROM message")
    assert due == [(datetime(2026, 11, 5, 9),)]  # noqa: DTZ001  a wall's time


def test_the_accountant_is_told_what_was_held_back(workers: WorkerServices, company: Company) -> None:
    with_meters(company, 2, turns(JUL, 4))
    company.does("UPDATE business SET accountant_email = 'accountant@noor.example', language = 'en'")
    company.reads("M0000001", NOV, 90_000)
    ((last,),) = company.looks(
        "SELECT max(wh) / 1000 FROM reading JOIN meter ON meter.id = meter_id WHERE meter_no = 'M0000002'"
    )
    company.reads("M0000002", NOV, last + last // 4)
    for _ in range(2):
        work_run(workers, company.asks(OCT))
    mails = "SELECT text, mail ->> 'subject' FROM message WHERE channel = 'email' ORDER BY seq"
    ((said, subject),) = company.looks(mails)
    assert subject == "Billing run for 2026-10"
    for part in (
        "Bills: 1, of them estimated: 0",
        "1 meter was not billed",
        "Meter M0000001, account A0000001: unusually",
    ):
        assert part in said
    company.does("UPDATE meter SET tariff = NULL WHERE meter_no = 'M0000001'")
    work_run(workers, company.asks(OCT))
    said = company.looks(mails)[-1][0]
    assert said.startswith("No further bill for 2026-10 could be issued.")
    assert "Bills: 0" not in said
