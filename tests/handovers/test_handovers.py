"""Staff takes a conversation over: the bot is silent, and says so; and one message never has two answers, or none."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from bot.services import Services
from domain.conversations import Conversation
from domain.templates import add_version
from domain.timers import Timer
from tests.api.people import Asker, signed_in
from tests.chat import Chat
from tests.conftest import Later
from tests.noor import SARA, WHATSAPP, found_noor
from tests.twilio import deliver, inbound


def conversation_of(agent: Asker) -> dict[str, Any]:
    (found,) = agent.gets("/conversations")["items"]
    return dict(found)


def test_from_taking_over_to_handing_back(sara: Chat, agent: Asker) -> None:
    sara.says("hi")
    sara.says("2")
    one = conversation_of(agent)
    assert (one["taken_by"], one["window_closes_at"] is not None) == (None, True)
    taken = agent.asks("POST", f"/conversations/{one['id']}/take", {})
    assert (taken.status_code, taken.json["taken_by"]) == (200, str(agent.id))
    sara.reads()
    sara.hears("From now on The agent from our team answers you here.")
    for said in ("balance", "menu", "what is it about?"):
        sara.says(said)
        sara.hears_nothing()
    answered = agent.asks("POST", f"/conversations/{one['id']}/reply", {"text": "Good morning, Sara."})
    assert (answered.status_code, answered.json["status"], answered.json["channel"]) == (202, "queued", "whatsapp")
    sara.reads()
    sara.hears("Good morning, Sara.")
    released = agent.asks("POST", f"/conversations/{one['id']}/release")
    assert (released.status_code, released.json["taken_by"]) == (200, None)
    sara.reads()
    sara.hears("you get automatic answers again")
    sara.says("balance")
    assert sara.answers


def test_one_of_staff_has_it_at_a_time(sara: Chat, agent: Asker, colleague: Asker) -> None:
    sara.says("hi")
    path = f"/conversations/{conversation_of(agent)['id']}"
    assert agent.asks("POST", f"{path}/take", {}).status_code == 200
    for refused in (
        colleague.asks("POST", f"{path}/take", {}),
        agent.asks("POST", f"{path}/take", {"instead": True}),
        colleague.asks("POST", f"{path}/reply", {"text": "Hello"}),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "already_taken")
    assert colleague.asks("POST", f"{path}/take", {"instead": True}).status_code == 200
    assert agent.asks("POST", f"{path}/reply", {"text": "Hello"}).status_code == 409
    assert colleague.asks("POST", f"{path}/reply", {"text": "Hello"}).status_code == 202
    assert [agent.asks("POST", f"{path}/release").status_code for _ in range(2)] == [200, 409]


def test_who_answers_takes_over_by_it(sara: Chat, agent: Asker) -> None:
    sara.says("hi")
    path = f"/conversations/{conversation_of(agent)['id']}"
    assert agent.asks("POST", f"{path}/reply", {"media_url": "https://noor.example/map.png"}).status_code == 202
    assert len(sara.reads()) == 2
    assert agent.gets(path)["taken_by"] == str(agent.id)


def test_after_24_hours_only_a_template_goes_out(sara: Chat, agent: Asker, later: Later) -> None:
    sara.says("hi")
    path = f"/conversations/{conversation_of(agent)['id']}"
    assert agent.asks("POST", f"{path}/take", {}).status_code == 200
    later(hours=25)
    fresh = signed_in(agent.app, _business(agent), "agent", "third@noor.example")
    sara.reads()
    assert fresh.asks("POST", f"{path}/take", {"instead": True}).status_code == 200
    assert sara.reads() == []
    refused = fresh.asks("POST", f"{path}/reply", {"text": "Hello"})
    assert (refused.status_code, refused.json["code"]) == (409, "window_closed")
    assert fresh.gets(path)["window_closes_at"] is None
    assert sara.reads() == []
    sara.says("Hello?")
    assert fresh.asks("POST", f"{path}/reply", {"text": "Hello"}).status_code == 202


def _business(asker: Asker) -> Any:
    services: Services = asker.app.extensions["raseed"]
    with services.door.for_every_business() as session:
        return session.scalars(select(Conversation.business_id)).first()


def test_what_waited_for_its_time_is_over_once_staff_answers(
    sara: Chat, agent: Asker, services: Services, later: Later
) -> None:
    for said in ("hi", "2", "agent"):
        sara.says(said)
    with services.door.for_every_business() as session:
        (timer,) = session.scalars(select(Timer))
    assert agent.asks("POST", f"/conversations/{conversation_of(agent)['id']}/take", {}).status_code == 200
    with services.door.for_every_business() as session:
        assert session.scalar(text("SELECT turns FROM conversation")) != timer.turn


def test_notes_are_for_staff_only(sara: Chat, agent: Asker, colleague: Asker) -> None:
    sara.says("hi")
    path = f"/conversations/{conversation_of(agent)['id']}/notes"
    assert agent.asks("POST", path, {"text": "  Calls back on Sunday. "}).status_code == 201
    (note,) = colleague.gets(path)["items"]
    assert (note["author_name"], note["text"]) == ("The agent", "Calls back on Sunday.")
    assert sara.reads() == []


def test_another_business_takes_nothing_over(sara: Chat, app: Flask, agent: Asker, services: Services) -> None:
    sara.says("hi")
    one = conversation_of(agent)["id"]
    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    stranger = signed_in(app, other.business_id, "admin")
    for path, body in (("take", {}), ("release", None), ("reply", {"text": "x"}), ("notes", {"text": "x"})):
        assert stranger.asks("POST", f"/conversations/{one}/{path}", body).status_code == 404
    assert agent.gets(f"/conversations/{one}")["taken_by"] is None


@pytest.mark.parametrize("number", range(6))
def test_a_message_while_staff_takes_over_is_answered_once(
    sara: Chat, app: Flask, agent: Asker, services: Services, number: int
) -> None:
    """The row of the conversation decides: before it was taken the bot answers, after it the person, never both."""
    sara.says("hi")
    sara.says("2")
    one = conversation_of(agent)
    said = [f"balance{' ' * (place % 2)}" for place in range(6)]

    def writes(body: str) -> None:
        deliver(app, inbound("whatsapp", SARA, WHATSAPP, body))

    def takes(_: str) -> None:
        agent.asks("POST", f"/conversations/{one['id']}/take", {})

    # Now taken in the middle of what is written, now before, now after.
    works = [(writes, body) for body in said]
    works.insert(number, (takes, ""))
    sara.reads()
    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(lambda work: work[0](work[1]), works))
    rows = _in_order(services)
    handed = next(place for place, (_, words) in enumerate(rows) if "from our team answers" in words)
    before = [direction for direction, _ in rows[:handed]]
    after = [direction for direction, _ in rows[handed + 1 :]]
    assert before.count("outbound") == before.count("inbound")
    assert after.count("outbound") == 0
    assert before.count("inbound") + after.count("inbound") == len(said)


@pytest.mark.parametrize("number", range(3))
def test_a_message_while_staff_hands_back_is_answered_once(
    sara: Chat, app: Flask, agent: Asker, services: Services, number: int
) -> None:
    """What came before was left to the person; what comes after, the bot answers."""
    sara.says("hi")
    sara.says("2")
    path = f"/conversations/{conversation_of(agent)['id']}"
    assert agent.asks("POST", f"{path}/take", {}).status_code == 200

    def writes(_: int) -> None:
        deliver(app, inbound("whatsapp", SARA, WHATSAPP, "balance"))

    with ThreadPoolExecutor(7) as pool:
        # Now handed back in the middle of what is written, now before, now after.
        written = [pool.submit(writes, place) for place in range(number * 3)]
        handed = pool.submit(agent.asks, "POST", f"{path}/release")
        written += [pool.submit(writes, place) for place in range(number * 3, 6)]
    assert (handed.result().status_code, [one.result() for one in written]) == (200, [None] * 6)
    rows = _in_order(services)[1:]
    back = next(place for place, (_, words) in enumerate(rows) if "handed you back" in words)
    before, after = ([direction for direction, _ in part] for part in (rows[:back], rows[back + 1 :]))
    assert before.count("outbound") == 0
    assert after.count("outbound") == after.count("inbound")
    assert before.count("inbound") + after.count("inbound") == 6


@pytest.mark.parametrize("number", range(3))
def test_of_two_who_take_over_at_once_one_does(
    sara: Chat, agent: Asker, colleague: Asker, services: Services, number: int
) -> None:
    sara.says("hi")
    sara.says("2")
    path = f"/conversations/{conversation_of(agent)['id']}"
    # Now both take it over, now both answer in it, now one does this and the other that.
    asked = [("take", {}), ("reply", {"text": "Hello"})]
    done = [asked[place] for place in ((0, 0), (1, 1), (0, 1))[number]]
    with ThreadPoolExecutor(2) as pool:
        answers = [
            pool.submit(somebody.asks, "POST", f"{path}/{what}", body)
            for somebody, (what, body) in zip((agent, colleague), done, strict=True)
        ]
    statuses = [one.result().status_code for one in answers]
    assert sorted(statuses)[1] == 409
    winner = (agent, colleague)[statuses.index(409) ^ 1]
    assert agent.gets(path)["taken_by"] == str(winner.id)
    words = [said for _, said in _in_order(services)]
    assert sum("from our team answers" in said for said in words) == 1
    assert words.count("Hello") == (done[statuses.index(409) ^ 1][0] == "reply")
    with services.door.for_every_business() as session:
        assert session.scalar(text("SELECT count(*) FROM handover")) == 1


def _in_order(services: Services) -> list[tuple[str, str]]:
    """Return what was said since the menu, as the transactions had it, one after the other."""
    with services.door.for_every_business() as session:
        rows = session.execute(text("SELECT direction, text FROM message ORDER BY seq")).all()
    return [(row[0], row[1]) for row in rows][4:]


def test_a_template_goes_out_after_24_hours_too(sara: Chat, agent: Asker, services: Services, later: Later) -> None:
    sara.says("hi")
    path = f"/conversations/{conversation_of(agent)['id']}"
    approve_template(services, _business(agent))
    later(hours=25)
    fresh = signed_in(agent.app, _business(agent), "agent", "third@noor.example")
    sara.reads()
    asked = {"template": "works", "variables": {"name": "Sara"}}
    answered = fresh.asks("POST", f"{path}/reply", asked)
    assert (answered.status_code, answered.json["status"]) == (202, "queued")
    assert sara.reads() == ["Dear Sara, works on Friday."]
    for wrong in ({}, {"template": "works", "text": "x"}, {"template": "nothing"}, {"template": "works"}):
        assert fresh.asks("POST", f"{path}/reply", wrong).status_code == 422


def approve_template(services: Services, business_id: Any) -> None:
    with services.door.for_every_business() as session:
        for language in ("ar", "en"):
            row = {
                "account_sid": services.accounts.own.sid,
                "name": "works",
                "language": language,
                "version": 1,
                "body": "Dear {{1}}, works on Friday.",
                "variables": ["name"],
                "category": "utility",
                "content_sid": f"HX{language}",
                "status": "approved",
            }
            add_version(session, [business_id], row)
