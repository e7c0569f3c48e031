"""Subscriptions over the API: the scenarios to the day, the rules, and twenty who do the same at once."""

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from bot.services import Services
from domain import clock
from domain.businesses import Business
from domain.customers import Customer
from domain.door import Door, Visit
from domain.invoices import Invoice
from domain.messages import Message
from domain.signing_in import give_access
from domain.subscriptions import Subscription, changing
from domain.subscriptions.history import By
from domain.subscriptions.rules import Wish
from domain.subscriptions.states import IllegalTransition
from domain.subscriptions.term import planned_term
from domain.wallet import wallet_of
from tests.api.people import Asker, machine
from tests.conftest import Later
from tests.noor import HUDA, SARA, Noor
from tests.subscriptions.people import subscribed


class Desk:
    """Somebody of staff before one subscription."""

    def __init__(self, agent: Asker, business_id: UUID, subscription_id: UUID) -> None:
        self._agent, self._business_id = agent, business_id
        self.path = f"/subscriptions/{subscription_id}"

    @property
    def asker(self) -> Asker:
        """The agent, who signs in again: the clock of these tests goes by days."""
        door: Door = self._agent.app.extensions["raseed"].door
        assert self._agent.id
        with door.for_business(self._business_id) as session:
            token, _ = give_access(session, self._agent.id, self._business_id)
        return Asker(self._agent.app, token, self._agent.id)

    def does(self, what: str, expected: int = 200, **body: Any) -> Any:
        response = self.asker.asks("POST", f"{self.path}/{what}", None if what == "cancel-pause" else body)
        assert response.status_code == expected, response.text
        return response.json

    def sees(self, *names: str) -> tuple[Any, ...]:
        shown = self.asker.gets(self.path)
        return tuple(shown[name] for name in names)

    def history(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.asker.gets(f"{self.path}/status-history")["items"]
        return found


@pytest.fixture
def at(later: Later) -> Any:
    def move(wall: str) -> None:
        later(seconds=(datetime.fromisoformat(f"{wall}+03:00") - clock.now()).total_seconds())

    move("2027-01-01T08:00:00")
    return move


@pytest.fixture
def desk(door: Door, noor: Noor, agent: Asker, at: Any) -> Desk:
    """A subscription of 30 days from 1 January 2027."""
    today = clock.today("Asia/Riyadh")
    return Desk(
        agent, noor.business_id, subscribed(door, noor.business_id, "S-30", planned_term(today, 30, today), phone=HUDA)
    )


DAYS = ("status", "last_day", "days_used", "days_remaining")


def test_paused_on_the_tenth_and_resumed_on_the_fifteenth(desk: Desk, at: Any) -> None:
    assert desk.sees(*DAYS) == ("active", "2027-01-30", 1, 29)
    at("2027-01-10T10:00:00")
    desk.does("pause", reason="Travelling")
    assert desk.sees(*DAYS, "paused_on", "resume_on") == (
        "paused", "2027-01-30", 10, 20, "2027-01-10", "2027-04-10",
    )  # fmt: skip
    at("2027-01-14T23:00:00")
    assert desk.sees(*DAYS) == ("paused", "2027-01-30", 10, 20)
    at("2027-01-15T10:00:00")
    assert desk.does("resume") == {
        "resumed_at": "2027-01-15T10:00:00+03:00",
        "pause_duration_days": 5,
        "new_end_date": "2027-02-04",
        "days_remaining": 20,
    }
    assert desk.sees(*DAYS, "days_paused", "original_last_day") == (
        "active", "2027-02-04", 10, 20, 5, "2027-01-30",
    )  # fmt: skip
    newest, oldest = desk.history()
    assert (newest["action_type"], newest["from_status"], newest["to_status"]) == ("resume", "paused", "active")
    assert (newest["days_before_change"], newest["days_after_change"], newest["pause_duration_days"]) == (20, 20, 5)
    assert (oldest["reason"], oldest["changed_by"], oldest["changed_by_type"], oldest["ip"]) == (
        "Travelling", "agent@noor.example", "staff", "127.0.0.1",
    )  # fmt: skip


def test_what_is_given_back_is_in_the_wallet(desk: Desk, at: Any, services: Services, noor: Noor) -> None:
    at("2027-01-10T10:00:00")
    assert desk.does("stop", reason="Moved out", refund=True)["refund_due"] == {"minor": 6600, "currency": "SAR"}
    desk.does("stop", 409, reason="Again", refund=True)
    with services.door.for_business(noor.business_id) as session:
        held = session.scalars(select(Subscription).where(Subscription.reference == desk.sees("reference")[0])).one()
        assert wallet_of(Visit.within(session), held.customer_id, "SAR").minor == 6600
        said = session.scalars(select(Message.text).order_by(Message.seq.desc())).first()
    assert said is not None
    assert "66.00" in said


def test_stopped_on_the_tenth_and_reactivated_in_february(desk: Desk, at: Any) -> None:
    at("2027-01-10T10:00:00")
    stopped = desk.does("stop", reason="Moved out")
    assert (stopped["days_used"], stopped["days_wasted"]) == (10, 20)
    assert (stopped["value_wasted"], stopped["refund_due"]["minor"]) == ({"minor": 6600, "currency": "SAR"}, 0)
    assert desk.sees(*DAYS, "stopped_on", "days_wasted") == ("stopped", "2027-01-30", 10, 0, "2027-01-10", 20)
    for what in ("pause", "resume", "cancel-pause"):
        assert desk.does(what, 409)["code"] == "illegal_transition"
    assert desk.does("stop", 409, reason="Again")["code"] == "illegal_transition"
    at("2027-02-01T10:00:00")
    assert desk.does("reactivate", new_start_date="2027-01-31", expected=409)["code"] == "in_the_past"
    desk.does("reactivate", notes="Is back")
    assert desk.sees(*DAYS, "start_date") == ("active", "2027-03-02", 1, 29, "2027-02-01")
    assert [row["financial_impact"] for row in desk.history()] == [None, {"minor": 6600, "currency": "SAR"}]


def test_a_night_of_twenty_minutes_buys_nobody_a_day(desk: Desk, at: Any) -> None:
    for day in range(2, 5):
        at(f"2027-01-{day:02}T23:50:00")
        desk.does("pause")
        at(f"2027-01-{day + 1:02}T00:10:00")
        assert desk.does("resume")["pause_duration_days"] == 0
    assert desk.sees("last_day", "ends_at") == ("2027-01-31", "2027-01-31T01:00:00+03:00")


def test_what_has_ended_is_shown_so_before_anybody_wrote_it_down(desk: Desk, at: Any) -> None:
    at("2027-01-31T00:00:00")
    assert desk.sees(*DAYS) == ("expired", "2027-01-30", 30, 0)
    assert desk.does("pause", 409)["code"] == "illegal_transition"
    assert desk.history() == []  # a refusal writes nothing
    desk.does("reactivate", new_start_date="2027-02-05")
    assert desk.sees(*DAYS) == ("pending", "2027-03-06", 0, 30)
    assert [row["action_type"] for row in desk.history()] == ["reactivate", "expire"]


def test_a_pause_is_planned_seen_and_taken_back(desk: Desk, at: Any) -> None:
    desk.does("pause", **{"from": "2027-01-10", "until": "2027-01-15"}, reason="Travelling")
    assert desk.sees("status", "pause_from", "pause_until") == ("active", "2027-01-10", "2027-01-15")
    assert desk.does("pause", 409, **{"from": "2027-01-20"})["code"] == "already_scheduled"
    desk.does("cancel-pause")
    assert desk.does("cancel-pause", 409)["code"] == "not_scheduled"
    desk.does("pause", **{"from": "2027-01-10", "until": "2027-01-15"})
    at("2027-01-12T10:00:00")
    assert desk.sees("status", "paused_on", "resume_on") == ("paused", "2027-01-10", "2027-01-15")
    at("2027-01-16T10:00:00")
    assert desk.sees(*DAYS) == ("active", "2027-02-04", 11, 19)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"from": "2026-12-31"}, "in_the_past"),
        ({"from": "2027-01-31"}, "after_the_end"),
        ({"until": "2027-01-01"}, "pause_too_short"),
        ({"until": "2027-04-02"}, "pause_too_long"),
    ],
)
def test_a_wish_that_can_not_be(desk: Desk, wish: dict[str, str], code: str) -> None:
    refused = desk.does("pause", 409, **wish)
    assert refused["code"] == code
    if code == "pause_too_long":
        desk.does("pause", **wish, override="The manager agreed")
        assert desk.sees("resume_on") == ("2027-04-02",)


