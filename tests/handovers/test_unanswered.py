"""A customer who waits in a conversation that was taken over is not forgotten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
from flask import Flask
from sqlalchemy import text

from bot.channels.contents import Contents
from bot.jobs.alerting import mail_all
from bot.jobs.assigning import assign_all
from bot.jobs.unanswered import tend_all
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain.hours import OpeningHours
from tests.api.people import Asker, employed, signed_in
from tests.chat import Chat
from tests.conftest import Later
from tests.handovers.test_handovers import conversation_of
from tests.noor import Noor


@pytest.fixture
def working(services: Services) -> WorkerServices:
    made = services
    return WorkerServices(made.settings, made.door, made.redis, made.bell, made.accounts, Contents(made.door), None)


@pytest.fixture
def tend(working: WorkerServices) -> Callable[[], int]:
    return lambda: tend_all(working)


@pytest.fixture
def path(sara: Chat, agent: Asker) -> str:
    """Sara's conversation, which the agent has taken over."""
    sara.says("hi")
    sara.says("2")
    found = f"/conversations/{conversation_of(agent)['id']}"
    assert agent.asks("POST", f"{found}/take", {}).status_code == 200
    sara.reads()
    return found


def told(agent: Asker) -> list[tuple[str, str, int]]:
    return [(one["kind"], one["severity"], one["times"]) for one in agent.gets("/notifications")["items"]]


def test_who_said_nothing_since_waits_for_nothing(
    agent: Asker, path: str, tend: Callable[[], int], later: Later
) -> None:
    later(hours=1)
    assert (tend(), told(agent), agent.gets(path)["taken_by"]) == (0, [], str(agent.id))


def test_staff_are_told_once_and_once_as_urgent(
    sara: Chat, agent: Asker, path: str, tend: Callable[[], int], later: Later
) -> None:
    sara.says("What is my balance?")
    later(minutes=9)
    assert (tend(), told(agent)) == (0, [])
    later(minutes=1)
    sara.says("Hello?")
    for _ in range(2):
        assert (tend(), told(agent)) == (0, [("answer_late", "warning", 1)])
    later(minutes=10)
    for _ in range(2):
        assert tend() == 0
        assert sorted(told(agent)) == [("answer_late", "warning", 1), ("answer_missing", "critical", 1)]
    assert sara.reads() == []


def test_an_answer_ends_the_wait_and_the_next_is_another(
    sara: Chat, agent: Asker, path: str, tend: Callable[[], int], later: Later
) -> None:
    sara.says("What is my balance?")
    later(minutes=11)
    tend()
    assert agent.asks("POST", f"{path}/reply", {"text": "Nothing is due."}).status_code == 202
    later(hours=2)
    assert (tend(), told(agent)) == (0, [("answer_late", "warning", 1)])
    sara.says("Thank you. And my meter?")
    later(minutes=11)
    assert (tend(), told(agent)) == (0, [("answer_late", "warning", 2)])


def test_who_asked_for_a_person_waits_from_the_taking(
    sara: Chat, agent: Asker, tend: Callable[[], int], later: Later
) -> None:
    for said in ("hi", "2", "agent", "Skip"):
        sara.says(said)
    later(minutes=30)
    agent.asks("POST", f"/conversations/{conversation_of(agent)['id']}/take", {})
    later(minutes=9)
    assert (tend(), told(agent)) == (0, [])
    later(minutes=1)
    assert (tend(), told(agent)) == (0, [("answer_late", "warning", 1)])


def test_who_does_not_answer_loses_it_to_the_queue(
    sara: Chat,
    agent: Asker,
    colleague: Asker,
    path: str,
    tend: Callable[[], int],
    later: Later,
    working: WorkerServices,
) -> None:
    sara.says("What is my balance?")
    later(minutes=30)
    assert (tend(), tend()) == (1, 0)
    sara.reads()
    sara.hears("The agent can't answer just now", "You are next.")
    shown = agent.gets(path)
    assert (shown["taken_by"], shown["person_wanted_at"] is not None) == (None, True)
    assert agent.asks("POST", f"{path}/release").status_code == 409
    for somebody in (agent, colleague):
        somebody.asks("POST", "/me/availability", {"available": True})
    assert assign_all(working) == 1
    assert agent.gets(path)["assigned_to"] == str(colleague.id)
    assert [kind for kind, *_ in told(agent)] == ["answer_missing"]
    sara.says("balance")
    assert sara.answers


def test_who_has_signed_out_loses_it_sooner(
    sara: Chat, agent: Asker, colleague: Asker, path: str, tend: Callable[[], int], later: Later
) -> None:
    sara.says("What is my balance?")
    later(minutes=11)
    assert tend() == 0
    assert agent.asks("POST", "/auth/sign-out-everywhere").status_code == 204
    assert tend() == 1
    assert colleague.gets(path)["taken_by"] is None


