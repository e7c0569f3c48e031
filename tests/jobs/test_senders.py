"""Several senders: how each does, whom that is told, and what moves to another when one can't send."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from bot.jobs.events import fold_all
from bot.jobs.health import watch_senders
from bot.jobs.outbox import send_all
from bot.jobs.watching import watch_numbers
from bot.jobs.worker_services import WorkerServices
from domain import clock
from domain.messages import Message
from domain.senders import Sender
from tests.api.people import signed_in
from tests.jobs.broadcast import Broadcast
from tests.jobs.conftest import Phone
from tests.jobs.saying import Says
from tests.noor import HUDA, OMAR, SARA, SMS, WHATSAPP, Noor

SECOND_SMS = "+966112000012"
SECOND_WHATSAPP = "+966112000011"


@pytest.fixture
def broadcast(served: Flask, workers: WorkerServices, noor: Noor) -> Broadcast:
    return Broadcast(served, workers, noor)


@pytest.fixture
def senders(broadcast: Broadcast) -> Callable[[], dict[str, Any]]:
    """How every sender does, by its address, once it was looked."""

    def look() -> dict[str, Any]:
        watch_senders(broadcast.workers, clock.now())
        return {one["address"]: one for one in broadcast.agent.gets("/senders")["items"]}

    return look


def another(broadcast: Broadcast, channel: str, address: str, **more: Any) -> None:
    with broadcast.workers.door.for_every_business() as session:
        session.add(
            Sender(
                business_id=broadcast.business_id, channel=channel, address=address, messages_per_second=9999, **more
            )
        )


def change(broadcast: Broadcast, address: str, **values: Any) -> None:
    for name, value in values.items():
        broadcast.sql(f"UPDATE sender SET {name} = :value WHERE address = :address", value=value, address=address)


def said_from(broadcast: Broadcast) -> dict[str, set[str]]:
    """Return to whom each number has, or is to have, said something."""
    with broadcast.workers.door.for_every_business() as session:
        rows = session.execute(
            text("SELECT sender.address, contact.address FROM message JOIN sender ON sender.id = sender_id"
                 " JOIN contact ON contact.id = contact_id WHERE direction = 'outbound'")
        ).all()  # fmt: skip
    return {sender: {to for one, to in rows if one == sender} for sender, _ in rows}


def told(broadcast: Broadcast) -> list[tuple[str, str]]:
    items = broadcast.agent.gets("/notifications", unread="true")["items"]
    return [(one["kind"], one["facts"]["code"]) for one in items if one["kind"].startswith("sender_")]


def test_what_goes_well_is_healthy(broadcast: Broadcast, says: Says, senders: Any) -> None:
    assert {one["health"]["state"] for one in senders().values()} == {"unknown"}
    says(OMAR, "Works on Friday", channels=("sms",))
    says(HUDA, "Works on Friday", channels=("sms",))
    assert senders()[SMS]["queued"] == 2
    broadcast.send()
    shown = senders()[SMS]
    assert shown["queued"] == 0
    health = shown["health"]
    assert (health["state"], health["tried"], health["failed"], health["error_rate"]) == ("healthy", 2, 0, 0.0)
    assert health["last_success_at"]
    assert told(broadcast) == []


def test_a_sender_that_fails_is_told_of_once(broadcast: Broadcast, phone: Phone, says: Says, senders: Any) -> None:
    broadcast.crowd(30)
    phone.fault("create", "error_code", params={"code": 30450})
    broadcast.started(audience={"tags": ["crowd"]})
    broadcast.go_on(3)
    fold_all(broadcast.workers, 20)
    health = senders()[SMS]["health"]
    assert (health["state"], health["reason"]) == ("unhealthy", "failing")
    assert health["error_rate"] > 0.9
    senders()
    assert told(broadcast) == [("sender_unhealthy", "failing")]
    broadcast.sql("UPDATE message SET created_at = created_at - interval '16 minutes'")
    assert senders()[SMS]["health"]["state"] != "unhealthy"


def test_wrong_numbers_are_no_fault_of_a_sender(broadcast: Broadcast, phone: Phone, senders: Any) -> None:
    broadcast.crowd(30)
    phone.fault("create", "error_code", params={"code": 21211})
    broadcast.started(audience={"tags": ["crowd"]})
    broadcast.go_on(3)
    assert senders()[SMS]["health"]["tried"] == 0
    assert told(broadcast) == []


def test_what_is_due_and_never_goes_out_is_stuck(broadcast: Broadcast, says: Says, senders: Any) -> None:
    says(OMAR, "Works on Friday", channels=("sms",))
    broadcast.sql("UPDATE message SET due_at = now() - interval '11 minutes'")
    health = senders()[SMS]["health"]
    assert (health["state"], health["reason"]) == ("unhealthy", "stuck")


def test_a_campaign_that_waits_for_the_morning_is_not_stuck(broadcast: Broadcast, senders: Any) -> None:
    broadcast.crowd(3)
    broadcast.started(audience={"tags": ["crowd"]})
    broadcast.feed()
    broadcast.sql("UPDATE message SET due_at = now() - interval '11 minutes', failures = 1")
    assert senders()[SMS]["health"]["state"] == "unknown"
    assert told(broadcast) == []


def test_what_twilio_says_of_a_number(broadcast: Broadcast, phone: Phone, senders: Any) -> None:
    watch_numbers(broadcast.workers, clock.now())
    health = senders()[WHATSAPP]["health"]
    assert (health["state"], health["provider_status"], health["quality"]) == ("healthy", "ONLINE", "HIGH")
    phone.set(quality_rating="LOW")
    watch_numbers(broadcast.workers, clock.now())
    assert senders()[WHATSAPP]["health"]["state"] == "at_risk"
    phone.set(offline_senders=[WHATSAPP])
    watch_numbers(broadcast.workers, clock.now())
    health = senders()[WHATSAPP]["health"]
    assert (health["state"], health["reason"], health["provider_status"]) == ("unhealthy", "offline", "OFFLINE")
    assert sorted(told(broadcast)) == [("sender_at_risk", "low_quality"), ("sender_unhealthy", "offline")]
    assert senders()[SMS]["health"]["provider_status"] is None


def test_an_account_that_can_not_be_asked_holds_up_no_other(
    broadcast: Broadcast, senders: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_SID", "AC" + "0" * 32)
    monkeypatch.setenv("OTHER_TOKEN", "wrong")
    another(broadcast, "whatsapp", "+966112000010", account_sid_var="OTHER_SID", auth_token_var="OTHER_TOKEN")
    watch_numbers(broadcast.workers, clock.now())
    found = {address: one["health"]["provider_status"] for address, one in senders().items()}
    assert found == {WHATSAPP: "ONLINE", SMS: None, "+966112000010": None, "NOOR": None}


def test_the_figures_are_watched(broadcast: Broadcast, says: Says, senders: Any, served: Flask) -> None:
    says(OMAR, "Works on Friday", channels=("sms",))
    senders()
    shown = served.test_client().get("/metrics").text
    assert f'raseed_sender_queued{{channel="sms",sender="{SMS}"}} 1.0' in shown
    assert f'raseed_sender_unhealthy{{channel="sms",sender="{SMS}"}} 0.0' in shown
    assert f'raseed_sender_error_ratio{{channel="sms",sender="{SMS}"}} 0.0' in shown


@pytest.mark.parametrize("how", ["disabled", "paused", "unhealthy"])
def test_a_notice_moves_to_another_number(
    broadcast: Broadcast, says: Says, senders: Any, how: str, phone: Phone
) -> None:
    says(OMAR, "Works on Friday", channels=("sms",))
    another(broadcast, "sms", SECOND_SMS)
    stop(broadcast, how)
    senders()
    assert said_from(broadcast) == {SECOND_SMS: {OMAR}}
    senders()
    with broadcast.workers.door.for_every_business() as session:
        assert session.scalars(select(Message.status)).one() == "queued"
    assert len({one for one in conversations(broadcast) if one[1] == OMAR}) == 2


def stop(broadcast: Broadcast, how: str, address: str = SMS) -> None:
    if how == "disabled":
        change(broadcast, address, enabled=False)
    elif how == "paused":
        change(broadcast, address, paused_until=clock.now() + timedelta(minutes=5))
    else:
        broadcast.sql(
            "UPDATE sender_health SET provider_status = 'OFFLINE' FROM sender"
            " WHERE sender.id = sender_id AND address = :address", address=address,
        )  # fmt: skip


def conversations(broadcast: Broadcast) -> list[tuple[str, str]]:
    with broadcast.workers.door.for_every_business() as session:
        rows = session.execute(
            text("SELECT sender.address, contact.address FROM conversation JOIN sender ON sender.id = sender_id"
                 " JOIN contact ON contact.id = contact_id")
        ).all()  # fmt: skip
    return [tuple(row) for row in rows]


def test_what_was_said_anew_from_another_number_arrives_once(
    broadcast: Broadcast, says: Says, senders: Any, phone: Phone
) -> None:
    phone.set(keep_messages=100)
    says(OMAR, "Works on Friday", channels=("sms",))
    another(broadcast, "sms", SECOND_SMS)
    stop(broadcast, "disabled")
    senders()
    change(broadcast, SMS, enabled=True)
    broadcast.send()
    assert len(phone.received()) <= 1
    assert said_from(broadcast) == {SECOND_SMS: {OMAR}}


def test_who_opted_out_of_the_one_gets_nothing_from_the_other(broadcast: Broadcast, says: Says, senders: Any) -> None:
    says(OMAR, "Works on Friday", channels=("sms",))
    broadcast.opt_out(OMAR, "sms")
    another(broadcast, "sms", SECOND_SMS)
    stop(broadcast, "disabled")
    senders()
    assert said_from(broadcast) == {SMS: {OMAR}}


def test_a_conversation_stays_at_its_number(broadcast: Broadcast, phone: Phone, says: Says, senders: Any) -> None:
    phone.writes("hi", SARA)
    says(SARA, "Works on Friday", channels=("whatsapp",))
    another(broadcast, "whatsapp", SECOND_WHATSAPP)
    stop(broadcast, "paused", WHATSAPP)
    senders()
    says(SARA, "And on Saturday", channels=("whatsapp",))
    assert said_from(broadcast) == {WHATSAPP: {SARA}}


def with_template(broadcast: Broadcast) -> None:
    broadcast.sql(
        """
        INSERT INTO template (id, created_at, business_id, account_sid, name, language, version, category, body,
                              variables, content_sid, status, checked_at)
        SELECT gen_random_uuid(), now(), id, :sid, 'offer', 'en', 1, 'marketing', 'Hello {{1}}', ARRAY['name'],
               'HX' || repeat('0', 32), 'approved', now() FROM business
        """,
        sid=broadcast.workers.accounts.own.sid,
    )


@pytest.mark.parametrize("same_account", [True, False])
def test_a_template_moves_within_its_account(broadcast: Broadcast, senders: Any, same_account: bool) -> None:
    with_template(broadcast)
    broadcast.agree(OMAR)
    broadcast.started(channel="whatsapp", texts=None, template="offer", audience={"phones": [OMAR]})
    broadcast.feed()
    broadcast.sql("UPDATE message SET kind = 'notice', campaign_id = NULL")
    more = {} if same_account else {"account_sid_var": "OTHER_SID", "auth_token_var": "OTHER_TOKEN"}
    another(broadcast, "whatsapp", SECOND_WHATSAPP, **more)
    stop(broadcast, "disabled", WHATSAPP)
    senders()
    assert said_from(broadcast) == {SECOND_WHATSAPP if same_account else WHATSAPP: {OMAR}}


@pytest.mark.parametrize("how", ["disabled", "paused", "unhealthy"])
def test_a_campaign_moves_to_another_number(broadcast: Broadcast, senders: Any, how: str) -> None:
    broadcast.crowd(40)
    campaign = broadcast.started(audience={"tags": ["crowd"]})
    broadcast.feed()
    assert broadcast.counts(campaign) == {"audience": 40, "queued": 40}
    another(broadcast, "sms", SECOND_SMS)
    stop(broadcast, how)
    senders()
    assert broadcast.feed() == 40
    assert set(said_from(broadcast)) == {SECOND_SMS}
    assert broadcast.counts(campaign) == {"audience": 40, "queued": 40}


def test_a_campaign_waits_where_there_is_no_other(broadcast: Broadcast, phone: Phone, senders: Any) -> None:
    broadcast.crowd(5)
    campaign = broadcast.started(audience={"tags": ["crowd"]})
    broadcast.feed()
    stop(broadcast, "paused")
    assert broadcast.feed() == 0
    assert broadcast.counts(campaign) == {"audience": 5, "queued": 5}
    stop(broadcast, "disabled")
    broadcast.feed()
    shown = broadcast.shown(campaign)
    assert (shown["status"], shown["reason"]) == ("paused", "no_sender")
    assert broadcast.counts(campaign) == {"audience": 5, "waiting": 5}
    change(broadcast, SMS, enabled=True, paused_until=None)
    broadcast.step(campaign, "resume")
    broadcast.go_on()
    assert len(phone.received()) == 5


def test_people_are_shared_by_pace_and_each_keeps_their_number(broadcast: Broadcast) -> None:
    broadcast.crowd(300)
    another(broadcast, "sms", SECOND_SMS)
    change(broadcast, SMS, messages_per_second=300)
    change(broadcast, SECOND_SMS, messages_per_second=100)
    broadcast.started(audience={"tags": ["crowd"]})
    broadcast.feed()
    first = said_from(broadcast)
    assert 195 < len(first[SMS]) < 255
    assert len(first[SMS]) + len(first[SECOND_SMS]) == 300
    broadcast.sql("UPDATE message SET status = 'delivered'")
    broadcast.started(audience={"tags": ["crowd"]})
    broadcast.feed()
    assert said_from(broadcast) == first


def test_five_senders_each_at_its_own_pace(broadcast: Broadcast, phone: Phone, served: Flask, noor: Noor) -> None:
    for number in range(3):
        another(broadcast, "sms", f"+96611200002{number}")
    admin = signed_in(served, noor.business_id, "admin")
    listed = {one["address"]: one["id"] for one in admin.gets("/senders")["items"] if one["channel"] == "sms"}
    assert len(listed) == 4
    paces = dict(zip(listed, (2, 4, 8, 16), strict=True))
    for address, pace in paces.items():
        shown = admin.asks("PATCH", f"/senders/{listed[address]}", {"messages_per_second": pace})
        assert shown.json["messages_per_second"] == pace
    broadcast.crowd(200)
    broadcast.started(audience={"tags": ["crowd"]})
    broadcast.feed()
    began, went = monotonic(), dict[str, int]()
    while set(went) != set(paces):
        assert monotonic() < began + 20, went
        send_all(broadcast.workers, 1)
        with broadcast.workers.door.for_every_business() as session:
            tried = text("SELECT address, count(*) FROM message JOIN sender ON sender.id = sender_id"
                         " WHERE attempts > 0 GROUP BY 1")  # fmt: skip
            went = {address: number for address, number in session.execute(tried)}  # noqa: C416
    seconds = monotonic() - began
    assert all(number <= (seconds + 2) * paces[address] for address, number in went.items()), went