def test_limits_are_kept_until_staff_waves_them_aside(desk: Desk, door: Door, noor: Noor, at: Any) -> None:
    for hour in range(3):
        at(f"2027-01-02T1{hour}:00:00")
        desk.does("pause")
        desk.does("resume")
    assert desk.does("pause", 409)["code"] == "too_many_pauses"
    desk.does("pause", override="In hospital")
    assert desk.history()[0]["override"] == "In hospital"
    audit = Asker(desk.asker.app, machine(desk.asker.app, noor.business_id, "admin").bearer).gets("/audit", limit=1)
    assert audit["items"][0]["after"]["override"] == "In hospital"


def test_who_is_overdue_pays_first(door: Door, noor: Noor, agent: Asker, at: Any) -> None:
    today = clock.today("Asia/Riyadh")
    desk = Desk(
        agent, noor.business_id, subscribed(door, noor.business_id, "S-9", planned_term(today, 30, today), phone=SARA)
    )
    with door.for_business(noor.business_id) as session:
        session.execute(update(Invoice).values(due_date=today - timedelta(1)))
        invoices = [row.total_minor for row in session.scalars(select(Invoice).order_by(Invoice.id))]
    assert desk.does("pause", 409)["code"] == "overdue_invoice"
    with door.for_business(noor.business_id) as session:
        session.execute(update(Business).values(pause_when_overdue=True))
    desk.does("pause")
    with door.for_business(noor.business_id) as session:
        assert [row.total_minor for row in session.scalars(select(Invoice).order_by(Invoice.id))] == invoices


