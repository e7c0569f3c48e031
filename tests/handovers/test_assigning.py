"""Who waits for a person is told their place, and given to the least busy of who is there."""

from collections.abc import Callable, Iterable
from datetime import time

import pytest
from flask import Flask

from bot.channels.contents import Contents
from bot.jobs.assigning import assign_all
from bot.jobs.worker_services import WorkerServices
from bot.services import Services
from domain.hours import OpeningHours
from tests.api.people import Asker
from tests.chat import Chat
from tests.conftest import Later
from tests.noor import HUDA, OMAR, SARA, STRANGER, Noor


@pytest.fixture
def assign(services: Services) -> Callable[[], int]:
    made = WorkerServices(
        services.settings,
        services.door,
        services.redis,
        services.bell,
        services.accounts,
        Contents(services.door),
        None,
    )
    return lambda: assign_all(made)


def be_open(services: Services, noor: Noor, weekdays: Iterable[int]) -> None:
    """Let somebody be there all day on these days of the week."""
    with services.door.for_business(noor.business_id) as session:
        for weekday in weekdays:
            session.add(OpeningHours(business_id=noor.business_id, weekday=weekday, opens=time(), closes=time()))


def asks_for_a_person(app: Flask, phone: str) -> Chat:
    chat = Chat(app, phone)
    for said in ("hi", "2", "agent", "Skip"):
        chat.says(said)
    return chat


def test_everybody_is_told_their_place(app: Flask, noor: Noor, services: Services, later: Later, agent: Asker) -> None:
    be_open(services, noor, range(7))
    asks_for_a_person(app, SARA).hears("You are next.")
    later(seconds=5)
    asks_for_a_person(app, HUDA).hears("One person is before you.")
    later(seconds=5)
    third = asks_for_a_person(app, STRANGER)
    third.hears("2 people are before you.")
    first = agent.gets("/conversations", person_wanted=True)["items"][-1]
    assert agent.asks("POST", f"/conversations/{first['id']}/take", {}).status_code == 200
    third.says("agent")
    third.hears("One person is before you.")


def test_those_who_wait_are_given_to_the_least_busy(
    app: Flask, noor: Noor, agent: Asker, colleague: Asker, assign: Callable[[], int]
) -> None:
    for phone in (SARA, HUDA, STRANGER):
        asks_for_a_person(app, phone)
    assert assign() == 0
    for somebody in (agent, colleague):
        assert somebody.asks("POST", "/me/availability", {"available": True}).status_code == 200
    assert (assign(), assign()) == (3, 0)
    mine, theirs = (len(one.gets("/conversations", assigned_to=one.id)["items"]) for one in (agent, colleague))
    assert sorted((mine, theirs)) == [1, 2]


def test_who_does_not_come_loses_it_to_who_is_there(
    app: Flask, noor: Noor, agent: Asker, colleague: Asker, assign: Callable[[], int], later: Later
) -> None:
    asks_for_a_person(app, SARA)
    agent.asks("POST", "/me/availability", {"available": True})
    assert assign() == 1
    colleague.asks("POST", "/me/availability", {"available": True})
    later(minutes=4)
    assert assign() == 1
    (one,) = colleague.gets("/conversations", person_wanted=True)["items"]
    assert one["assigned_to"] == str(colleague.id)


def test_at_night_nobody_is_given_to_anybody(
    app: Flask, noor: Noor, services: Services, agent: Asker, assign: Callable[[], int]
) -> None:
    be_open(services, noor, [(noor.today.weekday() + 3) % 7])
    agent.asks("POST", "/me/availability", {"available": True})
    asks_for_a_person(app, OMAR)
    assert assign() == 0
    be_open(services, noor, [noor.today.weekday(), (noor.today.weekday() + 1) % 7])
    assert assign() == 1


def test_who_waits_too_long_is_told_of_once(
    app: Flask, noor: Noor, agent: Asker, assign: Callable[[], int], later: Later
) -> None:
    asks_for_a_person(app, SARA)
    for _ in range(3):
        later(minutes=6)
        assign()
    (told,) = agent.gets("/notifications")["items"]
    assert (told["kind"], told["times"], told["subject_type"]) == ("waits_long", 1, "conversation")