def test_what_is_taken_from_a_colleague_is_still_unanswered(
    sara: Chat, colleague: Asker, agent: Asker, path: str, tend: Callable[[], int], later: Later
) -> None:
    sara.says("What is my balance?")
    later(minutes=15)
    assert colleague.asks("POST", f"{path}/take", {"instead": True}).status_code == 200
    assert (tend(), told(agent)) == (0, [])
    later(minutes=10)
    assert (tend(), told(agent)) == (0, [("answer_late", "warning", 1)])


def test_at_night_nobody_is_told_but_the_bot_answers_again(
    sara: Chat, agent: Asker, path: str, tend: Callable[[], int], later: Later, services: Services, noor: Noor
) -> None:
    with services.door.for_business(noor.business_id) as session:
        another_day = (noor.today.weekday() + 3) % 7
        session.add(OpeningHours(business_id=noor.business_id, weekday=another_day, opens=time(), closes=time()))
    sara.says("What is my balance?")
    later(minutes=25)
    assert (tend(), told(agent)) == (0, [])
    later(minutes=5)
    assert (tend(), told(agent)) == (1, [])
    sara.reads()
    assert "You are next" not in sara.hears("The agent can't answer just now")


def test_what_lies_for_a_day_is_the_bots_again(
    sara: Chat, agent: Asker, path: str, tend: Callable[[], int], later: Later, services: Services, noor: Noor
) -> None:
    later(hours=23)
    assert tend() == 0
    later(hours=2)
    assert (tend(), tend()) == (1, 0)
    assert sara.reads() == []
    fresh = signed_in(agent.app, noor.business_id, "agent", "third@noor.example")
    shown = fresh.gets(path)
    assert (shown["taken_by"], shown["person_wanted_at"]) == (None, None)
    sara.says("balance")
    assert sara.answers


def test_a_business_sets_how_long(
    sara: Chat, app: Flask, agent: Asker, noor: Noor, path: str, tend: Callable[[], int], later: Later
) -> None:
    admin = signed_in(app, noor.business_id, "admin", "admin@noor.example")
    for wrong in (0, 1441, None):
        assert admin.asks("PATCH", "/business", {"answer_minutes": wrong}).status_code == 422
    assert admin.asks("PATCH", "/business", {"answer_minutes": 2}).json["answer_minutes"] == 2
    sara.says("What is my balance?")
    later(minutes=2)
    assert (tend(), [kind for kind, *_ in told(agent)]) == (0, ["answer_late"])


def test_the_urgent_one_is_mailed_to_who_has_it_and_to_admins(
    sara: Chat, colleague: Asker, path: str, tend: Callable[[], int], app: Flask, mailing: WorkerServices, later: Later
) -> None:
    services: Services = app.extensions["raseed"]
    with services.door.for_every_business() as session:
        (business_id,) = session.scalars(text("SELECT id FROM business"))
        employed(services.door, business_id, "admin", "admin@noor.example", password=True)
        session.execute(text("UPDATE staff SET password_hash = 'any' WHERE id = :id"), {"id": colleague.id})
        session.execute(text("UPDATE staff SET password_hash = 'any' WHERE email = 'first@noor.example'"))
    sara.says("What is my balance?")
    later(minutes=20)
    tend()
    assert mail_all(mailing) == 2
    with services.door.for_every_business() as session:
        rows = session.execute(
            text("SELECT address FROM message JOIN contact ON contact.id = contact_id WHERE message.channel = 'email'")
        )
        assert sorted(row.address for row in rows) == ["admin@noor.example", "first@noor.example"]


def test_an_answer_at_the_last_moment_counts_and_two_who_look_give_on_once(
    sara: Chat, agent: Asker, path: str, tend: Callable[[], int], later: Later
) -> None:
    """Whichever is first: either it is answered and stays, or it is given on once and the answer takes it over anew."""
    sara.says("What is my balance?")
    later(minutes=31)
    with ThreadPoolExecutor(3) as pool:
        tended = [pool.submit(tend) for _ in range(2)]
        answered = pool.submit(agent.asks, "POST", f"{path}/reply", {"text": "Nothing is due."})
    given_on = sum(one.result() for one in tended)
    assert (given_on <= 1, answered.result().status_code) == (True, 202)
    assert agent.gets(path)["taken_by"] == str(agent.id)
    said = sara.reads()
    assert sum("can't answer just now" in one for one in said) == given_on
    assert said.count("Nothing is due.") == 1
    assert tend() == 0