def test_twenty_at_once_from_chat_and_desk_are_one_change(
    desk: Desk, door: Door, noor: Noor, app: Flask, services: Services
) -> None:
    subscription_id = UUID(desk.path.rpartition("/")[2])

    asker = desk.asker

    def by_api(_: int) -> int:
        return asker.asks("POST", f"{desk.path}/pause", {}).status_code

    def by_chat(_: int) -> int:
        try:
            with door.for_business(noor.business_id) as session:
                visit = Visit.within(session)
                changing.pause(visit, noor.business_id, subscription_id, Wish(), By("customer", "1004"))
        except IllegalTransition:
            return 409
        return 200

    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(by_api if number % 2 else by_chat, number) for number in range(20)]
        answers = Counter(one.result() for one in asked)
    assert answers == {200: 1, 409: 19}
    assert [row["action_type"] for row in desk.history()] == ["pause"]


def test_the_customer_is_told_in_their_language(desk: Desk, door: Door, at: Any) -> None:
    at("2027-01-10T10:00:00")
    desk.does("pause", until="2027-01-15")
    with door.for_every_business() as session:
        session.execute(update(Customer).where(Customer.phone == HUDA).values(language="en"))
    desk.does("resume")
    with door.for_every_business() as session:
        said = list(session.scalars(select(Message).where(Message.kind == "notice").order_by(Message.seq)))
    assert [row.status for row in said] == ["queued", "queued"]
    assert "موقوف مؤقتًا منذ 10 يناير 2027" in said[0].text.replace("\u00a0", " ")
    assert said[1].text == (
        "Your subscription Monthly plan (S-30) is running again. Last day of service: 30 January 2027."
    )


def test_lists_plans_and_the_report_of_a_month(desk: Desk, door: Door, noor: Noor, at: Any) -> None:
    at("2027-01-10T10:00:00")
    desk.does("pause", reason="Travelling")
    at("2027-01-15T10:00:00")
    desk.does("resume")
    desk.does("pause", reason="=1+1")
    at("2027-01-17T10:00:00")
    gets = desk.asker.gets
    assert [one["reference"] for one in gets("/subscriptions", reference="S-30")["items"]] == ["S-30"]
    assert [one["status"] for one in gets("/subscriptions", status="paused", limit=1)["items"]] == ["paused"]
    assert [(one["code"], one["days"]) for one in gets("/plans")["items"]] == [("M", 30)]
    told = gets("/reports/pauses", month="2027-01")
    assert (told["pauses"], told["days"], told["average_days"]) == (2, 7, 3.5)
    assert told["value_of_days"] == {"minor": 2310, "currency": "SAR"}
    assert {(one["reason"], one["days"]) for one in told["by_reason"]} == {("Travelling", 5), ("=1+1", 2)}
    assert [(one["account_no"], one["pauses"]) for one in told["most_often"]] == [("1004", 2)]
    assert gets("/reports/pauses", month="2027-02")["pauses"] == 0
    table = desk.asker.asks("GET", "/reports/pauses?month=2027-01&format=csv")
    assert table.content_type == "text/csv; charset=utf-8"
    lines = list(csv.reader(table.text.splitlines()))
    assert lines[1] == ["2027-01", "all", "", "2", "7", "3.5", "2310", "SAR"]
    assert "'=1+1" in {line[2] for line in lines}


def test_what_was_a_mistake_is_cancelled(desk: Desk, door: Door) -> None:
    desk.does("cancel", reason="By mistake")
    assert desk.sees("status", "days_remaining") == ("cancelled", 0)
    assert desk.does("reactivate", 409)["code"] == "illegal_transition"
    with door.for_every_business() as session:
        assert session.scalars(select(Subscription.version).where(Subscription.reference == "S-30")).one() == 2
